// What can be typed, what is asked again, and what a set becomes when it is sent. The bands are the service's, and a
// test holds the two together; the jump against the last set is asked on the tablet only, so that the order in which
// sets arrive can change nothing. Nothing here judges a patient.

import type { Schemas } from "./api";
import { BOUNDS, readNumber } from "./numbers";
import type { Touch } from "./stamps";
import { words } from "./words";

export type Vital = Schemas["Vital"];
export type ReadingIn = Schemas["ReadingIn"];
export type Grade = Schemas["DissociationGrade"];
export type Scale = Schemas["ConsciousnessScale"];
export type Consciousness = Schemas["ConsciousnessIn"];
export type Symptom = Schemas["SymptomIn"];
export type Values = Partial<Record<Vital, number>>;
/** What may be *not measured*: the fields of a reading under the service's names. */
export type Field = Vital | "consciousness" | "dissociation" | "gait_steady" | "orientated" | "symptoms" | "oxygen";

export interface Band {
  low: number;
  high: number;
}
interface Bands {
  possible: Band;
  likely: Band;
}

/** In the order in which the cursor walks. */
export const VITALS: Record<Vital, Bands> = {
  systolic: { possible: { low: 40, high: 300 }, likely: { low: 80, high: 190 } },
  diastolic: { possible: { low: 20, high: 200 }, likely: { low: 40, high: 115 } },
  heart_rate: { possible: { low: 20, high: 300 }, likely: { low: 40, high: 140 } },
  respiratory_rate: { possible: { low: 0, high: 80 }, likely: { low: 8, high: 30 } },
  spo2: { possible: { low: 30, high: 100 }, likely: { low: 90, high: 100 } },
};
export const ORDER = Object.keys(VITALS) as Vital[];
/** Likely difference between systolic and diastolic, mmHg. */
export const PULSE_PRESSURE: Band = { low: 15, high: 120 };
/** Every score of each scale, the best first. */
export const SCORES: Record<Scale, (number | string)[]> = {
  moaas: [5, 4, 3, 2, 1, 0],
  acvpu: ["A", "C", "V", "P", "U"],
  rass: [0, 1, 2, 3, 4, -1, -2, -3, -4, -5],
};
export const GRADES: Grade[] = ["none", "mild", "moderate", "severe"];
/** Fields that are a value or *not measured* with a reason before a set can be kept. */
const REQUIRED = [...ORDER, "consciousness", "dissociation"] as const;

/** Asked again beyond this many per cent of the last set, and this far: small numbers jump far in per cent. */
const JUMP_PERCENT = 40;
const JUMP_LEAST: Record<Vital, number> = { systolic: 0, diastolic: 0, heart_rate: 0, respiratory_rate: 10, spo2: 0 };

export const holds = (band: Band, value: number): boolean => band.low <= value && value <= band.high;

/** The number typed; null where the digits are none yet: empty, or a zero in front. */
export function numberOf(digits: string): number | null {
  return /^(0|[1-9][0-9]{0,2})$/.test(digits) ? Number(digits) : null;
}

/** Whether no further digit can be meant: every longer number is impossible. Then the cursor moves on by itself. */
export function complete(vital: Vital, digits: string): boolean {
  const typed = numberOf(digits);
  if (typed === null) return digits !== "";
  if (typed === 0) return true;
  const { possible } = VITALS[vital];
  const longer = [10, 100].some((power) => typed * power <= possible.high && typed * power + power - 1 >= possible.low);
  return !longer;
}

/** Why this value cannot be; null where it can. */
export function impossible(vital: Vital, digits: string): Band | null {
  const typed = numberOf(digits);
  const { possible } = VITALS[vital];
  return typed !== null && holds(possible, typed) ? null : possible;
}

/** Whether the two pressures are the wrong way round. */
export function swapped(values: Values): boolean {
  return values.systolic !== undefined && values.diastolic !== undefined && values.diastolic >= values.systolic;
}

export interface Question {
  /** What is asked about: a confirmation holds for exactly this. */
  key: string;
  why: "unlikely" | "apart" | "jump";
}

/** The vitals that are asked again, as the service asks (`unlikely`, `apart`), and against the last set (`jump`). */
export function questions(values: Values, last: Values): Map<Vital, Question> {
  const found = new Map<Vital, Question>();
  for (const vital of ORDER) {
    const value = values[vital];
    const { possible, likely } = VITALS[vital];
    if (value !== undefined && holds(possible, value) && !holds(likely, value)) found.set(vital, { key: `${value}`, why: "unlikely" });
  }
  const { systolic, diastolic } = values;
  if (systolic !== undefined && diastolic !== undefined && systolic > diastolic && !holds(PULSE_PRESSURE, systolic - diastolic))
    for (const vital of ["systolic", "diastolic"] as const) if (!found.has(vital)) found.set(vital, { key: `${systolic}/${diastolic}`, why: "apart" });
  for (const vital of ORDER) {
    const value = values[vital];
    const before = last[vital];
    if (value === undefined || before === undefined || found.has(vital)) continue;
    const far = Math.abs(value - before);
    if (far * 100 > before * JUMP_PERCENT && far >= JUMP_LEAST[vital]) found.set(vital, { key: `${value} after ${before}`, why: "jump" });
  }
  return found;
}

/** A set while it is typed. `measured` is in epoch milliseconds; null: nothing was typed yet, the time still runs. */
export interface Draft {
  /** The reading's id, made when the pad opened: saving twice keeps one. */
  id: string;
  patient_id: string;
  author: string;
  /** In a correction the id of the reading, and the revision that was looked at. */
  correct: { reading: string; revision: number; reason: string } | null;
  measured: number | null;
  /** What was known of the time at the first touch; not there where an earlier version began it. */
  touch?: Touch;
  digits: Partial<Record<Vital, string>>;
  /** What was typed a second time: the key of the question it answered. */
  confirmed: Partial<Record<Vital, string>>;
  not_measured: Partial<Record<Field, string>>;
  oxygen: { kind: "room-air" } | { kind: "supplemental"; flow: string } | null;
  /** With the scale it was tapped under. */
  consciousness: Consciousness | null;
  dissociation: Schemas["DissociationIn"] | null;
  gait_steady: boolean | null;
  orientated: boolean | null;
  symptoms: Symptom[] | null;
  note: string;
}

/** A set with nothing in it. */
export function blank(id: string, patientId: string, author: string): Draft {
  return {
    id,
    patient_id: patientId,
    author,
    correct: null,
    measured: null,
    digits: {},
    confirmed: {},
    not_measured: {},
    oxygen: null,
    consciousness: null,
    dissociation: null,
    gait_steady: null,
    orientated: null,
    symptoms: null,
    note: "",
  };
}

/** The possible numbers among what was typed. */
export function values(draft: Draft): Values {
  const found: Values = {};
  for (const vital of ORDER) {
    const digits = draft.digits[vital] ?? "";
    if (digits !== "" && impossible(vital, digits) === null) found[vital] = Number(digits);
  }
  return found;
}

/** Questions that are still open. */
export function open(draft: Draft, last: Values): Map<Vital, Question> {
  const asked = questions(values(draft), last);
  for (const [vital, question] of asked) if (draft.confirmed[vital] === question.key) asked.delete(vital);
  return asked;
}

/** Instruments the service knows, with the highest total of each. */
export const INSTRUMENTS = [
  { instrument: "cadss", version: "23-item", most: 92 },
  { instrument: "cadss", version: "28-item", most: 112 },
  { instrument: "cadss-6", version: "2021", most: 24 },
];

/** What is wrong with a total, in a sentence: it is typed again, never made to fit. Null: nothing. */
export function scoreFault(dissociation: Draft["dissociation"]): string | null {
  const used = INSTRUMENTS.find(({ instrument, version }) => instrument === dissociation?.instrument && version === dissociation.version);
  const score = dissociation?.score ?? 0;
  return used !== undefined && score > used.most ? words.entry.impossible(words.entry.score, String(score), 0, used.most) : null;
}

/** What is wrong with a flow, in a sentence; null: nothing, also where nobody read it. */
export const flowFault = ({ oxygen }: Draft): string | null => (oxygen?.kind === "supplemental" ? readNumber(oxygen.flow, BOUNDS.flow_l_min).fault : null);

/** What keeps a set from being kept, in the order in which the cursor walks: the field, and why. */
export function lacks(draft: Draft, last: Values): { field: Field; why: "blank" | "impossible" | "swapped" | "asked" }[] {
  const asked = open(draft, last);
  const found: ReturnType<typeof lacks> = [];
  for (const field of REQUIRED) {
    if (draft.not_measured[field] !== undefined) continue;
    if (field === "consciousness" || field === "dissociation") {
      const scoreless = field === "dissociation" && draft.dissociation?.instrument != null && draft.dissociation.score == null;
      if (draft[field] === null || scoreless) found.push({ field, why: "blank" });
      else if (field === "dissociation" && scoreFault(draft.dissociation) !== null) found.push({ field, why: "impossible" });
      continue;
    }
    const digits = draft.digits[field] ?? "";
    if (digits === "") found.push({ field, why: "blank" });
    else if (impossible(field, digits)) found.push({ field, why: "impossible" });
    else if (field === "diastolic" && swapped(values(draft))) found.push({ field, why: "swapped" });
    else if (asked.has(field)) found.push({ field, why: "asked" });
    if (field === "spo2" && digits !== "" && draft.oxygen === null && draft.not_measured.oxygen === undefined) found.push({ field: "oxygen", why: "blank" });
  }
  if (flowFault(draft) !== null) found.push({ field: "oxygen", why: "impossible" });
  return found;
}

/** The request of a set that lacks nothing. `at` is RFC 3339. */
export function reading(draft: Draft, at: string): ReadingIn {
  const typed = values(draft);
  const asked = questions(typed, {});
  const vital = (name: Vital): number | null => typed[name] ?? null;
  return {
    measured_at: at,
    heart_rate: vital("heart_rate"),
    systolic: vital("systolic"),
    diastolic: vital("diastolic"),
    respiratory_rate: vital("respiratory_rate"),
    spo2: vital("spo2"),
    oxygen: oxygenOf(draft),
    consciousness: draft.consciousness,
    dissociation: draft.dissociation,
    symptoms: draft.symptoms,
    gait_steady: draft.gait_steady,
    orientated: draft.orientated,
    not_measured: draft.not_measured as Record<string, string>,
    confirmed_unlikely: ORDER.filter((name) => asked.has(name)),
    note: draft.note.trim() === "" ? null : draft.note.trim(),
  };
}

function oxygenOf(draft: Draft): ReadingIn["oxygen"] {
  // the air belongs to an SpO2; without one only oxygen that is given is worth saying
  if (draft.oxygen === null || draft.oxygen.kind === "room-air") return values(draft).spo2 === undefined ? null : draft.oxygen;
  const flow = draft.oxygen.flow.replace(",", ".");
  // an unknown flow is kept as unknown; a number of JSON would lose nothing, a text keeps what was typed
  return { kind: "supplemental", ...(flow === "" ? {} : { flow_l_min: flow }) };
}

/** The lowest and highest whole numbers near the baseline, for pictures: the service's comparisons decide. */
export function allowedBand(reference: { sum: number; count: number }, limits: Record<string, unknown>): Band | null {
  const { sum, count } = reference;
  if (count === 0) return null;
  const limit = (name: string): number | null => (typeof limits[name] === "number" ? limits[name] : null);
  const lows: number[] = [];
  const highs: number[] = [];
  const add = (into: number[], bound: number | null): void => void (bound === null || into.push(bound));
  const [up, down, farUp, farDown, drop] = ["percent_up", "percent_down", "delta_up", "delta_down", "max_drop"].map(limit) as (number | null)[];
  add(lows, limit("floor"));
  add(highs, limit("ceiling"));
  add(highs, up == null ? null : Math.floor((sum * (100 + up)) / (100 * count)));
  add(lows, down == null ? null : Math.ceil((sum * (100 - down)) / (100 * count)));
  add(highs, farUp == null ? null : Math.floor(sum / count + farUp));
  add(lows, farDown == null ? null : Math.ceil(sum / count - farDown));
  add(lows, drop == null ? null : Math.ceil(sum / count - drop));
  if (lows.length === 0 && highs.length === 0) return null;
  return { low: Math.max(...lows, 0), high: Math.min(...highs, 300) };
}
