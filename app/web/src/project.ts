// One projection: a record with what waits on this tablet laid over it. Every screen draws what this one function gives,
// so that what was typed a moment ago stands on all of them, and what is typed next rests on it. A refusal lays nothing
// over a sheet; a refused set or event stays in sight, marked.

import { upon, whatOf, type Item, type Kept, type State } from "./items";
import { lifeOf, phaseAt } from "./life";
import { items } from "./outbox";
import type { Event, Reading, Session } from "./records";
import { refusalOf } from "./refusals";
import type { ReadingIn } from "./vitals";

/** Where a set or an event stands. `state` null: it is in the record; `changing`: a correction or void that waits here. */
export interface Wait {
  state: State | null;
  problem: string | null;
  changing: { what: "correction" | "void"; state: State } | null;
}
export interface View extends Session {
  /** What it is laid over: doubts are about this very look, never about a view of it. */
  heard: Session;
  /** Of the sets, events and sheets that are not as the record has them, by id or name. */
  waits: ReadonlyMap<string, Wait>;
}
export type Sheet = "screening" | "escort" | "header" | "patient";

export const IN_THE_RECORD: Wait = { state: null, problem: null, changing: null };

const by = (item: Item): { staff_id: string; name: string; role: string } => ({ staff_id: item.author.staff_id, name: item.author.name, role: "" });
const stated = (item: Item) => ({ recorded_at: item.typed_at, recorded_by: by(item), tablet_id: null });

/** The record as it will be once all that waits has arrived, as far as this tablet can know it. */
export function project(record: Session, kept: readonly Kept[]): View {
  const view: View = { ...record, heard: record, waits: new Map() };
  const waits = new Map<string, Wait>();
  const readings = new Map(record.readings.map((reading) => [reading.id, reading]));
  const events = new Map(record.events.map((event) => [event.id, event]));
  for (const each of kept) {
    const what = whatOf(each.item);
    if (what.kind === "other" || (what.kind === "patient" ? what.patient_id !== record.patient_id : what.session_id !== record.id)) continue;
    const holds: Wait = { state: each.state, problem: each.problem && refusalOf(each.problem), changing: null };
    if (what.kind === "reading") {
      if (readings.has(what.reading_id)) continue;
      readings.set(what.reading_id, typedSet(what.reading_id, each.item));
      waits.set(what.reading_id, holds);
    } else if (what.kind === "event") {
      if (events.has(what.event_id)) continue;
      events.set(what.event_id, typedEvent(what.event_id, each.item));
      waits.set(what.event_id, holds);
    } else if (what.kind === "correction" || what.kind === "reading-void") {
      const old = readings.get(what.reading_id);
      const next = old && (what.kind === "correction" ? corrected(old, each) : voided(old, each));
      if (!next) continue;
      readings.set(what.reading_id, next);
      waits.set(what.reading_id, changing(waits.get(what.reading_id), what.kind === "correction" ? "correction" : "void", each));
    } else if (what.kind === "event-void") {
      const old = events.get(what.event_id);
      const next = old && voided(old, each);
      if (!next) continue;
      events.set(what.event_id, next);
      waits.set(what.event_id, changing(waits.get(what.event_id), "void", each));
    } else if (each.item.method === "PUT" && each.state !== "refused") {
      const sheet = what.kind === "session" ? "header" : what.kind;
      if (layOver(view, sheet, each.item)) waits.set(sheet, holds);
    }
  }
  if (waits.size === 0) return view;
  view.waits = waits;
  view.events = [...events.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.id.localeCompare(b.id));
  const inForce = view.events.filter((event) => event.void === null && waits.get(event.id)?.state !== "refused");
  if (view.events.some((event) => waits.has(event.id))) Object.assign(view, lifeOf(record, inForce));
  view.readings = [...readings.values()]
    .map((reading) => (waits.get(reading.id)?.state == null ? reading : { ...reading, phase: phaseAt(view, inForce, reading.measured_at) }))
    .sort((a, b) => a.measured_at.localeCompare(b.measured_at) || a.id.localeCompare(b.id));
  // when the next set is due is the service's to say; a set that waits here has answered what it last said
  if (view.readings.some((reading) => answers(waits.get(reading.id)) && !reading.void && answered(record, reading))) view.due = null;
  return view;
}

const answers = (wait: Wait | undefined): boolean => wait !== undefined && wait.state !== null && wait.state !== "refused";
const answered = ({ readings, phase_since }: Session, { measured_at }: Reading): boolean =>
  readings.every((each) => each.void !== null || each.measured_at < measured_at) && (phase_since === null || measured_at >= phase_since);

const changing = (before: Wait | undefined, what: "correction" | "void", { state, problem }: Kept): Wait => ({
  state: before?.state ?? null,
  problem: problem ? refusalOf(problem) : (before?.problem ?? null),
  changing: { what, state },
});

const FIELDS: Record<Sheet, readonly string[]> = {
  screening: ["answers", "same_day", "asked_at"],
  escort: ["name", "relationship", "present", "present_at", "phone"],
  header: ["patient_id", "route", "protocol", "chair", "planned_at", "course_id", "weight_kg", "had_left_at"],
  patient: ["family_name", "given_names", "birth_date", "record_number", "sex"],
};

/** What a sheet says, as it is sent: what is not there is left out. */
export function contentOf(view: Session, sheet: Sheet): Record<string, unknown> {
  const kept = ((sheet === "header" ? view : view[sheet]) ?? {}) as unknown as Record<string, unknown>;
  return Object.fromEntries(FIELDS[sheet].filter((name) => kept[name] != null).map((name) => [name, kept[name]]));
}

/** Puts a sheet's new revision in place; false where the record has one as new, or the same is written there. */
function layOver(view: View, sheet: Sheet, item: Item): boolean {
  const revision = upon(item) + 1;
  const body = item.body as Record<string, unknown>;
  const old = sheet === "header" ? view : view[sheet];
  if (old !== null && (old.revision >= revision || same(contentOf(view, sheet), body))) return false;
  const next = { ...body, ...stated(item), revision, reason: null };
  if (sheet === "header") {
    const { patient_id: _, route: __, protocol: ___, ...free } = body;
    Object.assign(view, { chair: null, weight_kg: null, planned_at: null, course_id: null, ...free, revision });
  } else if (sheet === "escort") view.escort = { relationship: null, present_at: null, phone: null, ...next } as View["escort"];
  else if (sheet === "screening") view.screening = { same_day: {}, asked_at: null, ...next } as unknown as View["screening"];
  else {
    const { given_names } = body as { given_names?: string[] };
    view.patient = { ...view.patient, ...next, ...(given_names ? { given_name: given_names.join(" ") } : {}) };
  }
  return true;
}

/** The same content says the same: the service keeps no second revision of it. */
export function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]));
}

function voided<F extends Reading | Event>(fact: F, { item, state }: Kept): F | null {
  if (fact.void !== null) return null;
  if (state === "refused") return fact;
  return { ...fact, void: { revision: 1, reason: (item.body as { reason: string }).reason, ...stated(item) } };
}

/** The set as corrected here. A concern about a value that stands is kept; about another the service has not spoken. */
function corrected(old: Reading, { item, state }: Kept): Reading | null {
  if (old.revision > upon(item)) return null;
  if (state === "refused") return old;
  const { reason, reading } = item.body as { reason: string; reading: ReadingIn };
  const next = typedSet(old.id, { ...item, body: reading });
  const concerns = old.concerns.filter((concern) => old[concern.vital] === next[concern.vital]);
  return { ...next, revision: upon(item) + 1, revisions: old.revisions + 1, reason, phase: old.phase, void: old.void, concerns };
}

/** A set that only this tablet has, in the shape of those of the record. */
function typedSet(id: string, item: Item): Reading {
  const body = item.body as ReadingIn;
  const oxygen = body.oxygen ?? null;
  return {
    id,
    revision: 1,
    revisions: 1,
    measured_at: body.measured_at,
    ...stated(item),
    reason: null,
    void: null,
    phase: null,
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

function typedEvent(id: string, item: Item): Event {
  const body = item.body as { kind: Event["kind"]; at: string; detail?: Record<string, unknown> };
  return { id, revision: 1, kind: body.kind, at: body.at, detail: body.detail ?? null, clock_doubtful: false, reason: null, ...stated(item), void: null };
}

const views = new WeakMap<Session, { kept: readonly Kept[]; view: View }>();

/** The record as the screens draw it now: one and the same for all of them. */
export function shown(record: Session): View {
  const kept = items.value;
  const before = views.get(record);
  if (before?.kept === kept) return before.view;
  const view = project(record, kept);
  views.set(record, { kept, view });
  return view;
}
