// Numbers as people type them.
import { expect, test } from "vitest";
import { BOUNDS, readNumber } from "./numbers";

const dose = BOUNDS.dose_mg;

test.each([
  ["36", 36],
  [" 36 ", 36],
  ["2,5", 2.5],
  ["2.5", 2.5],
  ["62,5", 62.5],
  ["0,125", 0.125],
  ["0.05", 0.05],
  ["007", 7],
])("%s is read as %s", (typed, value) => expect(readNumber(typed, dose)).toEqual({ value, fault: null }));

test("nothing is nothing", () => expect(readNumber("  ", dose)).toEqual({ value: null, fault: null }));

test.each(["1e3", "0x10", "Infinity", "-5", "+5", "1 000", "1.2.3", "1,2,3", ".5", "5.", "½", "three", "NaN"])("%s is no number", (typed) => {
  expect(readNumber(typed, dose)).toMatchObject({ value: null, fault: expect.stringContaining(typed) });
});

test.each(["1,250", "1.250", "36,125"])("%s can be read in two ways, and both are said", (typed) => {
  const { value, fault } = readNumber(typed, BOUNDS.dose);
  expect(value).toBeNull();
  expect(fault).toContain(typed.replace(/[.,]/, ""));
  expect(fault).toContain(typed.slice(0, -1));
});

test("the bounds are said in words, with their unit", () => {
  expect(readNumber("0", dose).fault).toMatch(/above 0.*1000 mg/);
  expect(readNumber("1001", dose).fault).toMatch(/1001/);
  expect(readNumber("19", BOUNDS.weight_kg).fault).toMatch(/20 to 400 kg/);
  expect(readNumber("20", BOUNDS.weight_kg).value).toBe(20);
  expect(readNumber("400", BOUNDS.weight_kg).value).toBe(400);
});

test("minutes are whole, and three places are the most", () => {
  expect(readNumber("40,5", BOUNDS.planned_minutes).fault).toMatch(/whole/);
  expect(readNumber("40", BOUNDS.planned_minutes).value).toBe(40);
  const grace = { low: 0, high: 15, whole: true, unit: "min" };
  expect(readNumber("0", grace).value).toBe(0);
  expect(readNumber("16", grace).fault).toMatch(/: 0 to 15 min/);
  expect(readNumber("0.1234", dose).fault).toMatch(/three/);
});
