/** The dose by the events as they stand, and the oxygen that they say runs. */

import type { Event } from "./facts";
import type { Protocol } from "./protocol";
import { instant, SECOND, type Instant } from "./time";

export type Phase = "baseline" | "infusion" | "recovery";

export interface Dose {
  started: Instant | null;
  /** Null while it runs or is paused, and where none began. */
  ended: Instant | null;
  /** The last stop that nothing follows, or the last device, whether or not a start is on record. */
  lastEnd: Instant | null;
  firstDevice: Instant | null;
  /** Ids of the events that cannot be. */
  cannotBe: readonly string[];
}

// facts of one instant are taken together: a pause before a stop before a resume or start
const ORDER: Readonly<Record<string, number>> = {
  "infusion-paused": 0,
  "infusion-stopped": 1,
  "infusion-resumed": 2,
  "infusion-started": 3,
};

interface Step {
  at: Instant;
  rank: number;
  event: Event;
}

export function doseOf(events: readonly Event[], route: Protocol["route"]): Dose {
  return route === "intranasal" ? nasal(events) : infusion(events);
}

function nasal(events: readonly Event[]): Dose {
  const given = events.filter((one) => one.kind === "nasal-device-given").map((one) => instant(one.at));
  const first = given.length ? Math.min(...given) : null;
  const last = given.length ? Math.max(...given) : null;
  return { started: first, ended: last, lastEnd: last, firstDevice: first, cannotBe: [] };
}

function infusion(events: readonly Event[]): Dose {
  const steps = events
    .filter((one) => one.kind in ORDER)
    .map((event): Step => ({ at: instant(event.at), rank: ORDER[event.kind]!, event }))
    .sort((a, b) => a.at - b.at || a.rank - b.rank);
  const starts = steps.filter((one) => one.event.kind === "infusion-started").map((one) => one.at);
  const started = starts.length ? starts[0]! : null;
  const last = steps.at(-1);
  const lastEnd = last?.event.kind === "infusion-stopped" ? last.at : null;
  return {
    started,
    ended: started === null ? null : lastEnd,
    lastEnd,
    firstDevice: null,
    cannotBe: [...walk(steps), ...strayRates(events, steps, starts)],
  };
}

type State = "none" | "running" | "paused" | "ended";

const MAY_FOLLOW: Readonly<Record<string, readonly State[]>> = {
  "infusion-paused": ["running"],
  "infusion-stopped": ["running", "paused"],
  "infusion-resumed": ["paused", "ended"],
  "infusion-started": ["none", "ended"],
};
const LEADS_TO: Readonly<Record<string, State>> = {
  "infusion-paused": "paused",
  "infusion-stopped": "ended",
  "infusion-resumed": "running",
  "infusion-started": "running",
};

/** The ids of the steps that may not follow what was before them; what cannot be changes nothing. */
function walk(steps: readonly Step[]): string[] {
  const cannotBe = [];
  let state: State = "none";
  for (const { event } of steps) {
    if (MAY_FOLLOW[event.kind]!.includes(state)) state = LEADS_TO[event.kind]!;
    else cannotBe.push(event.id);
  }
  return cannotBe;
}

/** Changes of a rate where no infusion was under way before or after their instant, nor started in their second. */
function strayRates(events: readonly Event[], steps: readonly Step[], starts: readonly Instant[]): string[] {
  const underWay = (until: (at: Instant) => boolean) => {
    let state: State = "none";
    for (const { at, event } of steps) {
      if (until(at) && MAY_FOLLOW[event.kind]!.includes(state)) state = LEADS_TO[event.kind]!;
    }
    return state === "running" || state === "paused";
  };
  return events
    .filter((one) => one.kind === "rate-changed")
    .filter((one) => {
      const at = instant(one.at);
      const second = (of: Instant) => Math.floor(of / SECOND);
      const ofTheStart = starts.some((start) => second(start) === second(at));
      return !ofTheStart && !underWay((step) => step < at) && !underWay((step) => step <= at);
    })
    .map((one) => one.id);
}

export function phaseOf(at: Instant, dose: Dose): Phase {
  if (dose.started === null || at < dose.started) return "baseline";
  return dose.ended !== null && at > dose.ended ? "recovery" : "infusion";
}

/** Whether oxygen runs by the events up to and including an instant; of one instant, the stop comes before the start. */
export function oxygenRuns(events: readonly Event[], until: Instant): boolean {
  let newest: { at: Instant; runs: boolean } | null = null;
  for (const one of events) {
    if (one.kind !== "oxygen-started" && one.kind !== "oxygen-stopped") continue;
    const at = instant(one.at);
    const runs = one.kind === "oxygen-started";
    if (at <= until && (newest === null || at > newest.at || (at === newest.at && runs))) newest = { at, runs };
  }
  return newest !== null && newest.runs;
}
