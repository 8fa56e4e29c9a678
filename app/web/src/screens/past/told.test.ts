// A session's line in words: nothing unknown is told as none.
import { expect, test } from "vitest";
import { dayBeside, daysBetween, dissociationOf, doseOf, grouped, isGrave, type Line, minutesOf, notedOf, peakOf, signedOf, whenOf } from "./told";

const PEAKS = { dose_started_at: "2026-03-07T12:00:00Z", heart_rate: 90, systolic: 168, diastolic: 98, respiratory_rate: 16, spo2: 95, dissociation: "severe" as const };
const line = (other: Partial<Line> = {}): Line => ({
  id: "s",
  patient: { id: "p", family_name: "Rivera", given_name: "Maria", given_names: ["Maria"], birth_date: "1984-03-11", record_number: "R-1" },
  state: "discharged",
  at: "2026-03-07T11:30:00Z",
  course_id: null,
  planned_at: null,
  had_left_at: null,
  dose_started_at: "2026-03-07T12:00:00Z",
  route: "iv-infusion",
  chair: "3",
  peaks: PEAKS,
  open_notices: 0,
  failed: [],
  told: true,
  protocol: { id: "iv-infusion-example", version: 1 },
  dose_mg: 36,
  weight_kg: 72.5,
  mg_per_kg: 0.497,
  dose_ended_at: "2026-03-07T12:40:00Z",
  flag_at: null,
  minutes_to_flag: 62,
  withdrawn: 0,
  closed_at: null,
  minutes_to_leaving: 69,
  decision: "confirm",
  signed_by: "Cleo",
  signed_at: null,
  signed_afterwards: false,
  concerns: [],
  symptoms: [],
  medications: [],
  oxygen: false,
  pauses: 0,
  ...other,
});
const untold = line({ told: false, dose_mg: null, peaks: null, concerns: null, symptoms: null, medications: null, oxygen: null, decision: null });

test("what is known is told", () => {
  const whole = line();
  expect([doseOf(whole), peakOf(whole), dissociationOf(whole), minutesOf(whole, 62), signedOf(whole)]).toEqual(["36 mg, 0.497 mg/kg", "168/98", "severe", "62 min", "Cleo"]);
  expect(notedOf(whole)).toEqual([]);
});

test("what cannot be read is unknown, and never none", () => {
  expect([doseOf(untold), peakOf(untold), dissociationOf(untold), minutesOf(untold, null), signedOf(untold)]).toEqual(Array(5).fill("unknown"));
  expect(notedOf(untold)).toBeNull();
  expect(notedOf(line({ symptoms: null }))).toBeNull();
});

test("what was not measured is a dash beside what was", () => {
  expect(peakOf(line({ peaks: { ...PEAKS, diastolic: null } }))).toBe("168/–");
  expect(doseOf(line({ dose_mg: null }))).toBe("–");
  expect(doseOf(line({ mg_per_kg: null }))).toBe("36 mg");
});

test("everything out of the ordinary is named, how it ended first", () => {
  const rough = line({
    state: "transferred",
    symptoms: [{ code: "chest-pain", severity: "mild", serious: true }, { code: "nausea", severity: null, serious: false }],
    concerns: [{ vital: "systolic", count: 3 }],
    medications: ["ondansetron"],
    oxygen: true,
    pauses: 2,
    withdrawn: 1,
    open_notices: 1,
    failed: ["peaks"],
  });
  expect(notedOf(rough)).toEqual([
    "sent to hospital",
    "chest pain (mild)",
    "nausea",
    "Systolic of concern 3 times",
    "given: ondansetron",
    "oxygen given",
    "paused twice",
    "flag withdrawn once",
    "late information not yet seen",
    "could not be worked out: peaks",
  ]);
  expect([isGrave(rough), isGrave(line())]).toEqual([true, false]);
});

test("who signed is told with what they signed", () => {
  expect(signedOf(line({ decision: "decline" }))).toBe("declined by Cleo");
  expect(signedOf(line({ decision: "override", signed_afterwards: true }))).toBe("Cleo (override), signed afterwards");
  expect(signedOf(line({ decision: null }))).toBe("–");
});

test("a day goes from planned to gone, each by its time", () => {
  const day = [line({ id: "c", state: "recovering" }), line({ id: "b", state: "planned", at: "2026-03-07T15:00:00Z" }), line({ id: "a", state: "planned", at: "2026-03-07T14:00:00Z" }), line({ id: "d" })];
  expect(grouped(day).map(([group, these]) => [group, these.map(({ id }) => id)])).toEqual([["planned", ["a", "b"]], ["arrived", []], ["underWay", ["c"]], ["gone", ["d"]]]);
});

test("days are of the calendar, over a change of the clocks too", () => {
  expect([dayBeside("2026-03-29", 1), dayBeside("2026-03-01", -1), dayBeside("2026-12-31", 1)]).toEqual(["2026-03-30", "2026-02-28", "2027-01-01"]);
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  expect(whenOf(line({ dose_started_at: null }))).toBe(Date.parse("2026-03-07T11:30:00Z"));
});
