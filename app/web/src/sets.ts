// Sets as this tablet knows them: those of the record, with what was typed here and is not in the record yet beside
// them. And what a new set starts from: nothing but the patient, the clock and the last set to show beside it.

import type { Schemas } from "./api";
import { items, type Kept, type State } from "./outbox";
import type { Event, Reading, Session } from "./records";
import { type Consciousness, type Draft, type Field, ORDER, questions, SCORES, type ReadingIn, type Scale, values, type Values } from "./vitals";
import { words } from "./words";

/** A set with where it stands. `state` null: in the record; `changing`: a correction or void that waits here. */
export interface Row {
  reading: Reading;
  state: State | null;
  problem: string | null;
  changing: { what: "correction" | "void"; state: State } | null;
}

const READING = /\/readings\/([0-9a-f-]+)(?:\/(corrections|void))?$/;

function mine(id: string): Kept[] {
  return items.value.filter((kept) => kept.item.session_id === id);
}

/** Every set of a session, newest first. */
export function rows(record: Session): Row[] {
  const found = new Map<string, Row>(record.readings.map((reading) => [reading.id, { reading, state: null, problem: null, changing: null }]));
  for (const kept of mine(record.id)) {
    const [, id, change] = READING.exec(kept.item.path) ?? [];
    if (id === undefined) continue;
    if (change === undefined) {
      if (!found.has(id)) found.set(id, { reading: typed(id, kept, record), state: kept.state, problem: kept.problem?.detail ?? null, changing: null });
      continue;
    }
    const row = found.get(id);
    if (row && kept.state !== "in the record") found.set(id, { ...row, problem: kept.problem?.detail ?? null, changing: { what: change === "void" ? "void" : "correction", state: kept.state } });
  }
  return [...found.values()].sort((a, b) => Date.parse(b.reading.measured_at) - Date.parse(a.reading.measured_at) || b.reading.id.localeCompare(a.reading.id));
}

/** A set that only this tablet has, in the shape of those of the record. */
function typed(id: string, { item }: Kept, record: Session): Reading {
  const body = item.body as ReadingIn;
  const oxygen = body.oxygen ?? null;
  return {
    id,
    revision: 1,
    revisions: 1,
    measured_at: body.measured_at,
    recorded_at: item.typed_at,
    recorded_by: { staff_id: item.author.staff_id, name: item.author.name, role: "" },
    reason: null,
    tablet_id: null,
    void: null,
    phase: record.phase ?? "baseline",
    concerns: [],
    clock_doubtful: false,
    heart_rate: body.heart_rate ?? null,
    systolic: body.systolic ?? null,
    diastolic: body.diastolic ?? null,
    respiratory_rate: body.respiratory_rate ?? null,
    spo2: body.spo2 ?? null,
    oxygen: oxygen === null ? null : { kind: oxygen.kind, flow_l_min: oxygen.kind === "supplemental" && oxygen.flow_l_min != null ? Number(oxygen.flow_l_min) : null },
    consciousness: body.consciousness ?? null,
    dissociation: body.dissociation ? { instrument: null, version: null, score: null, items: null, ...body.dissociation } : null,
    symptoms: body.symptoms?.map((each) => ({ code: each.code, severity: each.severity, onset: each.onset ?? null })) ?? null,
    gait_steady: body.gait_steady ?? null,
    orientated: body.orientated ?? null,
    not_measured: body.not_measured ?? {},
    confirmed_unlikely: body.confirmed_unlikely ?? [],
    note: body.note ?? null,
  };
}

/** Events of the record and of this tablet, oldest first; `state` null: in the record. */
export function events(record: Session): { event: Event; state: State | null }[] {
  const found = new Map<string, { event: Event; state: State | null }>(record.events.map((event) => [event.id, { event, state: null }]));
  for (const kept of mine(record.id)) {
    const id = kept.item.method === "PUT" ? /\/events\/([0-9a-f-]+)$/.exec(kept.item.path)?.[1] : undefined;
    if (id === undefined || found.has(id)) continue;
    const body = kept.item.body as { kind: Event["kind"]; at: string; detail?: Record<string, unknown> };
    const author = { staff_id: kept.item.author.staff_id, name: kept.item.author.name, role: "" };
    const event: Event = { id, revision: 1, kind: body.kind, at: body.at, detail: body.detail ?? null, clock_doubtful: false, reason: null, recorded_at: kept.item.typed_at, recorded_by: author, tablet_id: null, void: null };
    found.set(id, { event, state: kept.state });
  }
  return [...found.values()].sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at) || a.event.id.localeCompare(b.event.id));
}

/** The newest set in force measured before an instant, leaving one out. */
export function lastSet(record: Session, before: number, without?: string): Reading | undefined {
  return rows(record).find(({ reading, state }) => reading.id !== without && !reading.void && state !== "refused" && Date.parse(reading.measured_at) < before)?.reading;
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
export function oxygenInDoubt(record: Session, last: Reading | undefined): boolean {
  if (record.known === "line") return true;
  const said = events(record).filter(({ event }) => !event.void && (event.kind === "oxygen-started" || event.kind === "oxygen-stopped"));
  return said.at(-1)?.event.kind === "oxygen-started" || last?.oxygen?.kind === "supplemental";
}

/** Symptoms named in sets in force, with the severity and time of their last mention. */
export function named(record: Session): Map<string, { severity: string | null; at: string }> {
  const found = new Map<string, { severity: string | null; at: string }>();
  for (const { reading } of [...rows(record)].reverse()) {
    if (reading.void) continue;
    for (const symptom of reading.symptoms ?? []) found.set(symptom.code, { severity: symptom.severity, at: reading.measured_at });
  }
  return found;
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
