import "fake-indexeddb/auto";
import { expect, test } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { allowed, LOUDNESS, within } = await import("./calling");

test("a tablet is as loud as was chosen there, within what the clinic allows", () => {
  expect(allowed("concern", { loudest: "loud", quietest: "off" })).toEqual([...LOUDNESS]);
  expect(allowed("concern", { loudest: "quiet", quietest: "quiet" })).toEqual(["quiet"]);
  expect(LOUDNESS.map((chosen) => within("concern", chosen, { loudest: "loud", quietest: "quiet" }))).toEqual(["quiet", "quiet", "loud"]);
  expect(LOUDNESS.map((chosen) => within("concern", chosen, { loudest: "quiet", quietest: "off" }))).toEqual(["off", "quiet", "quiet"]);
  expect(LOUDNESS.map((chosen) => within("concern", chosen, { loudest: "off", quietest: "off" }))).toEqual(["off", "off", "off"]);
});

test("an overdue set may always be made as quiet as one likes", () => {
  expect(allowed("overdue", { loudest: "loud", quietest: "loud" })).toEqual([...LOUDNESS]);
});

test("a loudness that this app does not know bounds nothing", () => {
  expect(allowed("concern", { loudest: "deafening" as never, quietest: "whispered" as never })).toEqual([...LOUDNESS]);
});
