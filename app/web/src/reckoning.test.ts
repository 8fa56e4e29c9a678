// How late it may be by the clinic's clock: answers that took long, that were repeated, a clock that was set.
import { expect, test } from "vitest";
import { carried, narrowed, type Reckoning, type Span } from "./reckoning";

const NOON = Date.parse("2026-03-07T12:00:00Z");
const at = (seconds: number) => ({ ticks: seconds * 1000, date: NOON + seconds * 1000 });

/** An answer that came at `here` and took so long: the clinic's clock was at `clinic` somewhere between (seconds). */
const said = (clinic: number, took: number, here: number, pace = 1): Span => ({ low: clinic * 1000, high: clinic * 1000 + took * 1000 * pace, pace, at: at(here) });
const after = (...answers: Span[]): Reckoning => answers.reduce<Reckoning | null>(narrowed, null)!;

test("an answer that was under way for ninety seconds may be as old as that", () => {
  const { held } = after(said(100, 90, 0));
  expect(carried(held, at(10))).toMatchObject({ low: 110_000, high: 200_000 });
});

test("a quick answer narrows, a slow one after it widens nothing", () => {
  expect(after(said(100, 90, 0), said(170, 0.2, 5)).held).toMatchObject({ low: 170_000, high: 170_200 });
  expect(after(said(100, 0.2, 0), said(80, 90, 60)).held).toMatchObject({ low: 160_000, high: 160_200 });
});

test("an old answer told again turns no clock back", () => {
  const { held } = after(said(100, 0.1, 0), said(100, 0.1, 60), said(100, 0.1, 61), said(100, 0.1, 62), said(100, 0.1, 63));
  expect(held.low).toBe(163_000);
});

test("a clock that was set back is believed once three answers agree on it", () => {
  const back = [said(10, 0.1, 60), said(11, 0.1, 61), said(12, 0.1, 62)];
  expect(after(said(100, 0.1, 0), ...back.slice(0, 2)).held.low).toBeGreaterThan(150_000);
  expect(after(said(100, 0.1, 0), ...back).held.low).toBe(12_000);
});

test("a clock that was set on is believed at once, and so is another pace", () => {
  expect(after(said(100, 0.1, 0), said(500, 0.1, 1)).held.low).toBe(500_000);
  expect(after(said(100, 0.1, 0), said(100, 0.1, 1, 60)).held).toMatchObject({ low: 100_000, high: 106_000, pace: 60 });
});

test("while the tablet sleeps one of its clocks may stop: the earliest and the latest it can be are told apart", () => {
  const slept = { ticks: 1000, date: NOON + 600_000 };
  expect(carried(after(said(100, 0, 0)).held, slept)).toMatchObject({ low: 101_000, high: 700_000 });
  const set_back = { ticks: 5000, date: NOON - 3_600_000 };
  expect(carried(after(said(100, 0, 0)).held, set_back)).toMatchObject({ low: 100_000, high: 105_000 });
});

test("somebody else's word is no time of day, and nothing is reckoned from it", async () => {
  Object.assign(globalThis, { localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined } });
  const { hear, latest } = await import("./time");
  const { NoAnswer } = await import("./api");
  expect(() => hear(undefined as never, undefined as never, undefined as never, 0)).toThrow(NoAnswer);
  expect(latest()).toBeNull();
});
