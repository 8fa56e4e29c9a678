// What a protocol's form shows of a version, and the document that it comes to.
import { expect, test } from "vitest";
import { countOf, documentOf, faultOf, type Form, nameFrom, notTaken, NOTHING, placed, shownOf, type Typed, withText, withThere } from "./made";

type Field = Form["tables"][number]["fields"][number];
const field = (name: string, kind: Field["kind"], more: Partial<Field> = {}): Field => ({ name, kind, label: name, unit: "", hint: "", required: true, low: null, high: null, longest: null, choices: [], ...more });
const whole = (name: string, low: number, high: number, more: Partial<Field> = {}): Field => field(name, "whole-number", { low, high, unit: "min", ...more });
const source = field("source", "text", { required: false, longest: 500 });

const form: Form = {
  id: "own",
  route: "intranasal",
  document: {
    id: "own",
    version: 1,
    route: "intranasal",
    example: true,
    schedule: { recovery: 15, grace: 0, source: "as told" },
    concern: { spo2: { floor: 92, acknowledge: true } },
    criteria: { symptoms: { always: ["fall", "seizure"] }, settled: { minutes: { midazolam: 120, saline: 15 } } },
    "same-day": { hours: 12, alcohol: { question: "Alcohol?" } },
    of_old: { limit: 3 },
  },
  tables: [
    { table: "", title: "Version", required: true, fields: [field("example", "yes-no", { required: false })] },
    { table: "schedule", title: "Schedule", required: true, fields: [whole("recovery", 1, 60), whole("grace", 0, 15), source] },
    { table: "concern.spo2", title: "SpO2", required: false, fields: [whole("floor", 30, 100, { required: false }), field("acknowledge", "yes-no")] },
    { table: "same-day", title: "Same day", required: false, fields: [whole("hours", 1, 24)] },
    { table: "same-day.*", title: "Same day: *", required: true, fields: [field("question", "line", { longest: 120 })] },
    { table: "prompts", title: "Prompts", required: false, fields: [whole("systolic", 120, 170)] },
    { table: "prompts.once", title: "Once", required: false, fields: [whole("systolic", 150, 220)] },
    { table: "criteria.symptoms", title: "Symptoms", required: true, fields: [field("always", "codes")] },
    { table: "criteria.settled.minutes", title: "Settled", required: true, fields: [whole("*", 1, 1440)] },
  ],
};
const lineOf = (typed: Typed, path: string) => shownOf(form, typed).flatMap((each) => each.lines).find((each) => each.path === path)!;
const typing = (...texts: [string, string][]): Typed => texts.reduce((typed, [path, text]) => withText(typed, lineOf(typed, path), text), NOTHING);
const tablesOf = (typed: Typed): string[] => shownOf(form, typed).map((each) => each.path);

test("untouched it comes to the version as it was, under its new number, and says what it cannot take along", () => {
  const { of_old: _, ...held } = form.document;
  expect(documentOf(form, NOTHING, 2)).toEqual({ ...held, version: 2 });
  expect(notTaken(form)).toEqual(["of_old.limit"]);
});

test("a number is read as everywhere, and the rest is typed as it stands", () => {
  const typed = typing(["schedule.recovery", " 20 "], ["schedule.source", " two lines,\nof one sheet "], ["example", "false"], ["criteria.symptoms.always", "seizure"], ["criteria.settled.minutes.saline", "30"]);
  const made = documentOf(form, typed, 2);
  expect(made.schedule).toEqual({ recovery: 20, grace: 0, source: "two lines,\nof one sheet" });
  expect(made.example).toBe(false);
  expect(made.criteria).toEqual({ symptoms: { always: ["seizure"] }, settled: { minutes: { midazolam: 120, saline: 30 } } });
  expect(countOf(typed)).toBe(5);
  expect(countOf(withText(typed, lineOf(typed, "example"), "true"))).toBe(4);
});

test.each([
  ["61", /1 to 60 min/],
  ["20,5", /whole/],
  ["twenty", /not a number/],
  ["", /missing.*1 to 60 min/],
])("%j is at fault in words that say what would be right", (text, said) => {
  const line = lineOf(typing(["schedule.recovery", text]), "schedule.recovery");
  expect(faultOf(line)).toMatch(said);
});

test("what need not be there may be empty, and is not in the document then", () => {
  const typed = typing(["concern.spo2.floor", ""], ["schedule.source", " "], ["criteria.symptoms.always", ""]);
  for (const path of ["concern.spo2.floor", "schedule.source", "criteria.symptoms.always"]) expect(faultOf(lineOf(typed, path))).toBe("");
  const made = documentOf(form, typed, 2);
  expect([made.concern, made.schedule]).toEqual([{ spo2: { acknowledge: true } }, { recovery: 15, grace: 0 }]);
  expect((made.criteria as { symptoms: unknown }).symptoms).toEqual({ always: [] });
});

test("a table is left out and put in whole, with all that lies in it", () => {
  const without = withThere(NOTHING, form, "same-day", false);
  expect(documentOf(form, without, 2)).not.toHaveProperty("same-day");
  expect(tablesOf(without)).not.toContain("same-day.alcohol");
  expect(withThere(without, form, "same-day", true)).toEqual(NOTHING);
  expect(tablesOf(NOTHING)).not.toContain("prompts.once");
  const prompted = withText(withThere(NOTHING, form, "prompts", true), { path: "prompts.systolic", was: "" }, "140");
  expect(tablesOf(prompted)).toContain("prompts.once");
  expect(documentOf(form, prompted, 2).prompts).toEqual({ systolic: 140 });
  expect(withThere(prompted, form, "prompts", false)).toEqual(NOTHING);
});

test("rows have the clinic's own names: one more, one less, and back again", () => {
  const added = withText(withThere(withThere(NOTHING, form, "criteria.settled.minutes.ketorolac", true), form, "criteria.settled.minutes.saline", false), { path: "criteria.settled.minutes.ketorolac", was: "" }, "30");
  expect(documentOf(form, added, 2).criteria).toMatchObject({ settled: { minutes: { midazolam: 120, ketorolac: 30 } } });
  expect(documentOf(form, added, 2).criteria).not.toHaveProperty("settled.minutes.saline");
  const item = withThere(NOTHING, form, "same-day.driver", true);
  expect(shownOf(form, item).find((each) => each.path === "same-day.driver")).toMatchObject({ title: "Same day: driver", there: true });
  expect(faultOf(lineOf(item, "same-day.driver.question"))).toMatch(/one line of at most 120/);
  expect([nameFrom(" Vitamin C "), nameFrom("MAO_inhibitors"), nameFrom("Zofran®"), nameFrom("")]).toEqual(["vitamin-c", "mao-inhibitors", null, null]);
});

test("what the service finds at fault stands beside the nearest field", () => {
  const none = withThere(withThere(NOTHING, form, "criteria.settled.minutes.saline", false), form, "criteria.settled.minutes.midazolam", false);
  const faults = { "schedule.grace": "is 16", "criteria.symptoms.always.1": "is not a known code", "same-day": "has 0 items", "criteria.settled.minutes": "is empty", "concern.spo2": "leaves none", criteria: "would be met" };
  expect(placed(shownOf(form, none), faults)).toEqual({
    "schedule.grace": "is 16",
    "criteria.symptoms.always": "is not a known code",
    "same-day.hours": "has 0 items",
    "criteria.settled.minutes.*": "is empty",
    "concern.spo2.floor": "leaves none",
    "": "criteria: would be met",
  });
  const left = withThere(NOTHING, form, "concern.spo2", false);
  expect(placed(shownOf(form, left), { "concern.spo2": "leaves none" })).toEqual({ "": "SpO2: leaves none" });
});
