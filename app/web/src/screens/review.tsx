import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused, type Schemas } from "../api";
import { sameOutcomes, whatChanged } from "../changes";
import { judged, silence } from "../fresh";
import { Banner } from "../parts/banner";
import { Readiness } from "../parts/readiness";
import { Concerns } from "../parts/concerns";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { Signed } from "../parts/signed";
import { Sign, useSigner } from "../parts/signer";
import { Trend } from "../parts/trend";
import { useTyped } from "../parts/typed";
import { shortly } from "../names";
import { address } from "../place";
import { shown } from "../project";
import { load, missing, session, type Session } from "../records";
import { useScope } from "../scope";
import type { Proof } from "../signing";
import { charts, person } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { criterion, words } from "../words";
import { EscortForm } from "./escort";

type Decision = Schemas["Decision"];
type Assessed = Session & { readiness: Schemas["ReadinessOut"] };

/** Evidence first, then one's own look at the patient, then one decision, then what is signed word for word. */
export function Review({ id }: { id: string }): VNode {
  const record = session(id);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack review">{record ? <Body record={record} /> : <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>}</main>
    </div>
  );
}

function Body({ record }: { record: Session }): VNode {
  const since = silence();
  const view = shown(record);
  return (
    <>
      {/* what is typed below stays: a service that is not heard for a moment takes no word from anybody */}
      {since !== null && (
        <p class="unknown">
          {words.unknownOffline(since)}. {words.review.nothingNow}
        </p>
      )}
      <Signed view={view} here="review" />
      <Concerns view={view} />
      <Readiness view={view} />
      <Trend record={view} />
      {record.notices.map((notice) => (
        <Notice key={notice.id} record={record} notice={notice} />
      ))}
      {person.value?.role === "clinician" && record.readiness && !record.readiness.closed && <Decide record={record as Assessed} />}
      {charts.value && record.state === "recovering" && <EscortForm record={view} />}
      {charts.value && record.state === "recovering" && <Discharge record={record} />}
      {record.confirmations.map((each) => (
        <section class="card" key={each.id}>
          <h2>{words.next.signedBy(words.next.signed[each.decision], each.signed_by.name, clockText(each.signed_at))}</h2>
          {each.information_arrived_after_signing && <p class="concern">{words.review.arrivedLate}</p>}
          <p>{each.own_assessment}</p>
          <details>
            <summary>{words.review.wordForWord}</summary>
            <pre class="wrap">{each.signed_text}</pre>
          </details>
        </section>
      ))}
    </>
  );
}

const LOOKS = ["alert", "steady", "speaks"] as const;
const LOOK_MS = 2_000;

function Decide({ record }: { record: Assessed }): VNode {
  const [looked, setLooked] = useState<readonly string[]>([]);
  const [own_assessment, setOwn, ownKept] = useTyped(record.id, "own-words", "");
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState("");
  const signer = useSigner();
  /** The record as it was when the clinician began to look: if its assessment moves on, they look again. */
  const [begun, setSeen] = useState<Assessed | null>(null);
  const seen = begun ?? record;
  const begin = (): void => setSeen((before) => before ?? newest.current);
  const newest = useRef(record);
  newest.current = record;
  useEffect(() => {
    // a screen that opens draws what was known, and a moment later what is: nobody has looked in between
    const looked = setTimeout(begin, LOOK_MS);
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, begin, { once: true });
    return () => {
      clearTimeout(looked);
      for (const event of ["pointerdown", "keydown"]) removeEventListener(event, begin);
    };
  }, []);
  const [refused, setRefused] = useState<string | null>(null);
  const form = useForm();
  const scope = useScope();
  const judgement = judged(record);
  const unknown = judgement.known ? null : judgement;
  const { readiness } = record;
  const met = judgement.known && judgement.value.met !== null;
  const whole = LOOKS.every((look) => looked.includes(look));
  const own_words = [...LOOKS.filter((look) => looked.includes(look)).map((look) => words.review.looks[look].signed), own_assessment.trim()].filter(Boolean).join(", ");
  const open = readiness.findings.filter((finding) => finding.outcome !== "met").map((finding) => criterion(finding.criterion));
  const name = person.value?.name ?? "";
  /** What is signed on these findings already: it can be taken back, and that is all. */
  const here = record.confirmations.filter((each) => each.digest === readiness.digest).map((each) => each.decision);
  const word = here.find((each) => each === "decline") ?? here.at(-1) ?? null;

  if (seen.readiness.digest !== readiness.digest || refused !== null)
    return (
      <section class="concern stack" role="alert">
        <h2>{words.review.moved}</h2>
        {refused !== null && <p>{refused}</p>}
        <ul class="stack">
          {whatChanged(seen, record).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p>{words.review.holdsNow}</p>
        <span class="row acts">
          <button
            type="button"
            class="button primary"
            onClick={() => {
              setSeen(record);
              setRefused(null);
              // looked again, and all is as it was: what the clinician has ticked stands
              if (sameOutcomes(seen, record)) return;
              setDecision(null);
              setLooked([]);
              signer.clear();
            }}
          >
            {words.review.again}
          </button>
        </span>
      </section>
    );
  if (word === "decline") return <p class="card">{words.review.declined}</p>;
  // a decision on a word that is not fresh any more is no decision
  const decided = unknown === null && (decision !== "confirm" || met) && (decision === "decline" || word === null) ? decision : null;
  const says = { decision: decided, digest: seen.readiness.digest, own_assessment: own_words, reason: reason.trim() || null, had_left_at: null, examined_by: null };
  const sign = (proof: () => Promise<Proof>): Promise<void> =>
    form.run(async () => {
      if (decided === null) return;
      try {
        const body = { id: crypto.randomUUID(), ...says, decision: decided, ...(await proof()) };
        await scope.ask("post", "/v1/sessions/{session_id}/confirmations", { session_id: record.id }, body);
        setDecision(null);
        setLooked([]);
        ownKept();
        setReason("");
        await load(record.id);
      } catch (failure) {
        if (failure instanceof Refused && failure.problem.code === "assessment-moved-on") {
          setRefused(failure.problem.detail);
          await load(record.id);
          return;
        }
        throw failure;
      } finally {
        signer.clear();
      }
    });
  return (
    <form class="card" onSubmit={(event) => event.preventDefault()} aria-labelledby="look">
      <h2 id="look">{words.review.ownLook}</h2>
      {LOOKS.map((look) => (
        <Tick
          key={look}
          label={words.review.looks[look].asked}
          on={looked.includes(look)}
          tap={() => setLooked(looked.includes(look) ? looked.filter((each) => each !== look) : [...looked, look])}
        />
      ))}
      <Field label={words.review.ownWords} lines={2} most={2000} value={own_assessment} set={setOwn} />
      {unknown !== null && <p class="unknown">{words.review.notNow}</p>}
      {unknown === null && own_words !== "" && decided === null && (
        <div class="stack">
          {met && word === null && (
            <button type="button" class="button tick" disabled={!whole} onClick={() => setDecision("confirm")}>
              <span aria-hidden="true">&#9744;</span> {words.review.confirm}
            </button>
          )}
          {met && word === null && !whole && <p class="quiet">{words.review.threeFirst}</p>}
          {word === null && <hr />}
          <button type="button" class="button plain" onClick={() => setDecision("decline")}>
            {word === null ? words.review.decline : words.review.takeBack(word)}
          </button>
          {!met && word === null && (
            <details>
              <summary class="override">&#9888; {words.review.overrideMore}</summary>
              <div class="danger stack">
                <p>{words.review.overrideFor(open.join(", "))}</p>
                <button type="button" class="button" onClick={() => setDecision("override")}>
                  {words.review.override}
                </button>
              </div>
            </details>
          )}
        </div>
      )}
      {decided !== null && (
        <div class="stack">
          <h2>{words.review.youSign(decided)}</h2>
          <blockquote class="signed">
            {words.review.examined(own_words)} {decided === "override" ? words.review.overriding(open.join(", ")) : words.review.says[decided]}
          </blockquote>
          <p class="quiet wrap">{words.review.assessment(seen.readiness.digest)}</p>
          {decided !== "confirm" && (
            <Field label={words.review.reason} lines={2} most={2000} value={reason} set={setReason} />
          )}
          <Sign
            signer={signer}
            label={words.review.sign(name)}
            toSign={{ sign: "confirmation", about: record.id, says }}
            act={sign}
            busy={form.busy}
            disabled={own_words === "" || (decided === "confirm" && !whole) || (decided !== "confirm" && !reason.trim())}
            before={
              <button type="button" class="button plain" onClick={() => setDecision(null)}>
                {words.review.back}
              </button>
            }
          />
        </div>
      )}
      <Outcome form={form} />
    </form>
  );
}

function Tick({ label, on, tap }: { label: string; on: boolean; tap: () => void }): VNode {
  return (
    <button type="button" class="button tick" role="checkbox" aria-checked={on} onClick={tap}>
      <span aria-hidden="true">{on ? "☑" : "☐"}</span> {label}
    </button>
  );
}

function Notice({ record, notice }: { record: Session; notice: Schemas["NoticeOut"] }): VNode | null {
  const [note, setNote, noteKept] = useTyped(record.id, `notice/${notice.id}`, "");
  const form = useForm();
  const scope = useScope();
  if (notice.acknowledged)
    return (
      <p class="quiet">
        {words.review.acknowledgedBy(notice.text, notice.acknowledged.recorded_by.name)}
      </p>
    );
  const see = (): Promise<void> =>
    form.run(async () => {
      const names = { session_id: record.id, notice_id: notice.id };
      await scope.ask("post", "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge", names, note.trim() ? { note: note.trim() } : {});
      noteKept();
      await load(record.id);
    });
  return (
    <section class="danger stack">
      <h2>&#9888; {notice.text}</h2>
      {person.value?.role === "clinician" && (
        <>
          <Field label={words.review.noticeNote} value={note} set={setNote} />
          <button class="button" disabled={form.busy} onClick={() => void see()}>
            {words.readiness.acknowledge(person.value.name)}
          </button>
        </>
      )}
      <Outcome form={form} />
    </section>
  );
}

const yesNo = [
  { value: true, label: words.start.yes },
  { value: false, label: words.start.no },
];

function Discharge({ record }: { record: Session }): VNode {
  const [instructions, setInstructions] = useState<boolean | null>(null);
  const [note, setNote, noteKept] = useTyped(record.id, "discharge-note", "");
  const form = useForm();
  const scope = useScope();
  const leave = async (): Promise<void> => {
    const body = { left_at: stamp(clinicNow()), instructions_given: instructions === true, ...(note.trim() ? { note: note.trim() } : {}) };
    await scope.ask("post", "/v1/sessions/{session_id}/discharge", { session_id: record.id }, body);
    noteKept();
    await load(record.id);
  };
  return (
    <section class="card" aria-labelledby="leave">
      <h2 id="leave">{words.review.leaving}</h2>
      <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ instructions: instructions === null ? words.review.instructionsNeeded : "" }), leave)}>
        <Ask line label={words.review.instructions} options={yesNo} picked={instructions} pick={setInstructions} fault={form.faults.instructions} />
        <Field label={words.review.condition} lines={2} value={note} set={setNote} />
        <button class="button" disabled={form.busy}>
          {words.review.leavesNow(shortly(record.patient))}
        </button>
        <Outcome form={form} fields={["instructions"]} />
      </form>
      <a class="button plain" href={address({ screen: "session", id: record.id })}>
        {words.back}
      </a>
    </section>
  );
}
