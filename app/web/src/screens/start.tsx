import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../api";
import { Banner } from "../parts/banner";
import { Saving, useSaving } from "../parts/saving";
import { address } from "../place";
import { load, session, waiting, type Session } from "../records";
import { connected, own, person, type } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";

const EXCLUSIONS = {
  "active-substance-abuse": "Active substance abuse",
  "no-negative-urine-toxicology": "No negative urine toxicology screen",
  "history-of-psychosis": "History of psychosis",
  "raised-intracranial-pressure": "History of raised intracranial pressure",
  pregnancy: "Current pregnancy",
  "uncontrolled-hypertension": "Uncontrolled hypertension",
  "unstable-cardiovascular-disease": "Acute or unstable cardiovascular disease",
  "previous-negative-response": "Previous negative response to ketamine",
} as const;
type Exclusion = keyof typeof EXCLUSIONS;
const ALL = Object.keys(EXCLUSIONS) as Exclusion[];

/** Before a dose: eight answers, a clinician's clearance, and who takes the patient home. */
export function Start({ id }: { id: string }): VNode {
  const record = session(id);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        {record ? (
          <>
            <Screening record={record} />
            <Override record={record} />
            <Clearance record={record} />
            <EscortForm record={record} />
          </>
        ) : (
          <p class="unknown">This session is not on this tablet. Connect to load it.</p>
        )}
      </main>
      <footer class="foot">
        <a class="button primary link" href={address({ screen: "session", id })}>
          To the session
        </a>
      </footer>
    </div>
  );
}

function Screening({ record }: { record: Session }): VNode {
  const kept = record.screening;
  const [answers, setAnswers] = useState<Partial<Record<Exclusion, boolean>>>({});
  const saving = useSaving();
  const shown = (name: Exclusion): boolean | undefined => answers[name] ?? kept?.answers[name];
  const complete = ALL.every((name) => shown(name) !== undefined);
  const changed = ALL.some((name) => answers[name] !== undefined && answers[name] !== kept?.answers[name]);
  const save = (): Promise<void> =>
    saving.run(async () => {
      const body = { answers: Object.fromEntries(ALL.map((name) => [name, shown(name)])) };
      await type({
        id: crypto.randomUUID(),
        method: "PUT",
        path: `/v1/sessions/${record.id}/screening`,
        body,
        headers: kept ? { "If-Match": `"${kept.revision}"` } : {},
        session_id: record.id,
        makes: false,
        about: `Screening of ${record.patient.family_name}`,
      });
    });
  return (
    <section class="card" aria-labelledby="screening">
      <h2 id="screening">Screening: is this so today?</h2>
      {kept && (
        <p class="quiet">
          answered at {clockText(kept.recorded_at)} by {kept.recorded_by.name}
        </p>
      )}
      {ALL.map((name) => (
        <div class="row spread" role="radiogroup" aria-label={EXCLUSIONS[name]} key={name}>
          <span>{EXCLUSIONS[name]}</span>
          <span class="row">
            <Pick label="No" on={shown(name) === false} tap={() => setAnswers({ ...answers, [name]: false })} />
            <Pick label="Yes" on={shown(name) === true} tap={() => setAnswers({ ...answers, [name]: true })} />
          </span>
        </div>
      ))}
      {!kept && Object.keys(answers).length === 0 && <p class="quiet">All eight are asked; none is answered for you.</p>}
      <button class="button primary" disabled={!complete || (!changed && kept !== null)} onClick={() => void save()}>
        Save screening for {record.patient.family_name}, as {person.value?.name}
      </button>
      <Saving state={saving} />
    </section>
  );
}

export function Pick({ label, on, tap }: { label: string; on: boolean; tap: () => void }): VNode {
  return (
    <button type="button" class="button" role="radio" aria-checked={on} onClick={tap}>
      {label}
    </button>
  );
}

/** Exclusions that are present stop the dose, unless a clinician overrides them, signed and with a reason. */
function Override({ record }: { record: Session }): VNode | null {
  const overridden = new Set(record.overrides.flatMap((each) => each.exclusions));
  const present = ALL.filter((name) => record.screening?.answers[name] && !overridden.has(name));
  const [reason, setReason] = useState("");
  const [password, setPassword] = useState("");
  const saving = useSaving();
  if (present.length === 0) return null;
  const sign = (): Promise<void> =>
    saving.run(async () => {
      try {
        const body = { exclusions: present, reason, password };
        await ask("post", "/v1/sessions/{session_id}/screening/override", { session_id: record.id }, body, own());
        await load(record.id);
      } finally {
        setPassword("");
      }
    });
  return (
    <section class="danger stack" aria-labelledby="override">
      <h2 id="override">No dose: {present.map((name) => EXCLUSIONS[name].toLowerCase()).join(", ")}</h2>
      {person.value?.role === "clinician" ? (
        <>
          <label class="field">
            <span>Why it does not stop this session</span>
            <textarea rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
          <label class="field">
            <span>Your password</span>
            <input type="password" autoComplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
          </label>
          <button class="button" disabled={!reason.trim() || !password || !connected.value} onClick={() => void sign()}>
            Sign the override, as {person.value.name}
          </button>
        </>
      ) : (
        <p>A clinician may override this, signed and with a reason.</p>
      )}
      <Saving state={saving} />
    </section>
  );
}

function Clearance({ record }: { record: Session }): VNode {
  const held = record.clearance ?? record.course_clearance;
  const saving = useSaving();
  const clear = (): Promise<void> =>
    saving.run(async () => {
      await ask("put", "/v1/sessions/{session_id}/clearance", { session_id: record.id }, {}, own());
      await load(record.id);
    });
  return (
    <section class="card" aria-labelledby="clearance">
      <h2 id="clearance">Clearance</h2>
      {held ? (
        <p>
          cleared by {held.recorded_by.name} at {clockText(held.recorded_at)}
          {held.until ? `, until ${held.until.slice(0, 10)}` : ""}
        </p>
      ) : person.value?.role === "clinician" ? (
        <button class="button" disabled={!connected.value} onClick={() => void clear()}>
          Clear this session for {record.patient.family_name}, as {person.value.name}
        </button>
      ) : (
        <p class="unknown">Not cleared: a clinician must clear the course or this session before a dose.</p>
      )}
      <Saving state={saving} />
    </section>
  );
}

export function EscortForm({ record }: { record: Session }): VNode {
  const kept = record.escort;
  const [name, setName] = useState(kept?.name ?? "");
  const saving = useSaving();
  const save = (present: boolean): Promise<void> =>
    saving.run(async () => {
      await type({
        id: crypto.randomUUID(),
        method: "PUT",
        path: `/v1/sessions/${record.id}/escort`,
        body: { name: name.trim(), present, ...(present ? { present_at: stamp(clinicNow()) } : {}) },
        headers: kept ? { "If-Match": `"${kept.revision}"` } : {},
        session_id: record.id,
        makes: false,
        about: `Escort of ${record.patient.family_name}`,
      });
    });
  return (
    <section class="card" aria-labelledby="escort">
      <h2 id="escort">Escort</h2>
      {kept && (
        <p>
          {kept.name}: {kept.present && kept.present_at ? `seen here at ${clockText(kept.present_at)}` : "not seen here yet"}
        </p>
      )}
      <label class="field">
        <span>Who takes the patient home</span>
        <input autoComplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <span class="row">
        <button class="button" disabled={!name.trim()} onClick={() => void save(false)}>
          Named, not here yet
        </button>
        <button class="button" disabled={!name.trim()} onClick={() => void save(true)}>
          Seen here now
        </button>
      </span>
      <Saving state={saving} />
      {waiting(record.id).length > 0 && !connected.value && <p class="quiet">{words.unsent(waiting(record.id).length)}</p>}
    </section>
  );
}
