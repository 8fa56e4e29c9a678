/** The recovery sets, each judged item by item, and the run of good ones at their end. */

import { isDissociated, thousandths, type Baseline, type Reference } from "./baseline";
import type { Event, Outcome, Reading, Vital } from "./facts";
import type { Limits, Protocol } from "./protocol";
import { isFullyConscious } from "./scales";
import { blocks, stretches } from "./symptoms";
import { oxygenRuns, phaseOf, type Dose } from "./timeline";
import { instant, MINUTE, type Instant } from "./time";

export const ITEMS = [
  "heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2",
  "consciousness", "dissociation", "gait", "orientated", "symptoms",
] as const;
export type Item = (typeof ITEMS)[number];

export interface RecoverySet {
  at: Instant;
  readings: readonly Reading[];
  items: Record<Item, Outcome>;
  grade: "good" | "bad" | "incomplete";
  /** No item is unknown. */
  complete: boolean;
}

export function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.includes("not-met") ? "not-met" : outcomes.includes("unknown") ? "unknown" : "met";
}

/** In order of time. */
export function recoverySets(
  readings: readonly Reading[], events: readonly Event[], dose: Dose, baseline: Baseline, protocol: Protocol,
): RecoverySet[] {
  const at = new Map<Instant, Reading[]>();
  for (const one of readings) {
    const measured = instant(one.measured_at);
    if (phaseOf(measured, dose) === "recovery") at.set(measured, [...(at.get(measured) ?? []), one]);
  }
  return [...at.keys()].sort((a, b) => a - b).map((measured) => {
    const same = at.get(measured)!;
    const runs = oxygenRuns(events, measured);
    const judged = same.map((one) => itemsOf(one, runs, baseline, protocol));
    const items = Object.fromEntries(ITEMS.map((item) => [item, worst(judged.map((one) => one[item]))])) as RecoverySet["items"];
    const all = Object.values(items);
    const complete = !all.includes("unknown");
    const grade = all.includes("not-met") ? "bad" : complete ? "good" : "incomplete";
    return { at: measured, readings: same, items, grade, complete };
  });
}

function itemsOf(one: Reading, oxygenIsRunning: boolean, baseline: Baseline, protocol: Protocol): RecoverySet["items"] {
  if (one.clock_doubtful) return Object.fromEntries(ITEMS.map((item) => [item, "unknown"])) as RecoverySet["items"];
  const vital = (name: Exclude<Vital, "spo2">) => vitalItem(one[name], baseline.vitals[name], protocol.vitals[name]);
  return {
    heart_rate: vital("heart_rate"),
    systolic: vital("systolic"),
    diastolic: vital("diastolic"),
    respiratory_rate: vital("respiratory_rate"),
    spo2: worst([saturation(one.spo2, baseline.vitals.spo2, protocol), breathed(one, oxygenIsRunning, baseline)]),
    consciousness: consciousness(one, protocol),
    dissociation: dissociation(one, protocol),
    gait: yes(one.gait_steady),
    orientated: yes(one.orientated),
    symptoms: symptoms(one, protocol),
  };
}

/** The lowest and the highest whole number that is met; null where none is. */
export function bandOf(vital: Vital, baseline: Baseline, protocol: Protocol): [number, number] | null {
  const reference = baseline.vitals[vital];
  const met = (value: number) =>
    (vital === "spo2" ? saturation(value, reference, protocol) : vitalItem(value, reference, protocol.vitals[vital])) === "met";
  const found = Array.from({ length: vital === "spo2" ? 101 : 400 }, (_, value) => value).filter(met);
  return found.length ? [found[0]!, found.at(-1)!] : null;
}

function vitalItem(value: number | null, reference: Reference | null, limits: Limits): Outcome {
  if (value === null) return "unknown";
  if (limits.floor !== null && value < limits.floor) return "not-met";
  if (limits.ceiling !== null && value > limits.ceiling) return "not-met";
  if (reference === null) return "unknown";
  const { sum, count } = reference;
  const above = value * count - sum;
  const broken =
    (limits.percentUp !== null && 100 * above > limits.percentUp * sum) ||
    (limits.percentDown !== null && -100 * above > limits.percentDown * sum) ||
    (limits.deltaUp !== null && above > limits.deltaUp * count) ||
    (limits.deltaDown !== null && -above > limits.deltaDown * count);
  return broken ? "not-met" : "met";
}

function saturation(value: number | null, reference: Reference | null, protocol: Protocol): Outcome {
  if (value === null) return "unknown";
  if (value < protocol.spo2.floor) return "not-met";
  if (reference === null) return "unknown";
  return reference.sum - value * reference.count > protocol.spo2.maxDrop * reference.count ? "not-met" : "met";
}

function breathed(one: Reading, oxygenIsRunning: boolean, baseline: Baseline): Outcome {
  const oxygen = one.oxygen;
  if (oxygen?.kind === "room-air") return oxygenIsRunning ? "unknown" : "met";
  if (oxygenIsRunning) return "not-met";
  if (oxygen === null || oxygen.flow_l_min === null || baseline.oxygen === null) return "unknown";
  if (baseline.oxygen.kind === "room-air") return "not-met";
  if (baseline.oxygen.flow === null) return "unknown";
  return thousandths(oxygen.flow_l_min) <= baseline.oxygen.flow ? "met" : "not-met";
}

function consciousness(one: Reading, protocol: Protocol): Outcome {
  if (one.consciousness === null || one.consciousness.scale !== protocol.scale) return "unknown";
  return isFullyConscious(one.consciousness) ? "met" : "not-met";
}

function dissociation(one: Reading, protocol: Protocol): Outcome {
  const found = one.dissociation;
  if (found === null) return "unknown";
  if (isDissociated(found)) return "not-met";
  const unscored = found.score === null || found.instrument !== protocol.instrument;
  return protocol.instrument !== null && unscored ? "unknown" : "met";
}

function yes(answer: boolean | null): Outcome {
  return answer === null ? "unknown" : answer ? "met" : "not-met";
}

function symptoms(one: Reading, protocol: Protocol): Outcome {
  if (one.symptoms === null) return "unknown";
  const found = one.symptoms.map((symptom) => blocks(symptom, protocol));
  return found.includes("yes") ? "not-met" : found.includes("unknown") ? "unknown" : "met";
}

/** When something happened after which recovery is counted anew. */
export function interruptions(readings: readonly Reading[], events: readonly Event[], protocol: Protocol): Instant[] {
  const kinds = ["medication-given", "oxygen-started", "oxygen-stopped"];
  return [
    ...events.filter((one) => kinds.includes(one.kind)).map((one) => instant(one.at)),
    ...stretches(readings, events, protocol).flatMap((one) => (one.blocks !== "no" && one.until !== null ? [one.until] : [])),
  ];
}

export interface Run {
  counted: number;
  first: Instant;
  last: Instant;
}

/** Null where the newest set is not good, or lies before the last interruption. */
export function runOf(sets: readonly RecoverySet[], interrupted: readonly Instant[], protocol: Protocol): Run | null {
  const { spacing, maxGap } = protocol.sustained;
  const since = Math.max(-Infinity, ...interrupted);
  let run: RecoverySet[] = [];
  for (const one of sets) {
    const before = run.at(-1);
    if (one.grade !== "good" || one.at <= since) run = [];
    else if (before && one.at - before.at > maxGap * MINUTE) run = [one];
    else run.push(one);
  }
  if (!run.length) return null;
  let counted = 0;
  let last = -Infinity;
  for (const one of run) {
    if (one.at - last < spacing * MINUTE) continue;
    counted += 1;
    last = one.at;
  }
  return { counted, first: run[0]!.at, last: run.at(-1)!.at };
}
