// What a dose still waits for: the service's word, and what this tablet may add to it.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { View } from "./project";
import type { Session } from "./records";

const item = (name: string, if_wrong: string) => ({ name, question: `${name}?`, right: "so", wrong: "not so", if_wrong });
const items = [item("bag", "note"), item("consent", "stop"), item("fluids", "ask-clinician")];
const protocols = { "p/1": { medications: ["ondansetron"], baseline_sets: 2, same_day: null }, "today/1": { medications: [], baseline_sets: 2, same_day: { hours: 12, items } } };
const kept = new Map<string, string>([["protocols", JSON.stringify(protocols)]]);
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { doneOf, EXCLUSIONS, missingToStart } = await import("./missing");

const answers = (present: string[] = []): Record<string, boolean> => Object.fromEntries(EXCLUSIONS.map((name) => [name, present.includes(name)]));
const set = (id: string, phase = "baseline") => ({ id, phase, void: null, measured_at: `2026-03-07T14:0${id}:00Z` });
const said = (code: string, params: Record<string, unknown> = {}, refuses = false, after: string | null = null) => ({ code, params, refuses, after, because: `the service says ${code}` });
const SCREENING = said("not-screened", {}, true);
const SETS = said("baseline-sets-missing", { counted: 1, needed: 2 });

/** `waits`: what of it waits on this tablet. */
function view(other: Record<string, unknown> = {}, ...waits: string[]): View {
  const record = { known: "heard", state: "checked-in", route: "iv-infusion", protocol: { id: "p", version: 1 }, to_start: [], screening: { answers: answers() }, overrides: [], clearance: {}, course_clearance: null, readings: [set("1"), set("2")], events: [], baseline: null, weight_kg: 72.5, escort: null, ...other };
  return { ...record, heard: record as unknown as Session, waits: new Map(waits.map((name) => [name, { state: "on this tablet", problem: null, changing: null }])) } as unknown as View;
}
const missing = (...of: Parameters<typeof view>): string[] | undefined => missingToStart(view(...of))?.map(({ text, refused }) => `${refused ? "!" : ""}${text}`);

test("what the service says is missing is shown in the app's words, and what it does not know in the service's", () => {
  expect(missing()).toEqual([]);
  expect(doneOf(view())).toEqual(["Screened", "Cleared by a clinician", "2 of 2 baseline sets", "Weight 72.5 kg"]);
  const to_start = [SCREENING, said("not-cleared", {}, true), SETS, said("weight-not-given"), said("some-newer-thing")];
  expect(missing({ to_start })).toEqual(["!Screening is not answered", "!No clinician has cleared it", "1 of 2 baseline sets", "No weight", "The service says some-newer-thing"]);
  const exclusions = ["pregnancy", "no-negative-urine-toxicology"].map((exclusion) => said("exclusion-present", { exclusion }, true));
  expect(missing({ to_start: exclusions })).toEqual(["!Stands in the way: current pregnancy, no negative urine drug screen"]);
});

test("the service's word stands over what this tablet would reckon", () => {
  // two sets by their count, and the service takes one: its clock was in doubt
  expect(missing({ to_start: [SETS] })).toEqual(["1 of 2 baseline sets"]);
  expect(doneOf(view({ to_start: [SETS] }))).not.toContain("2 of 2 baseline sets");
  // it says of a course's clearance what this look does not have yet
  expect(missing({ clearance: null, to_start: [] })).toEqual([]);
});

test("what ends by itself is missing from then on, without another word", () => {
  const ends = (minutes: number) => said("clearance-ended", { until: "2026-03-07T14:00:00Z" }, true, new Date(Date.now() + minutes * 60_000).toISOString());
  expect(missing({ to_start: [ends(1)] })).toEqual([]);
  expect(missing({ to_start: [ends(-1)] })).toEqual(["!The clearance ended on 2026-03-07 14:00"]);
  expect(missing({ to_start: [said("baseline-too-old", { needed: 2, max_age: 60 }, false, "2026-03-07T15:00:00Z")] })).toEqual(["Baseline sets older than 60 min"]);
});

test("what was typed here and is not in the record yet is not done", () => {
  const sent = (what: string): string => `${what} in the record: typed here, on its way`;
  expect(missing({ to_start: [SCREENING] }, "screening")).toEqual([`!${sent("Screening is not answered")}`]);
  expect(doneOf(view({ to_start: [SCREENING] }, "screening"))).not.toContain("Screened");
  expect(missing({ to_start: [SETS] }, "2")).toEqual([sent("1 of 2 baseline sets")]);
  expect(missing({ to_start: [said("weight-not-given")] }, "header")).toEqual([sent("No weight")]);
  // only what it is about is said to be on its way
  expect(missing({ to_start: [SETS, SCREENING] }, "header")).toEqual(["1 of 2 baseline sets", "!Screening is not answered"]);
});

test("what waits here adds to what the service says is missing", () => {
  expect(missing({ readings: [set("1"), { ...set("2"), void: {} }, set("3", "infusion")] }, "2")).toEqual(["1 of 2 baseline sets"]);
  expect(missing({ screening: { answers: answers(["pregnancy"]) } }, "screening")).toEqual(["!Stands in the way: current pregnancy"]);
  expect(missing({ weight_kg: null, clearance: null }, "header")).toEqual(["!No clinician has cleared it", "No weight"]);
  const other = { screening: { answers: answers(["pregnancy"]) }, to_start: [said("exclusion-present", { exclusion: "history-of-psychosis" }, true)] };
  expect(missing(other, "screening")).toEqual(["!Stands in the way: history of psychosis in the record: typed here, on its way, current pregnancy"]);
});

test("of a session that only this tablet has, it is reckoned here", () => {
  const made = { known: "made", to_start: null, weight_kg: null, screening: null, clearance: null, readings: [set("1")] };
  expect(missing(made)).toEqual(["!Screening is not answered", "!No clinician has cleared it", "1 of 2 baseline sets", "No weight"]);
  expect(missing({ ...made, route: "intranasal" })).not.toContain("No weight");
  // how many are wanted is not known: one is said to be there, and no number is made up
  expect(missing({ ...made, protocol: { id: "other", version: 1 }, readings: [] })).toContain("0 baseline sets");
  const overridden = { screening: { answers: answers(["pregnancy"]) }, overrides: [{ exclusions: ["pregnancy"] }] };
  expect(missing({ ...made, ...overridden })).not.toContain("!Stands in the way: current pregnancy");
});

const ASKED = "2026-03-07T12:00:00Z";
const TODAY = { id: "today", version: 1 };
const today = (same_day: Record<string, string>, asked_at = new Date().toISOString()) => ({ protocol: TODAY, screening: { answers: answers(), same_day, asked_at }, clearance: { same_day: [] } });

test("the same-day check is told in the protocol's words, and what nobody answered is one thing", () => {
  const code = (name: string, params: Record<string, unknown> = {}) => said(`same-day-${name}`, params, true);
  const question = { question: "Last drink?", answer: "just now" };
  const to_start = [code("not-answered", { item: "a", question: "A?" }), code("not-answered", { item: "b", question: "B?" }), code("asks", { item: "c", ...question }), code("stops", { item: "d", ...question }), code("too-old")];
  expect(missing({ to_start })).toEqual(["!Same-day check: not all of it is answered", "!A clinician must clear this: Last drink? just now", "!Stands in the way: Last drink? just now", "!The same-day check was asked too long ago"]);
  expect(doneOf(view({ to_start: [code("asks", question)] }))).not.toContain("Screened");
  // what was typed here is on its way
  expect(missing({ to_start: to_start.slice(0, 2) }, "screening")).toEqual(["!Same-day check: not all of it is answered in the record: typed here, on its way"]);
});

test("of a session that only this tablet has, the same-day check is reckoned as the service does", () => {
  const made = { known: "made", to_start: null };
  const all = { bag: "right", consent: "right", fluids: "right" };
  expect(missing({ ...made, ...today(all) })).toEqual([]);
  expect(missing({ ...made, ...today({ ...all, bag: "wrong" }) })).toEqual([]);
  expect(missing({ ...made, ...today({ bag: "right" }) })).toEqual(["!Same-day check: not all of it is answered"]);
  expect(missing({ ...made, ...today({ ...all, fluids: "wrong", consent: "wrong" }) })).toEqual(["!A clinician must clear this: fluids? not so", "!Stands in the way: consent? not so"]);
  expect(missing({ ...made, ...today({ ...all, fluids: "wrong" }), clearance: { same_day: ["fluids"] } })).toEqual([]);
  expect(missing({ ...made, ...today({ ...all, consent: "wrong" }), overrides: [{ exclusions: [], same_day: ["consent"] }] })).toEqual([]);
  expect(missing({ ...made, ...today(all, ASKED) })).toEqual(["!The same-day check was asked too long ago"]);
});

test("where nobody has said it, nothing is said to be there", () => {
  expect(missing({ to_start: null })).toBeUndefined();
  expect(doneOf(view({ to_start: null }))).toEqual([]);
  expect(missing({ known: "line", to_start: null, screening: null })).toBeUndefined();
  // by the board's line alone
  expect(missingToStart(null, [SETS] as never)?.map(({ text }) => text)).toEqual(["1 of 2 baseline sets"]);
  expect(missingToStart(null, null)).toBeNull();
});

test("once a dose has begun nothing is said of a start", () => {
  expect(missing({ to_start: null, state: "infusing" }, "2")).toBeUndefined();
});
