// A set as it is shown and corrected.
import { expect, test } from "vitest";
import type { Reading, Session } from "./records";
import { correctionOf, levelText, scaleOf } from "./sets";
import { blank, reading } from "./vitals";

test("a scale that is not known is not assumed", () => {
  const record = { limits: {} } as Session;
  expect(scaleOf(record)).toBeNull();
  expect(scaleOf({ ...record, limits: { "consciousness-recovered": { scale: "rass" } } })).toBe("rass");
});

test("a corrected level keeps the scale it was typed under", () => {
  const old = { id: "r", revision: 1, measured_at: "2026-03-08T09:30:00Z", consciousness: { scale: "rass", score: 0 }, symptoms: [], not_measured: {}, confirmed_unlikely: [], oxygen: null } as unknown as Reading;
  const draft = correctionOf(old, blank("r", "p", "Ada"));
  expect(reading(draft, old.measured_at).consciousness).toEqual({ scale: "rass", score: 0 });
});

test("a level says its scale where it is not the usual one", () => {
  expect(levelText({ scale: "moaas", score: 5 })).toBe("5");
  expect(levelText({ scale: "rass", score: 1 })).toBe("RASS +1");
  expect(levelText({ scale: "rass", score: -1 })).toBe("RASS -1");
  expect(levelText({ scale: "acvpu", score: "A" })).toBe("ACVPU A");
});
