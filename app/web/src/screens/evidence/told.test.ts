import { expect, test } from "vitest";
import { choices, type Compared, type Group, minutesText, monthsOf, moreText, percent, shareText } from "./told";

const group = (by: Group["by"], more: Partial<Group> = {}): Group => ({ by, month: null, route: null, protocol: null, sessions: 20, patients: 12, unknown: 0, last_in_way: [], minutes: [], portions: [], ...more });
const iv = { id: "iv", version: 2 };
const GROUPS = [
  group("all"),
  group("month", { month: "2026-02" }),
  group("month", { month: "2026-03" }),
  group("route", { route: "iv-infusion" }),
  group("protocol", { route: "iv-infusion", protocol: iv }),
  group("month-and-route", { month: "2026-03", route: "iv-infusion" }),
  group("month-and-protocol", { month: "2026-02", route: "iv-infusion", protocol: iv }),
  group("month-and-protocol", { month: "2026-03", route: "iv-infusion", protocol: { id: "iv", version: 1 } }),
];

test("a small share keeps a decimal, so that it is not nothing", () => {
  expect([0, 0.004, 0.0149, 0.099, 0.1, 0.296, 1].map(percent)).toEqual(["0", "0.4", "1.5", "9.9", "10", "30", "100"]);
});

test("what too few tell of is said in words, never as a number", () => {
  const few = { count: 3, of: 9, patients: 9, share: null, low: null, high: null };
  expect(shareText(few)).toBe("too few to say");
  expect(minutesText({ stretch: "dose-end-to-flag", sessions: 9, patients: 9, median: null, low: null, high: null, quarter: null, three_quarters: null })).toBe("too few to say");
  expect(shareText({ ...few, share: 0.333, low: 0.1, high: 0.65 })).toBe("33 % (10 to 65 %)");
});

test("each choice has the months that are its own, the newest first", () => {
  const found = choices(GROUPS);
  expect(found.map(([key]) => key)).toEqual(["", "iv-infusion", "iv:2"]);
  expect(found.map(([, , chosen]) => monthsOf(GROUPS, chosen).map((each) => [each.month, each.by]))).toEqual([
    [
      ["2026-03", "month"],
      ["2026-02", "month"],
    ],
    [["2026-03", "month-and-route"]],
    [["2026-02", "month-and-protocol"]],
  ]);
});

test("more and less have their sign", () => {
  const one: Compared = { route: "iv-infusion", protocol: iv, than: { id: "iv", version: 1 }, measure: "dose-end-to-flag", more: 15, low: -0.4, high: 31.2, differs: false };
  expect(moreText(one)).toBe("+15 min (0 to +31)");
  expect(moreText({ ...one, measure: "sets-late", more: -0.2, low: -0.251, high: -0.15 })).toBe("−20 percentage points (−25.1 to −15)");
});
