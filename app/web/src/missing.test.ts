// What a dose still waits for, as a tablet can tell it.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { View } from "./project";
import type { Session } from "./records";

const kept = new Map<string, string>([["protocols", JSON.stringify({ "p/1": { medications: ["ondansetron"], baseline_sets: 2 } })]]);
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { doneOf, EXCLUSIONS, missingToStart } = await import("./missing");

const answers = (present: string[] = []): Record<string, boolean> => Object.fromEntries(EXCLUSIONS.map((name) => [name, present.includes(name)]));
const set = (id: string, phase = "baseline") => ({ id, phase, void: null, measured_at: `2026-03-07T14:0${id}:00Z` });
const sound = { sound: true, accepted: false, because: "sound" };

function view(other: Record<string, unknown> = {}): View {
  const record = { known: "heard", route: "iv-infusion", protocol: { id: "p", version: 1 }, screening: { answers: answers() }, overrides: [], clearance: {}, course_clearance: null, readings: [set("1"), set("2")], events: [], baseline: sound, weight_kg: 72.5, escort: null, ...other };
  return { ...record, heard: record as unknown as Session, waits: new Map() } as unknown as View;
}
const missing = (other: Record<string, unknown> = {}): string[] | undefined => missingToStart(view(other))?.map(({ text, refused }) => `${refused ? "!" : ""}${text}`);

test("nothing is missing where all is there", () => {
  expect(missing()).toEqual([]);
  expect(doneOf(view())).toEqual(["Screened", "Cleared by a clinician", "2 of 2 baseline sets", "Weight 72.5 kg"]);
});

test("screening and clearance are what the service asks for", () => {
  expect(missing({ screening: null })).toEqual(["!Screening is not answered"]);
  expect(missing({ clearance: null })).toEqual(["!No clinician has cleared it"]);
  expect(missing({ clearance: null, course_clearance: {} })).toEqual([]);
  // one that has run out clears nothing any more, in the sheet either
  const until = (minutes: number) => ({ clearance: null, course_clearance: { until: new Date(Date.now() + minutes * 60_000).toISOString() } });
  expect([missing(until(1)), missing(until(-1))]).toEqual([[], ["!No clinician has cleared it"]]);
  expect(doneOf(view(until(-1)))).not.toContain("Cleared by a clinician");
  const present = { screening: { answers: answers(["pregnancy", "no-negative-urine-toxicology"]) } };
  expect(missing(present)).toEqual(["!Stands in the way: no negative urine drug screen, current pregnancy"]);
  expect(missing({ ...present, overrides: [{ exclusions: ["pregnancy"] }] })).toEqual(["!Stands in the way: no negative urine drug screen"]);
});

test("a baseline is as many sets as the protocol wants, and sound", () => {
  expect(missing({ readings: [set("1")] })).toEqual(["1 of 2 baseline sets"]);
  expect(missing({ readings: [set("1"), { ...set("2"), void: {} }, set("3", "infusion")] })).toEqual(["1 of 2 baseline sets"]);
  const unsound = { baseline: { sound: false, accepted: false, because: "systolic 172 is above 150" } };
  expect(missing(unsound)).toEqual(["Baseline: systolic 172 is above 150"]);
  expect(missing({ baseline: { ...unsound.baseline, accepted: true } })).toEqual([]);
  // how many are wanted is not known: one is said to be there, and no number is made up
  expect(missing({ protocol: { id: "other", version: 1 }, readings: [] })).toEqual(["0 baseline sets"]);
});

test("a weight is asked for where the dose hangs on it", () => {
  expect(missing({ weight_kg: null })).toEqual(["No weight"]);
  expect(missing({ weight_kg: null, route: "intranasal" })).toEqual([]);
});

test("of a session that is known by its line alone nothing is said", () => {
  expect(missing({ known: "line", screening: null })).toBeUndefined();
});
