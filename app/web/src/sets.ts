// Sets and events as the screens draw them. And what a new set starts from: nothing but the patient, the clock and the
// last set to show beside it.

import type { Schemas } from "./api";
import { IN_THE_RECORD, type View, type Wait } from "./project";
import type { Event, Reading, Session } from "./records";
import { type Consciousness, type Draft, type Field, ORDER, questions, SCORES, type Scale, values, type Values } from "./vitals";
import { words } from "./words";

/** A set or an event with where it stands. */
export type Row = { reading: Reading } & Wait;

/** Every set of a session, newest first. */
export function rows(view: View): Row[] {
  return view.readings
    .map((reading) => ({ reading, ...(view.waits.get(reading.id) ?? IN_THE_RECORD) }))
    .sort((a, b) => Date.parse(b.reading.measured_at) - Date.parse(a.reading.measured_at) || b.reading.id.localeCompare(a.reading.id));
}

/** Its events, oldest first. */
export function events(view: View): ({ event: Event } & Wait)[] {
  return view.events.map((event) => ({ event, ...(view.waits.get(event.id) ?? IN_THE_RECORD) }));
}

/** Whether it counts: in force, and not refused. */
export const counts = ({ state, ...of }: Wait & ({ reading: Reading } | { event: Event })): boolean =>
  state !== "refused" && ("reading" in of ? of.reading : of.event).void === null;

/** The infusion's last start that counts, as far as this view knows one. */
export const lastStart = (view: View): Event | undefined => events(view).filter((each) => each.event.kind === "infusion-started" && counts(each)).at(-1)?.event;

/** The newest set in force measured before an instant, leaving one out. */
export function lastSet(view: View, before: number, without?: string): Reading | undefined {
  return rows(view).find((row) => counts(row) && row.reading.id !== without && Date.parse(row.reading.measured_at) < before)?.reading;
}

/** Its numbers. */
export function numbers(reading: Reading | undefined): Values {
  const found: Values = {};
  for (const vital of ORDER) {
    const value = reading?.[vital];
    if (value !== null && value !== undefined) found[vital] = value;
  }
  return found;
}

/** The scale the session's protocol grades consciousness by; null where this tablet does not know it. */
export function scaleOf(record: Session): Scale | null {
  const said = record.limits["consciousness-recovered"]?.scale;
  return typeof said === "string" && said in SCORES ? (said as Scale) : null;
}

/** A level in a narrow place: the scale is said where it is not MOAA/S. */
export function levelText({ scale, score }: Consciousness): string {
  const signed = scale === "rass" && Number(score) > 0 ? `+${score}` : String(score);
  return scale === "moaas" ? signed : `${words.entry.scaleNames[scale]} ${signed}`;
}

/** Whether oxygen was given and not stopped, or was on in the last set: then the air is asked for, never assumed. */
export function oxygenInDoubt(view: View, last: Reading | undefined): boolean {
  if (view.known === "line") return true;
  const said = events(view).filter((each) => counts(each) && (each.event.kind === "oxygen-started" || each.event.kind === "oxygen-stopped"));
  return said.at(-1)?.event.kind === "oxygen-started" || last?.oxygen?.kind === "supplemental";
}

/** Symptoms named in sets that count, with the severity and time of their last mention. */
export function named(view: View): Map<string, { severity: string | null; at: string }> {
  const found = new Map<string, { severity: string | null; at: string }>();
  for (const row of rows(view).reverse()) {
    if (!counts(row)) continue;
    for (const symptom of row.reading.symptoms ?? []) found.set(symptom.code, { severity: symptom.severity, at: row.reading.measured_at });
  }
  return found;
}

/** Codes named and not resolved since. */
export function openSymptoms(view: View): string[] {
  const last = named(view);
  for (const each of events(view)) {
    const code = each.event.kind === "symptom-resolved" && counts(each) ? String(each.event.detail?.code) : "";
    const mention = last.get(code);
    if (mention && Date.parse(each.event.at) > Date.parse(mention.at)) last.delete(code);
  }
  return [...last.keys()];
}

/** What a protocol calls concerning about a value, as far as the tablet knows it: shown, never argued with. */
export function concerning(record: Session, vital: keyof Values, value: number): string | null {
  const limits = record.limits["concerns-acknowledged"]?.[vital] as
    | { floor: number | null; ceiling: number | null; delta: number | null }
    | undefined;
  if (!limits) return null;
  if (limits.floor !== null && value < limits.floor) return `below ${limits.floor}`;
  if (limits.ceiling !== null && value > limits.ceiling) return `above ${limits.ceiling}`;
  const reference = record.baseline?.vitals[vital];
  if (limits.delta !== null && reference && reference.count > 0 && Math.abs(value * reference.count - reference.sum) > limits.delta * reference.count)
    return `more than ${limits.delta} from the baseline ${reference.shown}`;
  return null;
}

/** A draft that holds a reading as it stands, to be corrected. */
export function correctionOf(reading: Reading, draft: Draft): Draft {
  const filled: Draft = {
    ...draft,
    correct: { reading: reading.id, revision: reading.revision, reason: "" },
    measured: Date.parse(reading.measured_at),
    digits: Object.fromEntries(Object.entries(numbers(reading)).map(([vital, value]) => [vital, String(value)])),
    not_measured: reading.not_measured as Partial<Record<Field, string>>,
    oxygen: reading.oxygen === null ? null : reading.oxygen.kind === "room-air" ? { kind: "room-air" } : { kind: "supplemental", flow: reading.oxygen.flow_l_min === null ? "" : String(reading.oxygen.flow_l_min) },
    consciousness: reading.consciousness,
    dissociation: reading.dissociation,
    gait_steady: reading.gait_steady,
    orientated: reading.orientated,
    symptoms: reading.symptoms as Schemas["SymptomIn"][] | null,
    note: reading.note ?? "",
  };
  const asked = questions(values(filled), {});
  for (const vital of reading.confirmed_unlikely) filled.confirmed[vital] = asked.get(vital)?.key ?? "";
  return filled;
}
