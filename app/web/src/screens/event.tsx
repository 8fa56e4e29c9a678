import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Banner } from "../parts/banner";
import { Saving, useSaving } from "../parts/saving";
import { address, go } from "../place";
import { session, type Session } from "../records";
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
const DOSE: Field = { name: "dose_mg", label: "Dose in mg", kind: "number", needed: true };
const LOT: Field = { name: "lot", label: "Lot", kind: "text", needed: false };

/** What each kind of event asks for. */
const FIELDS: Partial<Record<Kind, Field[]>> = {
  "infusion-started": [DOSE, { name: "planned_minutes", label: "Planned minutes", kind: "number", needed: false }, LOT],
  "nasal-device-given": [DOSE, LOT],
  "rate-changed": [{ name: "rate_ml_h", label: "Rate in ml/h", kind: "number", needed: true }],
  "medication-given": [
    { name: "code", label: "Medication, for example ondansetron", kind: "text", needed: true },
    { name: "dose", label: "Dose", kind: "number", needed: false },
    { name: "unit", label: "Unit", kind: "text", needed: false },
    { name: "route", label: "Route", kind: "text", needed: false },
  ],
  "oxygen-started": [{ name: "flow_l_min", label: "Flow in l/min", kind: "number", needed: true }],
  transferred: [{ name: "to", label: "To which hospital", kind: "text", needed: true }],
  addendum: [{ name: "text", label: "What is to be added", kind: "text", needed: true }],
};

/** Kinds that fit where the session stands, most likely first. */
function fitting(record: Session): Kind[] {
  const iv = record.route === "iv-infusion";
  const doses: Kind[] = iv ? ["infusion-started", "infusion-paused", "infusion-resumed", "rate-changed", "infusion-stopped"] : ["nasal-device-given"];
  const closing: Kind[] = ["transferred", "left-against-advice", "cancelled"];
  switch (record.state) {
    case "planned":
      return ["checked-in", ...doses, "cancelled"];
    case "discharged":
    case "cancelled":
    case "transferred":
    case "left-against-advice":
      return ["addendum"];
    default:
      return [...doses, "medication-given", "oxygen-started", "oxygen-stopped", "addendum", ...closing];
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
          <p class="unknown">This session is not on this tablet. Connect to load it.</p>
        ) : picked ? (
          <EventForm record={record} kind={picked} />
        ) : (
          <>
            <h2>What was given or done?</h2>
            {openSymptoms(record).map((code) => (
              <Resolved key={code} record={record} code={code} />
            ))}
            {kinds.map((each) => (
              <a class="button link" key={each} href={address({ screen: "event", id, kind: each })}>
                {plain(each)}
              </a>
            ))}
          </>
        )}
      </main>
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
        {plain(code)} has gone, now
      </button>
      <Saving state={saving} />
    </>
  );
}

async function keep(record: Session, kind: Kind, at: number, detail?: Record<string, unknown>): Promise<void> {
  const event_id = crypto.randomUUID();
  await type({
    id: event_id,
    method: "PUT",
    path: `/v1/sessions/${record.id}/events/${event_id}`,
    body: { kind, at: stamp(at), ...(detail ? { detail } : {}) },
    session_id: record.id,
    makes: false,
    about: `${plain(kind)}, ${record.patient.family_name}`,
  });
  go({ screen: "session", id: record.id });
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
        if (field.needed) return setFault(`${field.label} is needed.`);
        continue;
      }
      const value = field.kind === "number" ? Number(text) : text;
      if (typeof value === "number" && !(value > 0)) return setFault(`${field.label} must be a number above 0.`);
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
          {(Number(typed.dose_mg) / record.weight_kg).toFixed(2)} mg/kg at {record.weight_kg} kg
        </p>
      )}
      {kind === "infusion-started" || kind === "nasal-device-given" ? <Gate record={record} /> : null}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <Saving state={saving} />
      <button class="button primary">
        Save {plain(kind)} for {record.patient.family_name}, as {person.value?.name}
      </button>
      <a class="button plain link" href={address({ screen: "session", id: record.id })}>
        {words.cancel}
      </a>
    </form>
  );
}

/** A dose waits for screening and clearance: said before it is typed. */
function Gate({ record }: { record: Session }): VNode | null {
  const open = record.screening === null ? "screening is not answered" : !record.clearance && !record.course_clearance ? "no clinician has cleared this session" : null;
  if (open === null) return null;
  return (
    <p class="concern">
      The service will refuse this dose: {open}. <a href={address({ screen: "start", id: record.id })}>Mend it</a>
    </p>
  );
}

function preset(record: Session, kind: Kind): Record<string, string> {
  return kind === "infusion-started" && record.route === "iv-infusion" ? { planned_minutes: "40" } : {};
}

/** When it was: now, or some minutes ago. */
export function Instant({ at, ago, set }: { at: number; ago: number; set: (minutes: number) => void }): VNode {
  return (
    <div class="row" role="group" aria-label="When">
      <span class="value number">{clockText(at)}</span>
      <button type="button" class="button" onClick={() => set(Math.min(120, ago + 1))}>
        1 min earlier
      </button>
      <button type="button" class="button" onClick={() => set(Math.min(120, ago + 5))}>
        5 min earlier
      </button>
      <button type="button" class="button" disabled={ago === 0} onClick={() => set(0)}>
        Now
      </button>
      {ago > 0 && <span class="concern">typed {ago} min later</span>}
    </div>
  );
}
