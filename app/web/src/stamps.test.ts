// The instant a person meant: through a start without a network, a sleep, a clock that is set, a form left open.
import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, { localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) } });

const { forgetClock, heard, hear } = await import("./time");
const { meant, touch, touchAt, touched } = await import("./stamps");

const NOON = Date.parse("2026-03-07T12:00:00Z");
const MINUTE = 60_000;
const LIMIT = 60_000;
const SLEEPY = { toFake: ["Date", "performance"] as ("Date" | "performance")[] };

beforeEach(() => {
  vi.useFakeTimers({ now: NOON, ...SLEEPY });
  kept.clear();
  heard.value = null;
  forgetClock();
});

/** The service says that it is so many minutes past noon. */
const service = (minutes: number): unknown => hear(new Date(NOON + minutes * MINUTE).toISOString(), new Date(NOON + minutes * MINUTE).toISOString(), 1, performance.now());
/** The tablet's clock goes on, and its monotone clock does not: it slept, or it was set. */
const jump = (minutes: number): void => {
  vi.setSystemTime(Date.now() + minutes * MINUTE);
};
const minutesOf = (at: number): number => Math.round((at - NOON) / MINUTE);

test("a form left open keeps the time of its first touch", () => {
  service(0);
  const at = touched();
  vi.advanceTimersByTime(12 * MINUTE);
  expect(minutesOf(meant(at).at)).toBe(0);
  expect(Math.abs(meant(at).offset)).toBeLessThan(LIMIT);
});

test("a start without a network, the tablet's clock 45 minutes slow, and the service heard before it is saved", () => {
  const at = touched();
  expect(Math.abs(meant(at).offset)).toBeGreaterThan(LIMIT);
  vi.advanceTimersByTime(MINUTE);
  service(46);
  // now it is known: the touch was a minute ago
  expect(minutesOf(meant(at).at)).toBe(45);
});

test("the same, and the tablet's clock set right before it is saved: the time cannot be known, and says so", () => {
  const at = touched();
  jump(45);
  service(45);
  expect(minutesOf(meant(at).at)).toBe(0);
  expect(Math.abs(meant(at).offset)).toBeGreaterThan(LIMIT);
});

test("a touch after a sleep without a network is put right once the service is heard", () => {
  service(0);
  jump(20);
  const at = touched();
  expect(Math.abs(meant(at).offset)).toBeGreaterThan(LIMIT);
  vi.advanceTimersByTime(MINUTE);
  service(21);
  expect(minutesOf(meant(at).at)).toBe(20);
});

test("a clock that is set after the touch takes nothing from what was certain then", () => {
  service(0);
  const at = touched();
  jump(90);
  expect(minutesOf(meant(at).at)).toBe(0);
  expect(Math.abs(meant(at).offset)).toBeLessThan(LIMIT);
});

test("what a person set stays set", () => {
  service(0);
  const first = touch();
  const set = NOON - 8 * MINUTE;
  vi.advanceTimersByTime(3 * MINUTE);
  expect(meant(set, first).at).toBe(set);
  expect(meant(set).at).toBe(set);
  expect(touchAt(set)).toBeNull();
});

test("a touch of an earlier run of the page is taken as it was", () => {
  service(0);
  const first = { ...touch(), run: "another" };
  vi.advanceTimersByTime(30 * MINUTE);
  service(30);
  expect(meant(first.clinic, first)).toEqual({ at: first.clinic, offset: first.offset });
});
