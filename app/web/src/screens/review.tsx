import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask, Refused, type Schemas } from "../api";
import { Banner } from "../parts/banner";
import { Readiness } from "../parts/readiness";
import { Saving, useSaving } from "../parts/saving";
import { Trend } from "../parts/trend";
import { address } from "../place";
import { load, session, type Session } from "../records";
import { connected, own, person, silentSince } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";
import { EscortForm } from "./start";

type Decision = Schemas["Decision"];

/** Evidence first, then one's own look at the patient, then one decision, then what is signed word for word. */
export function Review({ id }: { id: string }): VNode {
  const record = session(id);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page stack">
        {record ? <Body record={record} /> : <p class="unknown">This session is not on this tablet. Connect to load it.</p>}
      </main>
    </div>
  );
}

function Body({ record }: { record: Session }): VNode {
  if (!connected.value) return <p class="unknown">{words.unknownOffline(clockText(silentSince.value ?? 0))}. Nothing can be signed now.</p>;
  return (
    <>
      <Readiness record={record} />
      <Trend record={record} />
      {record.notices.map((notice) => (
        <Notice key={notice.id} record={record} notice={notice} />
      ))}
      {person.value?.role === "clinician" && record.readiness && !record.readiness.closed && <Sign record={record} readiness={record.readiness} />}
      {record.state === "recovering" && <EscortForm record={record} />}
      {record.state === "recovering" && <Discharge record={record} />}
      {record.confirmations.map((each) => (
        <section class="card" key={each.id}>
          <h2>
            {each.decision} by {each.signed_by.name} at {clockText(each.signed_at)}
          </h2>
          {each.information_arrived_after_signing && <p class="concern">Information arrived after signing.</p>}
          <pre class="wrap">{each.signed_text}</pre>
        </section>
      ))}
    </>
  );
}

function Sign({ record, readiness }: { record: Session; readiness: Schemas["ReadinessOut"] }): VNode {
  const [looked, setLooked] = useState({ alert: false, steady: false, speaks: false });
  const [own_assessment, setOwn] = useState("");
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState("");
  const [password, setPassword] = useState("");
  /** The digest that was on screen when the clinician began: if it moves on, they look again. */
  const [seen, setSeen] = useState(readiness.digest);
  const [changed, setChanged] = useState<string[]>([]);
  const saving = useSaving();
  const moved = seen !== readiness.digest;
  const met = readiness.status === "met";
  const own_words = [looked.alert ? "alert" : "", looked.steady ? "steady" : "", looked.speaks ? "speaks clearly" : "", own_assessment.trim()].filter(Boolean).join(", ");
  const ready = own_words !== "" && (decision !== "confirm" || (looked.alert && looked.steady && looked.speaks));
  const open = readiness.findings.filter((finding) => finding.outcome !== "met").map((finding) => words.criteria[finding.criterion]);

  if (moved || changed.length > 0)
    return (
      <section class="concern stack" role="alert">
        <h2>Something has changed while you looked</h2>
        {changed.map((line) => (
          <p key={line}>{line}</p>
        ))}
        <p>The findings above are what holds now.</p>
        <button
          class="button primary"
          onClick={() => {
            setSeen(readiness.digest);
            setChanged([]);
            setDecision(null);
          }}
        >
          I have looked again
        </button>
      </section>
    );
  const sign = (event: Event): void => {
    event.preventDefault();
    if (decision === null) return;
    void saving.run(async () => {
      try {
        const body = { id: crypto.randomUUID(), decision, digest: seen, own_assessment: own_words, password, ...(reason.trim() ? { reason: reason.trim() } : {}) };
        await ask("post", "/v1/sessions/{session_id}/confirmations", { session_id: record.id }, body, own());
        setDecision(null);
        await load(record.id);
      } catch (failure) {
        if (failure instanceof Refused && failure.problem.code === "assessment-moved-on") {
          setChanged([failure.problem.detail]);
          await load(record.id);
          return;
        }
        throw failure;
      } finally {
        setPassword("");
      }
    });
  };
  return (
    <form class="card" onSubmit={sign} aria-labelledby="look">
      <h2 id="look">Your own look at the patient</h2>
      <Tick label="Alert" on={looked.alert} tap={() => setLooked({ ...looked, alert: !looked.alert })} />
      <Tick label="Steady on their feet" on={looked.steady} tap={() => setLooked({ ...looked, steady: !looked.steady })} />
      <Tick label="Speaks clearly" on={looked.speaks} tap={() => setLooked({ ...looked, speaks: !looked.speaks })} />
      <label class="field">
        <span>In your own words</span>
        <textarea rows={2} value={own_assessment} onInput={(event) => setOwn(event.currentTarget.value)} />
      </label>
      {own_words !== "" && decision === null && (
        <div class="stack">
          {met && (
            <button type="button" class="button" disabled={!(looked.alert && looked.steady && looked.speaks)} onClick={() => setDecision("confirm")}>
              &#9744; Confirm: the criteria are met and I agree
            </button>
          )}
          <hr />
          <button type="button" class="button plain" onClick={() => setDecision("decline")}>
            Decline: the patient stays
          </button>
          {!met && (
            <details>
              <summary class="button">&#9888; Override…</summary>
              <p>You would take responsibility for: {open.join(", ")}.</p>
              <button type="button" class="button" onClick={() => setDecision("override")}>
                Override these criteria
              </button>
            </details>
          )}
        </div>
      )}
      {decision !== null && (
        <div class="stack">
          <h2>You sign: {decision}</h2>
          <p>
            I have examined the patient: {own_words}.{" "}
            {decision === "confirm" && "I confirm that the discharge criteria are met."}
            {decision === "decline" && "I decline the discharge."}
            {decision === "override" && `I take responsibility although these are not met or cannot be told: ${open.join(", ")}.`}
          </p>
          <p class="quiet wrap">Assessment {seen}</p>
          {decision !== "confirm" && (
            <label class="field">
              <span>Reason</span>
              <textarea rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            </label>
          )}
          <label class="field">
            <span>Your password</span>
            <input type="password" autoComplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
          </label>
          <span class="row">
            <button class="button primary" disabled={saving.busy || !ready || !password || (decision !== "confirm" && !reason.trim())}>
              Sign as {person.value?.name}
            </button>
            <button type="button" class="button plain" onClick={() => setDecision(null)}>
              Back to the decision
            </button>
          </span>
        </div>
      )}
      <Saving state={saving} />
    </form>
  );
}

function Tick({ label, on, tap }: { label: string; on: boolean; tap: () => void }): VNode {
  return (
    <button type="button" class="button" role="checkbox" aria-checked={on} onClick={tap}>
      {on ? "☑" : "☐"} {label}
    </button>
  );
}

function Notice({ record, notice }: { record: Session; notice: Schemas["NoticeOut"] }): VNode | null {
  const [note, setNote] = useState("");
  const saving = useSaving();
  if (notice.acknowledged)
    return (
      <p class="quiet">
        {notice.text}: acknowledged by {notice.acknowledged.recorded_by.name}
      </p>
    );
  const see = (): Promise<void> =>
    saving.run(async () => {
      const names = { session_id: record.id, notice_id: notice.id };
      await ask("post", "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge", names, note.trim() ? { note: note.trim() } : {}, own());
      await load(record.id);
    });
  return (
    <section class="danger stack">
      <h2>&#9888; {notice.text}</h2>
      {person.value?.role === "clinician" && (
        <>
          <label class="field">
            <span>Note (needed where somebody else signed)</span>
            <input value={note} onInput={(event) => setNote(event.currentTarget.value)} />
          </label>
          <button class="button" onClick={() => void see()}>
            I have seen this, {person.value.name}
          </button>
        </>
      )}
      <Saving state={saving} />
    </section>
  );
}

function Discharge({ record }: { record: Session }): VNode {
  const [instructions, setInstructions] = useState<boolean | null>(null);
  const [note, setNote] = useState("");
  const saving = useSaving();
  const leave = (): Promise<void> =>
    saving.run(async () => {
      const body = { left_at: stamp(clinicNow()), instructions_given: instructions === true, ...(note.trim() ? { note: note.trim() } : {}) };
      await ask("post", "/v1/sessions/{session_id}/discharge", { session_id: record.id }, body, own());
      await load(record.id);
    });
  return (
    <section class="card" aria-labelledby="leave">
      <h2 id="leave">The patient leaves</h2>
      <div class="row" role="radiogroup" aria-label="Instructions given">
        <span>Instructions given</span>
        <button type="button" class="button" role="radio" aria-checked={instructions === true} onClick={() => setInstructions(true)}>
          Yes
        </button>
        <button type="button" class="button" role="radio" aria-checked={instructions === false} onClick={() => setInstructions(false)}>
          No
        </button>
      </div>
      <label class="field">
        <span>Condition and notes</span>
        <textarea rows={2} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <button class="button" disabled={instructions === null} onClick={() => void leave()}>
        {record.patient.family_name} leaves now
      </button>
      <Saving state={saving} />
      <a class="button plain link" href={address({ screen: "session", id: record.id })}>
        {words.back}
      </a>
    </section>
  );
}
