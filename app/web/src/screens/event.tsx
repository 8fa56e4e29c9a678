import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Banner } from "../parts/banner";
import { Saving, useSaving } from "../parts/saving";
import { shortly } from "../names";
import { address, goOn, place } from "../place";
import { missing, session, type Session } from "../records";
import { person, type } from "../store";
import { clinicNow, clockText, stamp, tick } from "../time";
import { plain, words } from "../words";

type Kind = Schemas["EventKind"];

interface Field {
  name: string;
  label: string;
  kind: "number" | "text";
  needed: boolean;
}
const DOSE: Field = { name: "dose_mg", label: words.event.fields.dose_mg, kind: "number", needed: true };
const LOT: Field = { name: "lot", label: words.event.fields.lot, kind: "text", needed: false };

/** What each kind of event asks for. */
const FIELDS: Partial<Record<Kind, Field[]>> = {
  "infusion-started": [DOSE, { name: "planned_minutes", label: words.event.fields.planned_minutes, kind: "number", needed: false }, LOT],
  "nasal-device-given": [DOSE, LOT],
  "rate-changed": [{ name: "rate_ml_h", label: words.event.fields.rate_ml_h, kind: "number", needed: true }],
  "medication-given": [
    { name: "code", label: words.event.fields.code, kind: "text", needed: true },
    { name: "dose", label: words.event.fields.dose, kind: "number", needed: false },
    { name: "unit", label: words.event.fields.unit, kind: "text", needed: false },
    { name: "route", label: words.event.fields.route, kind: "text", needed: false },
  ],
  "oxygen-started": [{ name: "flow_l_min", label: words.event.fields.flow_l_min, kind: "number", needed: true }],
  transferred: [{ name: "to", label: words.event.fields.to, kind: "text", needed: true }],
  addendum: [{ name: "text", label: words.event.fields.text, kind: "text", needed: true }],
};

/** Kinds that end a session some other way than a discharge. */
const ENDINGS: Kind[] = ["transferred", "left-against-advice", "cancelled"];

/** Kinds that fit where the session stands, most likely first. */
function fitting(record: Session): Kind[] {
  const iv = record.route === "iv-infusion";
  const doses: Kind[] = iv ? ["infusion-started", "infusion-paused", "infusion-resumed", "rate-changed", "infusion-stopped"] : ["nasal-device-given"];
  switch (record.state) {
    case "planned":
      return ["checked-in", ...doses, "cancelled"];
    case "discharged":
    case "cancelled":
    case "transferred":
    case "left-against-advice":
      return ["addendum"];
    default:
      return [...doses, "medication-given", "oxygen-started", "oxygen-stopped", "addendum", ...ENDINGS];
  }
}

/** Something given or done: which, when, how much. */
export function EventScreen({ id, kind }: { id: string; kind?: string | undefined }): VNode {
  const record = session(id);
  const kinds = record ? fitting(record) : [];
  const picked = kinds.find((each) => each === kind);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        {!record ? (
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        ) : picked ? (
          <EventForm record={record} kind={picked} />
        ) : (
          <>
            <h2>{words.event.title}</h2>
            {openSymptoms(record).map((code) => (
              <Resolved key={code} record={record} code={code} />
            ))}
            <Kinds id={id} kinds={kinds.filter((each) => !ENDINGS.includes(each))} />
            {kinds.some((each) => ENDINGS.includes(each)) && (
              <>
                <h2>{words.event.closing}</h2>
                <Kinds id={id} kinds={kinds.filter((each) => ENDINGS.includes(each))} />
              </>
            )}
          </>
        )}
      </main>
    </div>
  );
}

function Kinds({ id, kinds }: { id: string; kinds: Kind[] }): VNode {
  return (
    <div class="choose">
      {kinds.map((each) => (
        <a class="button" key={each} href={address({ screen: "event", id, kind: each })}>
          {plain(each)}
        </a>
      ))}
    </div>
  );
}

/** Codes named in a set in force and not resolved since. */
function openSymptoms(record: Session): string[] {
  const last = new Map<string, number>();
  for (const reading of record.readings) {
    if (reading.void) continue;
    for (const symptom of reading.symptoms ?? []) last.set(symptom.code, Math.max(last.get(symptom.code) ?? 0, Date.parse(reading.measured_at)));
  }
  for (const event of record.events) {
    const code = event.kind === "symptom-resolved" && !event.void ? String(event.detail?.code) : null;
    if (code !== null && Date.parse(event.at) > (last.get(code) ?? Infinity)) last.delete(code);
  }
  return [...last.keys()];
}

function Resolved({ record, code }: { record: Session; code: string }): VNode {
  const saving = useSaving();
  const save = (): Promise<void> => saving.run(() => keep(record, "symptom-resolved", clinicNow(), { code }));
  return (
    <>
      <button class="button" onClick={() => void save()}>
        {words.event.gone(plain(code))}
      </button>
      <Saving state={saving} />
    </>
  );
}

async function keep(record: Session, kind: Kind, at: number, detail?: Record<string, unknown>): Promise<void> {
  const from = place.peek();
  const event_id = crypto.randomUUID();
  await type({
    id: event_id,
    method: "PUT",
    path: `/v1/sessions/${record.id}/events/${event_id}`,
    body: { kind, at: stamp(at), ...(detail ? { detail } : {}) },
    session_id: record.id,
    makes: false,
    about: words.event.about(plain(kind), shortly(record.patient)),
  });
  goOn(from, { screen: "session", id: record.id });
}

function EventForm({ record, kind }: { record: Session; kind: Kind }): VNode {
  const [typed, setTyped] = useState<Record<string, string>>(() => preset(record, kind));
  const [ago, setAgo] = useState(0);
  const [fault, setFault] = useState("");
  const saving = useSaving();
  tick.value;
  const fields = FIELDS[kind] ?? [];
  const at = clinicNow() - ago * 60_000;
  const submit = (event: Event): void => {
    event.preventDefault();
    const detail: Record<string, unknown> = {};
    for (const field of fields) {
      const text = (typed[field.name] ?? "").trim();
      if (text === "") {
        if (field.needed) return setFault(words.event.needed(field.label));
        continue;
      }
      const value = field.kind === "number" ? Number(text) : text;
      if (typeof value === "number" && !(value > 0)) return setFault(words.event.aboveZero(field.label));
      detail[field.name] = field.name === "code" ? text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") : value;
    }
    setFault("");
    void saving.run(() => keep(record, kind, at, fields.length > 0 ? detail : undefined));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <h2>{plain(kind)}</h2>
      <Instant at={at} ago={ago} set={setAgo} />
      {fields.map((field) => (
        <label class="field" key={field.name}>
          <span>{field.label}</span>
          <input
            inputMode={field.kind === "number" ? "decimal" : "text"}
            autoComplete="off"
            value={typed[field.name] ?? ""}
            onInput={(event) => setTyped({ ...typed, [field.name]: event.currentTarget.value })}
          />
        </label>
      ))}
      {kind === "infusion-started" && record.weight_kg && Number(typed.dose_mg) > 0 && (
        <p class="quiet number">
          {words.event.perKilogram((Number(typed.dose_mg) / record.weight_kg).toFixed(2), record.weight_kg)}
        </p>
      )}
      {(kind === "infusion-started" || kind === "nasal-device-given") && record.known !== "line" && <Gate record={record} />}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <Saving state={saving} />
      <span class="row acts">
        <a class="button plain" href={address({ screen: "session", id: record.id })}>
          {words.cancel}
        </a>
        <button class="button primary" disabled={saving.busy}>
          {words.event.save(plain(kind), shortly(record.patient), person.value?.name ?? "")}
        </button>
      </span>
    </form>
  );
}

/** A dose waits for screening and clearance: said before it is typed. */
function Gate({ record }: { record: Session }): VNode | null {
  const open = record.screening === null ? words.event.notScreened : !record.clearance && !record.course_clearance ? words.event.notCleared : null;
  if (open === null) return null;
  return (
    <p class="concern">
      {words.event.refusedFor(open)} <a href={address({ screen: "start", id: record.id })}>{words.event.mend}</a>
    </p>
  );
}

function preset(record: Session, kind: Kind): Record<string, string> {
  return kind === "infusion-started" && record.route === "iv-infusion" ? { planned_minutes: "40" } : {};
}

/** When it was: now, or some minutes ago. */
export function Instant({ at, ago, set }: { at: number; ago: number; set: (minutes: number) => void }): VNode {
  return (
    <div class="row" role="group" aria-label={words.event.when}>
      <span class="value number">{clockText(at)}</span>
      <button type="button" class="button" onClick={() => set(Math.min(120, ago + 1))}>
        {words.event.earlier(1)}
      </button>
      <button type="button" class="button" onClick={() => set(Math.min(120, ago + 5))}>
        {words.event.earlier(5)}
      </button>
      <button type="button" class="button" disabled={ago === 0} onClick={() => set(0)}>
        {words.event.now}
      </button>
      {ago > 0 && <span class="concern">{words.event.typedLater(ago)}</span>}
    </div>
  );
}
