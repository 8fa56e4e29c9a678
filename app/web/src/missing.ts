// What a dose still waits for. The service says it, by the rules of its own start gate; what waits on this tablet may add to
// that and takes nothing away: what was typed here and is not in the record yet is said to be so, and is not done. Only of
// a session that the service has never told of is it reckoned here alone.

import type { Place } from "./place";
import type { View } from "./project";
import { neededOf } from "./protocols";
import type { Session } from "./records";
import { isOld, ofToday } from "./same-day";
import { counts, rows } from "./sets";
import { clinicNow, dayText, clockText, spoken } from "./time";
import { words } from "./words";

type Exclusion = keyof typeof words.start.exclusions;
export const EXCLUSIONS = Object.keys(words.start.exclusions) as Exclusion[];
type Said = NonNullable<Session["to_start"]>[number];

/** An exclusion as what stands in the way. */
export const standing = (name: Exclusion): string => (name in words.start.present ? words.start.present[name as keyof typeof words.start.present] : words.start.exclusions[name].toLowerCase());

/** Exclusions that are present and that no clinician has overridden. */
export function inTheWay(view: View): Exclusion[] {
  const overridden = new Set<string>(view.overrides.flatMap((each) => each.exclusions));
  return EXCLUSIONS.filter((name) => view.screening?.answers[name] && !overridden.has(name));
}

export interface Missing {
  code: string;
  /** What it is about, where one code can stand for several. */
  of: unknown;
  text: string;
  /** Without it the service refuses the dose. */
  refused: boolean;
  screen: Extract<Place["screen"], "start" | "entry">;
}
const isSame = (one: Missing) => (other: Missing): boolean => one.code === other.code && one.of === other.of;

/** What is missing to start; null where neither the service has said it nor this tablet can. `said`: the service's newest
 * word; `view`: null where this tablet has no more of the session than that. */
export function missingToStart(view: View | null, said: Session["to_start"] | undefined = view?.to_start): Missing[] | null {
  const own = view === null || view.known === "line" || !before(view) ? null : view;
  if (said == null) return own !== null && (own.known === "made" || own.waits.size > 0) ? together(reckoned(own)) : null;
  const heard = said.filter(({ after }) => after === null || clinicNow() > Date.parse(after)).map(told);
  if (own === null || own.waits.size === 0) return together(heard);
  const here = reckoned(own);
  const marked = heard.map((each) => (waitsHere(own, each) && !here.some(isSame(each)) ? { ...each, text: words.next.typedHere(each.text) } : each));
  return together([...marked, ...here.filter((each) => !heard.some(isSame(each)))]);
}

const before = (view: View): boolean => view.state === "planned" || view.state === "checked-in";

/** Whether what waits on this tablet may be what is missing. */
function waitsHere(view: View, { code }: Missing): boolean {
  if (code === "baseline-sets-missing") return view.readings.some(({ id }) => view.waits.has(id));
  if (code === "not-screened" || code.startsWith("exclusion") || code.startsWith("same-day")) return view.waits.has("screening");
  return code === "weight-not-given" && view.waits.has("header");
}

/** A word of the service, shorter than its sentence where this app knows the code. */
function told({ code, params, because, refuses }: Said): Missing {
  const sentence = spoken(because);
  return { code, of: params.exclusion ?? params.item, text: short(code, params) ?? `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, refused: refuses, screen: code.startsWith("baseline") ? "entry" : "start" };
}

function short(code: string, params: Said["params"]): string | null {
  const { next } = words;
  if (code === "not-screened") return next.notScreened;
  if (code === "exclusion-present" && String(params.exclusion) in words.start.exclusions) return standing(params.exclusion as Exclusion);
  if (code === "same-day-not-answered") return next.notAsked;
  if (code === "same-day-too-old") return next.askedTooEarly;
  if (code === "same-day-asks") return next.asksClinician(`${params.question} ${params.answer}`);
  if (code === "same-day-stops") return next.stands(`${params.question} ${params.answer}`);
  if (code === "not-cleared") return next.notCleared;
  if (code === "clearance-ended") return next.clearanceEnded(`${dayText(String(params.until))} ${clockText(String(params.until))}`);
  if (code === "baseline-sets-missing") return next.sets(Number(params.counted), Number(params.needed));
  if (code === "baseline-too-old") return next.setsOld(Number(params.max_age));
  if (code === "weight-not-given") return next.noWeight;
  return null;
}

/** Exclusions that stand in the way are one thing, and so is all that nobody answered of the same-day check. */
function together(missing: Missing[]): Missing[] {
  const joined = (all: Missing[], code: string, said: (these: Missing[]) => string): Missing[] => {
    const these = all.filter((each) => each.code === code);
    const [first] = these;
    return all.flatMap((each) => (each === first ? [{ ...first, text: said(these) }] : these.includes(each) ? [] : [each]));
  };
  const exclusions = joined(missing, "exclusion-present", (these) => words.next.stands(these.map(({ text }) => text).join(", ")));
  return joined(exclusions, "same-day-not-answered", ([first]) => first!.text);
}

/** As this tablet reckons it from the record with what waits laid over it, under the service's own codes. */
function reckoned(view: View): Missing[] {
  const found: Missing[] = [];
  const add = (code: Said["code"], params: Said["params"], refuses: boolean): unknown => found.push(told({ code, params, because: "", refuses, after: null }));
  if (view.screening === null) add("not-screened", {}, true);
  for (const exclusion of inTheWay(view)) add("exclusion-present", { exclusion }, true);
  const today = ofToday(view);
  const check = neededOf(view.protocol)?.same_day;
  if (today && check && isOld(view, check)) add("same-day-too-old", {}, true);
  else for (const { name, question } of today?.unanswered ?? []) add("same-day-not-answered", { item: name, question }, true);
  for (const { name, question, wrong } of today?.asking ?? []) add("same-day-asks", { item: name, question, answer: wrong }, true);
  for (const { name, question, wrong } of today?.stopping ?? []) add("same-day-stops", { item: name, question, answer: wrong }, true);
  const cleared = [view.clearance, view.course_clearance].filter((held) => held !== null);
  if (cleared.length === 0) add("not-cleared", {}, true);
  else if (clearanceOf(view) === null) add("clearance-ended", { until: cleared.map(({ until }) => until ?? "").sort().at(-1) }, true);
  const sets = baselineSets(view);
  const needed = neededOf(view.protocol)?.baseline_sets ?? null;
  if (sets < (needed ?? 1)) found.push({ code: "baseline-sets-missing", of: undefined, text: words.next.sets(sets, needed), refused: false, screen: "entry" });
  if (view.route === "iv-infusion" && view.weight_kg === null) add("weight-not-given", {}, false);
  return found;
}

const baselineSets = (view: View): number => rows(view).filter((row) => counts(row) && row.reading.phase !== "infusion" && row.reading.phase !== "recovery").length;

/** The clearance that holds now, of the session or its course: until its last instant, as the service takes it. */
export const clearanceOf = (view: View): View["clearance"] | View["course_clearance"] =>
  [view.clearance, view.course_clearance].find((held) => held !== null && (!held.until || clinicNow() <= Date.parse(held.until))) ?? null;

/** What is there already: nothing of which anything is missing, and nothing at all where that is not known. */
export function doneOf(view: View): string[] {
  const missing = missingToStart(view);
  if (missing === null) return [];
  const lacks = (...codes: string[]): boolean => missing.some(({ code }) => codes.some((one) => code.startsWith(one)));
  return [
    view.screening !== null && !lacks("not-screened", "exclusion", "same-day") ? words.next.screened : "",
    clearanceOf(view) !== null && !lacks("not-cleared", "clearance") ? words.next.cleared : "",
    baselineSets(view) > 0 && !lacks("baseline") ? words.next.sets(baselineSets(view), neededOf(view.protocol)?.baseline_sets ?? null) : "",
    view.weight_kg !== null && !lacks("weight") ? words.next.weight(Number(view.weight_kg)) : "",
    view.escort !== null ? words.next.escortNamed : "",
  ].filter(Boolean);
}
