/** The patient's own values of before the dose, kept as (sum, count) so that nothing is ever rounded. */

import { VITALS, type Event, type Oxygen, type Reading, type Vital } from "./facts";
import type { Protocol } from "./protocol";
import { isFullyConscious } from "./scales";
import type { Dose } from "./timeline";
import { instant, MINUTE, type Instant } from "./time";

export interface Reference {
  sum: number;
  count: number;
}

export interface Baseline {
  vitals: Record<Vital, Reference | null>;
  /** What the SpO2 readings used were breathed on, with the highest flow given, in thousandths of a litre a minute. */
  oxygen: { kind: Oxygen["kind"]; flow: number | null } | null;
  used: readonly Reading[];
  sound: boolean;
  accepted: boolean;
}

/** Thousandths of a litre a minute: at most three places are kept. */
export function thousandths(flow: string): number {
  const found = /^(\d+)(?:\.(\d{1,3}))?$/.exec(flow);
  if (!found) throw new Error(`${flow} is no flow`);
  return Number(found[1]) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
}

export function baselineOf(readings: readonly Reading[], events: readonly Event[], dose: Dose, protocol: Protocol): Baseline {
  const rule = protocol.baseline;
  const before = windowOf(readings, dose, protocol);
  const vitals = {} as Record<Vital, Reference | null>;
  const used = new Set<Reading>();
  let oxygen: Baseline["oxygen"] = null;
  for (const vital of VITALS) {
    vitals[vital] = null;
    const counted = countedFor(vital, readings.filter(before), protocol);
    if (counted === null || counted.length < rule.minReadings) continue;
    const taken = counted.flat();
    if (vital === "spo2") {
      oxygen = sharedOxygen(taken);
      if (oxygen === null) continue;
    }
    for (const one of taken) used.add(one);
    vitals[vital] = combine(counted.map((same) => same[0]![vital]!), rule.rule);
  }
  const all = [...used];
  return { vitals, oxygen, used: all, sound: all.length > 0 && all.every((one) => isSound(one, protocol)), accepted: isAccepted(all, events) };
}

/** Which readings lie in the time that counts. While no dose is on record it ends at the newest reading, provisionally. */
function windowOf(readings: readonly Reading[], dose: Dose, protocol: Protocol): (one: Reading) => boolean {
  const age = protocol.baseline.maxAge * MINUTE;
  if (dose.started !== null) {
    const start = dose.started;
    return (one) => instant(one.measured_at) < start && instant(one.measured_at) >= start - age;
  }
  const newest = Math.max(...readings.map((one) => instant(one.measured_at)));
  return (one) => instant(one.measured_at) >= newest - age;
}

/** The readings that count, newest instant first, those of one instant together; null where they disagree. */
function countedFor(vital: Vital, readings: readonly Reading[], protocol: Protocol): Reading[][] | null {
  const { spacing } = protocol.baseline;
  const at = new Map<Instant, Reading[]>();
  for (const one of readings) {
    const measured = instant(one.measured_at);
    if (one[vital] === null || one.clock_doubtful) continue;
    at.set(measured, [...(at.get(measured) ?? []), one]);
  }
  const counted: Reading[][] = [];
  let last: Instant | null = null;
  for (const measured of [...at.keys()].sort((a, b) => b - a)) {
    const same = at.get(measured)!;
    if (same.some((one) => one[vital] !== same[0]![vital])) return null;
    if (last !== null && last - measured < spacing * MINUTE) continue;
    counted.push(same);
    last = measured;
  }
  return counted;
}

function combine(newestFirst: readonly number[], rule: Protocol["baseline"]["rule"]): Reference {
  if (rule === "last") return { sum: newestFirst[0]!, count: 1 };
  if (rule === "mean") return { sum: newestFirst.reduce((sum, one) => sum + one, 0), count: newestFirst.length };
  const sorted = [...newestFirst].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? { sum: sorted[middle]!, count: 1 } : { sum: sorted[middle - 1]! + sorted[middle]!, count: 2 };
}

/** One kind for all of them, or null. */
function sharedOxygen(taken: readonly Reading[]): Baseline["oxygen"] {
  const kind = taken[0]!.oxygen?.kind;
  if (kind === undefined || taken.some((one) => one.oxygen?.kind !== kind)) return null;
  const flows = taken.map((one) => one.oxygen!.flow_l_min).filter((flow) => flow !== null);
  return { kind, flow: flows.length ? Math.max(...flows.map(thousandths)) : null };
}

function isSound(one: Reading, protocol: Protocol): boolean {
  for (const vital of VITALS) {
    const value = one[vital];
    const limits = protocol.baseline.limits[vital];
    if (value === null || !limits) continue;
    if (limits.floor !== null && value < limits.floor) return false;
    if (limits.ceiling !== null && value > limits.ceiling) return false;
  }
  return one.consciousness !== null && isFullyConscious(one.consciousness) && one.dissociation !== null && !isDissociated(one.dissociation);
}

export function isDissociated(one: NonNullable<Reading["dissociation"]>): boolean {
  return one.grade !== "none" || (one.score ?? 0) > 0 || Object.values(one.items ?? {}).some((item) => item > 0);
}

/** A clinician named exactly these readings, in exactly these revisions. */
function isAccepted(used: readonly Reading[], events: readonly Event[]): boolean {
  const wanted = named(used);
  return events.some((one) => one.kind === "baseline-accepted" && named((one.detail?.["readings"] ?? []) as Reading[]) === wanted);
}

function named(readings: readonly { id: string; revision: number }[]): string {
  return [...new Set(readings.map((one) => `${one.id}.${one.revision}`))].sort().join(" ");
}
