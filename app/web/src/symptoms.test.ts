// What is offered when a symptom is to be named.
import { expect, test } from "vitest";
import { gradesOf, offered, serious } from "./symptoms";

const none = new Set<string>();

test("ten common ones come first, serious ones stand apart, and every code is there once", () => {
  const groups = offered(none, "");
  expect(groups.map(({ group, codes }) => [group, codes.length])).toEqual([
    ["often", 10],
    ["serious", 12],
    ["others", 28],
  ]);
  expect(groups[0]!.codes[0]).toBe("nausea");
  expect(groups[1]!.codes.every(serious)).toBe(true);
  expect(new Set(groups.flatMap(({ codes }) => codes)).size).toBe(50);
});

test("what was named before is asked about first, and once", () => {
  const groups = offered(new Set(["chest-pain", "nausea"]), "");
  expect(groups[0]).toEqual({ group: "here", codes: ["chest-pain", "nausea"] });
  expect(groups.flatMap(({ codes }) => codes)).toHaveLength(50);
});

test("a piece of a name finds it, in any case and order", () => {
  expect(offered(none, "VIS")).toEqual([{ group: "often", codes: ["double-vision", "blurred-vision"] }]);
  expect(offered(none, "pressure blood low")).toEqual([{ group: "others", codes: ["low-blood-pressure"] }]);
  expect(offered(none, "  ").flatMap(({ codes }) => codes)).toHaveLength(50);
  expect(offered(none, "toothache")).toEqual([]);
});

test("what has no mild form is asked for no grade", () => {
  expect(gradesOf("cardiac-arrest")).toEqual(["severe"]);
  expect(gradesOf("chest-pain")).toEqual(["mild", "moderate", "severe"]);
});
