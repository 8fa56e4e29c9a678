/** The twenty criteria, each one outcome, and what they come to. */

import { baselineOf, type Baseline } from "./baseline";
import { VITALS, type Contact, type Event, type Facts, type Outcome, type Reading, type Status, type Step, type Vital } from "./facts";
import type { Protocol } from "./protocol";
import { interruptions, recoverySets, runOf, worst, type Item, type RecoverySet, type Run } from "./sets";
import { stretches } from "./symptoms";
import { doseOf, oxygenRuns, type Dose } from "./timeline";
import { instant, MINUTE, SECOND, type Instant } from "./time";

export const CRITERIA = [
  "dose-finished", "clocks-certain", "minutes-since-dose", "baseline-sound",
  "heart-rate-recovered", "systolic-recovered", "diastolic-recovered", "respiratory-rate-recovered", "spo2-recovered",
  "consciousness-recovered", "dissociation-absent", "gait-steady", "orientated", "sustained", "fresh",
  "symptoms-settled", "medication-settled", "concerns-acknowledged", "escort-present", "tablets-in-step",
] as const;
export type Criterion = (typeof CRITERIA)[number];

export interface Verdict {
  status: Status;
  outcomes: Record<Criterion, Outcome>;
  dose: Dose;
  baseline: Baseline;
  newest: RecoverySet | null;
  run: Run | null;
  /** Concerns of the protocol by id, whether or not they want a clinician. */
  concerns: readonly { id: string; waits: boolean }[];
  /** When met: the first instant at which time alone ends it. */
  lapsesAt: Instant | null;
}

const FOREVER = Number.MAX_SAFE_INTEGER;

/** All that the rules say of these facts at this instant. */
export function judge(facts: Facts, protocol: Protocol, asOf: Instant): Verdict {
  const { readings, events } = facts;
  const dose = doseOf(events, protocol.route);
  const baseline = baselineOf(readings, events, dose, protocol);
  const sets = recoverySets(readings, events, dose, baseline, protocol);
  const newest = sets.at(-1) ?? null;
  const run = runOf(sets, interruptions(readings, events, protocol), protocol);
  const concerns = concernsOf(readings, events, baseline, protocol);
  const item = (name: Item): Outcome => newest?.items[name] ?? "unknown";
  const outcomes: Verdict["outcomes"] = {
    "dose-finished": dose.started === null || dose.cannotBe.length ? "unknown" : dose.ended === null ? "not-met" : "met",
    "clocks-certain": [...readings, ...events].some((one) => one.clock_doubtful) ? "unknown" : "met",
    "minutes-since-dose": worst(protocol.clocks.map((one) => hasRun(one, dose, asOf))),
    "baseline-sound": dose.started !== null && baseline.used.length && (baseline.sound || baseline.accepted) ? "met" : "unknown",
    "heart-rate-recovered": item("heart_rate"),
    "systolic-recovered": item("systolic"),
    "diastolic-recovered": item("diastolic"),
    "respiratory-rate-recovered": item("respiratory_rate"),
    "spo2-recovered": newest && oxygenStartedSince(newest, events) ? "not-met" : item("spo2"),
    "consciousness-recovered": item("consciousness"),
    "dissociation-absent": item("dissociation"),
    "gait-steady": item("gait"),
    "orientated": item("orientated"),
    "sustained": sustained(newest, run, protocol),
    "fresh": fresh(sets, protocol, asOf),
    "symptoms-settled": symptomsSettled(newest, readings, events, protocol),
    "medication-settled": medicationSettled(events, protocol, asOf),
    "concerns-acknowledged": concerns.some((one) => one.waits) ? "not-met" : "met",
    "escort-present": escortPresent(facts.escort, dose),
    "tablets-in-step": facts.tablets.every((one) => inStep(one, protocol, asOf)) ? "met" : "not-met",
  };
  const all = Object.values(outcomes);
  const status = all.includes("not-met") ? "not-met" : all.includes("unknown") ? "cannot-tell" : "met";
  const lapsesAt = status === "met" ? lapse(sets, facts.tablets, protocol) : null;
  return { status, outcomes, dose, baseline, newest, run, concerns, lapsesAt };
}

function hasRun({ clock, minutes }: Protocol["clocks"][number], dose: Dose, asOf: Instant): Outcome {
  const from = clock === "first-device" ? dose.firstDevice : dose.lastEnd;
  return from === null ? "unknown" : asOf >= from + minutes * MINUTE ? "met" : "not-met";
}

/** Oxygen that was started after the newest set and runs: no set has seen the patient with it, or without it. */
function oxygenStartedSince(newest: RecoverySet, events: readonly Event[]): boolean {
  return oxygenRuns(events, FOREVER) && events.some((one) => one.kind === "oxygen-started" && instant(one.at) > newest.at);
}

function sustained(newest: RecoverySet | null, run: Run | null, protocol: Protocol): Outcome {
  if (newest === null || newest.grade === "incomplete") return "unknown";
  const { sets, minutes } = protocol.sustained;
  return run !== null && run.counted >= sets && run.last - run.first >= minutes * MINUTE ? "met" : "not-met";
}

function fresh(sets: readonly RecoverySet[], protocol: Protocol, asOf: Instant): Outcome {
  const recent = sets.filter((one) => asOf - one.at < protocol.fresh * MINUTE);
  if (recent.some((one) => one.complete)) return "met";
  return recent.length || !sets.length ? "unknown" : "not-met";
}

function symptomsSettled(newest: RecoverySet | null, readings: readonly Reading[], events: readonly Event[], protocol: Protocol): Outcome {
  const open = stretches(readings, events, protocol).filter((one) => one.until === null);
  if (open.some((one) => one.blocks === "yes")) return "not-met";
  const asked = newest !== null && newest.readings.every((one) => one.symptoms !== null && !one.clock_doubtful);
  return asked && open.every((one) => one.blocks === "no") ? "met" : "unknown";
}

function medicationSettled(events: readonly Event[], protocol: Protocol, asOf: Instant): Outcome {
  const longest = Math.max(...protocol.medications.values());
  const settled = events
    .filter((one) => one.kind === "medication-given")
    .every((one) => {
      const minutes = protocol.medications.get(String(one.detail?.["code"])) ?? longest;
      return asOf >= instant(one.at) + minutes * MINUTE;
    });
  return settled ? "met" : "not-met";
}

function concernsOf(readings: readonly Reading[], events: readonly Event[], baseline: Baseline, protocol: Protocol): Verdict["concerns"] {
  const acknowledged = new Set(
    events.filter((one) => one.kind === "concern-acknowledged").map((one) => one.detail?.["concern_id"]),
  );
  const found = [];
  for (const reading of readings) {
    for (const vital of VITALS) {
      const wanted = protocol.concerns[vital];
      if (!wanted || !isConcerning(reading[vital], vital, wanted, baseline)) continue;
      const id = `${reading.id}.${reading.revision}.${vital}`;
      found.push({ id, waits: wanted.acknowledge && !acknowledged.has(id) });
    }
  }
  return found;
}

function isConcerning(value: number | null, vital: Vital, limits: NonNullable<Protocol["concerns"][Vital]>, baseline: Baseline): boolean {
  if (value === null) return false;
  const reference = baseline.vitals[vital];
  const far =
    limits.delta !== null && reference !== null && Math.abs(value * reference.count - reference.sum) > limits.delta * reference.count;
  return far || (limits.floor !== null && value < limits.floor) || (limits.ceiling !== null && value > limits.ceiling);
}

function escortPresent(escort: Facts["escort"], dose: Dose): Outcome {
  if (escort === null) return "unknown";
  const seen = escort.present && escort.present_at !== null ? instant(escort.present_at) : null;
  return escort.name?.trim() && seen !== null && dose.ended !== null && seen > dose.ended ? "met" : "not-met";
}

/** When an enrolled tablet that is not heard of counts as silent; a browser that is not enrolled only looks. */
function silentFrom(one: Contact, protocol: Protocol): Instant {
  return one.enrolled ? instant(one.heard_at) + protocol.silence * one.pace * SECOND : FOREVER;
}

function inStep(one: Contact | Step, protocol: Protocol, asOf: Instant): boolean {
  if ("in_step" in one) return one.in_step;
  return one.unsent === 0 && !one.draft && asOf < silentFrom(one, protocol);
}

function lapse(sets: readonly RecoverySet[], tablets: Facts["tablets"], protocol: Protocol): Instant {
  const newestComplete = Math.max(...sets.filter((one) => one.complete).map((one) => one.at));
  const silences = tablets.map((one) => ("in_step" in one ? FOREVER : silentFrom(one, protocol)));
  return Math.min(newestComplete + protocol.fresh * MINUTE, ...silences);
}
