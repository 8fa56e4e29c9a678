/** The numbers of a protocol, read from its document: nothing has a default, so what is missing stops the reading. */

import { VITALS, type Vital } from "./facts";

type Table = Record<string, unknown>;

export interface Limits {
  percentUp: number | null;
  percentDown: number | null;
  deltaUp: number | null;
  deltaDown: number | null;
  floor: number | null;
  ceiling: number | null;
}

export interface Concern {
  floor: number | null;
  ceiling: number | null;
  delta: number | null;
  acknowledge: boolean;
}

export type Clock = "infusion-end" | "first-device" | "last-device";

export interface Protocol {
  route: "iv-infusion" | "intranasal";
  baseline: {
    minReadings: number;
    maxAge: number;
    spacing: number;
    rule: "mean" | "median" | "last";
    limits: Partial<Record<Vital, { floor: number | null; ceiling: number | null }>>;
  };
  clocks: readonly { clock: Clock; minutes: number }[];
  vitals: Record<Exclude<Vital, "spo2">, Limits>;
  spo2: { floor: number; maxDrop: number };
  scale: string;
  instrument: string | null;
  sustained: { sets: number; minutes: number; spacing: number; maxGap: number };
  fresh: number;
  symptoms: { from: "mild" | "moderate" | "severe"; always: ReadonlySet<string> };
  medications: ReadonlyMap<string, number>;
  concerns: Partial<Record<Vital, Concern>>;
  silence: number;
}

function table(of: Table, name: string): Table {
  const found = of[name];
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(`the protocol has no ${name}`);
  return found as Table;
}

function number(of: Table, name: string): number {
  const found = numberOrNull(of, name);
  if (found === null) throw new Error(`the protocol gives no ${name}`);
  return found;
}

function numberOrNull(of: Table, name: string): number | null {
  const found = of[name];
  if (found === undefined) return null;
  if (!Number.isSafeInteger(found)) throw new Error(`${name} of the protocol is no whole number`);
  return found as number;
}

function oneOf<T extends string>(of: Table, name: string, known: readonly T[]): T {
  const found = of[name];
  if (!known.includes(found as T)) throw new Error(`${name} of the protocol is none of ${known.join(", ")}`);
  return found as T;
}

/** `percent` is both directions at once, and so is `delta`. */
function limits(of: Table): Limits {
  const either = (both: string, one: string) => numberOrNull(of, both) ?? numberOrNull(of, one);
  return {
    percentUp: either("percent", "percent_up"),
    percentDown: either("percent", "percent_down"),
    deltaUp: either("delta", "delta_up"),
    deltaDown: either("delta", "delta_down"),
    floor: numberOrNull(of, "floor"),
    ceiling: numberOrNull(of, "ceiling"),
  };
}

function ofVitals<T>(of: Table, read: (one: Table) => T): Partial<Record<Vital, T>> {
  return Object.fromEntries(VITALS.filter((vital) => vital in of).map((vital) => [vital, read(table(of, vital))]));
}

/** Throws where the document is not one of a protocol. */
export function protocolFrom(document: Table): Protocol {
  const criteria = table(document, "criteria");
  const baseline = table(document, "baseline");
  const sustained = table(criteria, "sustained");
  const symptoms = table(criteria, "symptoms-settled");
  const since = table(criteria, "minutes-since-dose");
  const always = symptoms["always"];
  const instrument = table(criteria, "dissociation-absent")["instrument"];
  if (!Array.isArray(always)) throw new Error("the protocol gives no symptoms that always block");
  const minutes = table(table(criteria, "medication-settled"), "minutes");
  return {
    route: oneOf(document, "route", ["iv-infusion", "intranasal"]),
    baseline: {
      minReadings: number(baseline, "min_readings"),
      maxAge: number(baseline, "max_age_minutes"),
      spacing: number(baseline, "spacing"),
      rule: oneOf(baseline, "rule", ["mean", "median", "last"]),
      limits: ofVitals(baseline, (one) => ({ floor: numberOrNull(one, "floor"), ceiling: numberOrNull(one, "ceiling") })),
    },
    clocks: (["infusion-end", "first-device", "last-device"] as const)
      .filter((clock) => clock in since)
      .map((clock) => ({ clock, minutes: number(since, clock) })),
    vitals: {
      heart_rate: limits(table(criteria, "heart-rate-recovered")),
      systolic: limits(table(criteria, "systolic-recovered")),
      diastolic: limits(table(criteria, "diastolic-recovered")),
      respiratory_rate: limits(table(criteria, "respiratory-rate-recovered")),
    },
    spo2: {
      floor: number(table(criteria, "spo2-recovered"), "floor"),
      maxDrop: number(table(criteria, "spo2-recovered"), "max_drop"),
    },
    scale: oneOf(table(criteria, "consciousness-recovered"), "scale", ["moaas", "acvpu", "rass"]),
    instrument: typeof instrument === "string" ? instrument : null,
    sustained: {
      sets: number(sustained, "sets"),
      minutes: number(sustained, "minutes"),
      spacing: number(sustained, "spacing"),
      maxGap: number(sustained, "max_gap"),
    },
    fresh: number(table(criteria, "fresh"), "minutes"),
    symptoms: { from: oneOf(symptoms, "from_severity", ["mild", "moderate", "severe"]), always: new Set(always as string[]) },
    medications: new Map(Object.keys(minutes).map((code) => [code, number(minutes, code)])),
    concerns: ofVitals("concern" in document ? table(document, "concern") : {}, (one) => ({
      floor: numberOrNull(one, "floor"),
      ceiling: numberOrNull(one, "ceiling"),
      delta: numberOrNull(one, "delta"),
      acknowledge: one["acknowledge"] === true,
    })),
    silence: number(table(criteria, "tablets-in-step"), "seconds"),
  };
}
