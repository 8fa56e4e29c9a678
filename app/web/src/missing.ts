// What a dose still waits for, as this tablet can tell it: screening, clearance, a baseline, a weight. The service alone
// decides whether it is refused.

import type { Place } from "./place";
import type { View } from "./project";
import { neededOf } from "./protocols";
import { counts, rows } from "./sets";
import { clinicNow, spoken } from "./time";
import { words } from "./words";

type Exclusion = keyof typeof words.start.exclusions;
export const EXCLUSIONS = Object.keys(words.start.exclusions) as Exclusion[];

/** An exclusion as what stands in the way. */
export const standing = (name: Exclusion): string => (name in words.start.present ? words.start.present[name as keyof typeof words.start.present] : words.start.exclusions[name].toLowerCase());

/** Exclusions that are present and that no clinician has overridden. */
export function inTheWay(view: View): Exclusion[] {
  const overridden = new Set<string>(view.overrides.flatMap((each) => each.exclusions));
  return EXCLUSIONS.filter((name) => view.screening?.answers[name] && !overridden.has(name));
}

export interface Missing {
  text: string;
  /** Without it the service refuses the dose. */
  refused: boolean;
  screen: Extract<Place["screen"], "start" | "entry">;
}

const baselineSets = (view: View): number => rows(view).filter((row) => counts(row) && row.reading.phase !== "infusion" && row.reading.phase !== "recovery").length;

/** What is missing to start; null where this tablet knows too little of the session to say. */
export function missingToStart(view: View): Missing[] | null {
  if (view.known === "line") return null;
  const found: Missing[] = [];
  const start = (text: string, refused: boolean): unknown => found.push({ text, refused, screen: "start" });
  const present = inTheWay(view);
  if (view.screening === null) start(words.next.notScreened, true);
  else if (present.length > 0) start(words.next.stands(present.map(standing).join(", ")), true);
  if (clearanceOf(view) === null) start(words.next.notCleared, true);
  const sets = baselineSets(view);
  const needed = neededOf(view.protocol)?.baseline_sets ?? null;
  if (sets < (needed ?? 1)) found.push({ text: words.next.sets(sets, needed), refused: false, screen: "entry" });
  else if (unsound(view)) found.push({ text: words.next.baseline(spoken(view.baseline!.because)), refused: false, screen: "entry" });
  if (view.route === "iv-infusion" && view.weight_kg === null) start(words.next.noWeight, false);
  return found;
}

/** The clearance that holds now, of the session or its course: until its last instant, as the service takes it. */
export const clearanceOf = (view: View): View["clearance"] | View["course_clearance"] =>
  [view.clearance, view.course_clearance].find((held) => held !== null && (!held.until || clinicNow() <= Date.parse(held.until))) ?? null;
/** The service has said so of these very sets. */
const unsound = ({ heard, baseline, readings, waits }: View): boolean =>
  heard.known === "heard" && baseline !== null && baseline.sound !== true && !baseline.accepted && readings.every((reading) => !waits.has(reading.id));

/** What is there already. */
export function doneOf(view: View): string[] {
  const needed = neededOf(view.protocol)?.baseline_sets ?? null;
  const sets = baselineSets(view);
  return [
    view.screening !== null && inTheWay(view).length === 0 ? words.next.screened : "",
    clearanceOf(view) !== null ? words.next.cleared : "",
    sets > 0 && sets >= (needed ?? 1) && !unsound(view) ? words.next.sets(sets, needed) : "",
    view.weight_kg !== null ? words.next.weight(Number(view.weight_kg)) : "",
    view.escort !== null ? words.next.escortNamed : "",
  ].filter(Boolean);
}
