import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../api";
import { Banner } from "../parts/banner";
import { Saving, useSaving } from "../parts/saving";
import { shortly } from "../names";
import { address } from "../place";
import { load, missing, session, waiting, type Session } from "../records";
import { connected, own, person, type } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";

const EXCLUSIONS = words.start.exclusions;
type Exclusion = keyof typeof EXCLUSIONS;
const ALL = Object.keys(EXCLUSIONS) as Exclusion[];

/** Before a dose: eight answers, a clinician's clearance, and who takes the patient home. */
export function Start({ id }: { id: string }): VNode {
  const record = session(id);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        {record && record.known !== "line" ? (
          <>
            <Screening record={record} />
            <Override record={record} />
            <Clearance record={record} />
            <EscortForm record={record} />
          </>
        ) : (
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        )}
      </main>
      <footer class="foot">
        <a class={record?.screening === null ? "button" : "button primary"} href={address({ screen: "session", id })}>
          {words.start.toSession}
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
        about: words.start.screeningOf(shortly(record.patient)),
      });
    });
  return (
    <section class="card" aria-labelledby="screening">
      <h2 id="screening">{words.start.screening}</h2>
      {kept && (
        <p class="quiet">
          {words.start.answered(clockText(kept.recorded_at), kept.recorded_by.name)}
        </p>
      )}
      {ALL.map((name) => (
        <YesNo key={name} question={EXCLUSIONS[name]} answer={shown(name) ?? null} set={(answer) => setAnswers({ ...answers, [name]: answer })} />
      ))}
      {!kept && Object.keys(answers).length === 0 && <p class="quiet">{words.start.allEight}</p>}
      <button class={kept === null ? "button primary" : "button"} disabled={!complete || (!changed && kept !== null) || saving.busy} onClick={() => void save()}>
        {words.start.saveScreening(shortly(record.patient), person.value?.name ?? "")}
      </button>
      <Saving state={saving} />
    </section>
  );
}

/** One question with two answers, neither given beforehand. */
export function YesNo({ question, answer, set }: { question: string; answer: boolean | null; set: (answer: boolean) => void }): VNode {
  const pick = (value: boolean, label: string): VNode => (
    <button
      type="button"
      class="button"
      role="radio"
      aria-checked={answer === value}
      tabIndex={answer === value || (answer === null && !value) ? 0 : -1}
      onClick={() => set(value)}
    >
      {label}
    </button>
  );
  // arrow keys walk a group of radios
  const walk = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    if (!/^Arrow/.test(event.key)) return;
    event.preventDefault();
    const other = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")].find((each) => each !== document.activeElement);
    other?.focus();
    other?.click();
  };
  return (
    <div class="ask" role="radiogroup" aria-label={question} onKeyDown={walk}>
      <span>{question}</span>
      <span class="row">
        {pick(false, words.start.no)}
        {pick(true, words.start.yes)}
      </span>
    </div>
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
      <h2 id="override">{words.start.noDose(present.map((name) => EXCLUSIONS[name].toLowerCase()).join(", "))}</h2>
      {person.value?.role === "clinician" ? (
        <>
          <label class="field">
            <span>{words.start.whyNot}</span>
            <textarea rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
          <label class="field">
            <span>{words.review.password}</span>
            <input type="password" autoComplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
          </label>
          <button class="button" disabled={!reason.trim() || !password || !connected.value} onClick={() => void sign()}>
            {words.start.signOverride(person.value.name)}
          </button>
        </>
      ) : (
        <p>{words.start.mayOverride}</p>
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
      <h2 id="clearance">{words.start.clearance}</h2>
      {held ? (
        <p>
          {words.start.cleared(held.recorded_by.name, clockText(held.recorded_at))}
          {held.until ? words.start.until(held.until.slice(0, 10)) : ""}
        </p>
      ) : person.value?.role === "clinician" ? (
        <button class="button" disabled={!connected.value} onClick={() => void clear()}>
          {words.start.clear(shortly(record.patient), person.value.name)}
        </button>
      ) : (
        <p class="unknown">{words.start.notCleared}</p>
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
        about: words.start.escortOf(shortly(record.patient)),
      });
    });
  return (
    <section class="card" aria-labelledby="escort">
      <h2 id="escort">{words.start.escort}</h2>
      {kept && (
        <p>
          {kept.present && kept.present_at ? words.start.seenAt(kept.name, clockText(kept.present_at)) : words.start.notSeen(kept.name)}
        </p>
      )}
      <label class="field">
        <span>{words.start.whoTakes}</span>
        <input autoComplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <span class="row">
        <button class="button" disabled={!name.trim()} onClick={() => void save(false)}>
          {words.start.namedOnly}
        </button>
        <button class="button" disabled={!name.trim()} onClick={() => void save(true)}>
          {words.start.seenNow}
        </button>
      </span>
      <Saving state={saving} />
      {waiting(record.id).length > 0 && !connected.value && <p class="quiet">{words.unsent(waiting(record.id).length)}</p>}
    </section>
  );
}
