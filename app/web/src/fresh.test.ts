// When a flag may be shown: by what the service's word says of itself, never by when it came.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

Object.assign(globalThis, {
  localStorage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
  fetch: () => new Promise(() => undefined),
});

const { hold } = await import("./records");
const { board, boardHeard, person, silentSince, toldOf, token } = await import("./store");
const { flagOf, heardAgo, judged, silence, spokeAsOf } = await import("./fresh");
const { taking } = await import("./stream");
const { forgetClock, hear } = await import("./time");

const HERE = Date.parse("2026-03-07T14:00:00Z");
const after = (minutes: number): string => new Date(HERE + minutes * 60_000).toISOString();
let id = "";
let take: ReturnType<typeof taking>;

beforeEach(() => {
  vi.useFakeTimers({ now: HERE, toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
  id = crypto.randomUUID();
  token.value = "t";
  person.value = { staff_id: "s", username: "ada", name: "Ada", role: "nurse", clinic: "North", ticket: "t" };
  silentSince.value = null;
  board.value = new Map();
  boardHeard.value = false;
  spokeAsOf.value = null;
  toldOf.value = new Map();
  forgetClock();
  clockSays(0);
  take = taking();
});
afterEach(() => vi.useRealTimers());

/** The service says what time it is, at once, or after its answer took a while. */
function clockSays(minutes: number, took = 0): void {
  hear(after(minutes), after(minutes), 1, performance.now() - took);
}

const line = (version: number, other: Record<string, unknown> = {}): never =>
  ({ id, version, status: "met", status_since: after(-1), digest: "the same", lapses_at: after(60), ...other }) as never;

let said = 0;
/** The stream's next event. */
function streamSays(minutes: number, ...items: never[]): boolean {
  said += items.length > 0 ? 1 : 0;
  return take({ items, gone: [], as_of: after(minutes), version: said });
}

/** A whole look as the service would tell it, on the screen. */
function look(version: number, lapses_at: string, other: Record<string, unknown> = {}): Parameters<typeof judged>[0] {
  const readiness = { status: "met", as_of: after(-1), lapses_at, earliest_met_at: null, digest: "the same", findings: [], closed: false, had_left_at: null, ...other };
  const made = { id, version, state: "recovering", notices: [], tablets: {}, baseline: null, known: "heard", asked: 1, readiness } as never;
  hold(made);
  return made;
}
const lineMet = (): boolean => {
  const item = board.value.get(id);
  const flag = item && flagOf(item);
  return flag !== undefined && flag.known && flag.value.met !== null;
};
const recordMet = (record: Parameters<typeof judged>[0]): boolean => {
  const word = judged(record);
  return word.known && word.value.met !== null;
};
const why = (record: Parameters<typeof judged>[0]): string => {
  const word = judged(record);
  return word.known ? "" : word.text;
};

test("a stream that is heard at once shows the flag", () => {
  streamSays(0, line(40));
  expect(lineMet()).toBe(true);
  expect(recordMet(look(40, after(60)))).toBe(true);
});

test("a stream that is ninety seconds late shows none, though it goes on speaking", () => {
  clockSays(1.5);
  streamSays(0, line(40));
  expect(lineMet()).toBe(false);
  expect(recordMet(look(40, after(60)))).toBe(false);
  expect(heardAgo()).toBe(90);
  expect(silence()).not.toBeNull();
});

test("a stream that stops shows none five seconds later", () => {
  streamSays(0, line(40));
  vi.advanceTimersByTime(3_900);
  expect(lineMet()).toBe(true);
  vi.advanceTimersByTime(1_100);
  expect(lineMet()).toBe(false);
  // for a moment it is late, and no more than that
  expect(silence()).toBeNull();
});

test("where every answer is late, nothing looks fresh because all are late alike", () => {
  forgetClock();
  clockSays(0, 90_000);
  streamSays(0, line(40));
  expect(lineMet()).toBe(false);
});

test("an old answer about the time that is told again makes nothing fresh", () => {
  streamSays(0, line(40));
  vi.advanceTimersByTime(60_000);
  clockSays(0);
  expect(lineMet()).toBe(false);
});

test("nothing is fresh before the service has said what time it is, nor before the stream has spoken", () => {
  const record = look(40, after(60));
  expect(recordMet(record)).toBe(false);
  forgetClock();
  streamSays(0, line(40));
  expect(recordMet(record)).toBe(false);
  clockSays(0);
  expect(recordMet(record)).toBe(true);
});

test("an event that is missing takes every flag down until the board is heard anew", () => {
  streamSays(0, line(40));
  said += 1; // the event that says not-met is lost on the way
  expect(streamSays(0)).toBe(false);
  expect(lineMet()).toBe(false);
  take = taking();
  streamSays(0, line(41, { status: "not-met", digest: "another", lapses_at: null }));
  expect(lineMet()).toBe(false);
});

test("an event that is told twice changes nothing; one that comes out of order is a missing one", () => {
  streamSays(0, line(40));
  streamSays(0.01, line(41, { status: "not-met" }));
  expect(take({ items: [line(41, { status: "not-met" })], gone: [], as_of: after(0.01), version: said })).toBe(true);
  expect(take({ items: [line(40)], gone: [], as_of: after(0), version: said - 1 })).toBe(false);
  expect(lineMet()).toBe(false);
});

test("a clock that was set on is asked for before anything is fresh again", () => {
  streamSays(0, line(40));
  streamSays(5);
  expect(lineMet()).toBe(false);
  clockSays(5);
  expect(lineMet()).toBe(true);
});

test("a status that this version of the app does not know is no flag", () => {
  streamSays(0, line(40, { status: "met-with-escort" }));
  expect(lineMet()).toBe(false);
  expect(recordMet(look(40, after(60), { status: "met-with-escort" }))).toBe(false);
});

test("a chair that has left the board has no flag, whatever was held of it", () => {
  streamSays(0, line(40));
  const held = board.value.get(id)!;
  said += 1;
  take({ items: [], gone: [id], as_of: after(0), version: said });
  const flag = flagOf(held);
  expect(flag.known).toBe(false);
});

// --- of several words the newest -------------------------------------------------------------------------------------

/** The clock has come so far, and the stream with it. */
function now(minutes: number, ...items: never[]): void {
  clockSays(minutes);
  streamSays(minutes, ...items);
}

test("a heartbeat moves the lapse on without a new look", () => {
  now(0, line(40, { lapses_at: after(2) }));
  const record = look(40, after(2));
  now(3);
  expect(why(record)).toMatch(/lapsed/);
  now(3, line(42, { lapses_at: after(5) }));
  expect(recordMet(record)).toBe(true);
});

test("a line that is older than the look takes nothing back", () => {
  now(3, line(40, { lapses_at: after(2), digest: "an older one" }));
  expect(recordMet(look(42, after(5)))).toBe(true);
});

test("a newer line that speaks of another assessment does, until it has been asked for", () => {
  const record = look(40, after(5));
  now(0, line(41, { digest: "another", status: "not-met", lapses_at: null }));
  expect(judged(record)).toMatchObject({ known: false, all: true });
});

test("nothing is met after the lapse, by the latest that it can be", () => {
  now(0, line(40, { lapses_at: after(5) }));
  const record = look(40, after(5));
  expect(recordMet(record)).toBe(true);
  now(5);
  expect(why(record)).toMatch(/lapsed/);
});

test("a line that the service itself no longer calls met is believed, whatever this tablet's clock says", () => {
  const record = look(40, after(5));
  now(0, line(40, { lapses_at: after(5), status: "cannot-tell" }));
  expect(judged(record)).toMatchObject({ known: false, all: true });
});

test("the answer to a heartbeat is a word too, where it says its version", () => {
  const record = look(40, after(2));
  now(3, line(40, { lapses_at: after(2) }));
  const told = { status: "met", as_of: after(-1), lapses_at: after(5), digest: "the same" } as const;
  // without one it may be older than what is known
  toldOf.value = new Map([[id, { id, readiness: told }]]);
  expect(why(record)).toMatch(/lapsed/);
  toldOf.value = new Map([[id, { id, version: 43, readiness: told }]]);
  expect(recordMet(record)).toBe(true);
  toldOf.value = new Map([[id, { id, version: 44, readiness: { ...told, status: "not-met", digest: "another" } }]]);
  expect(judged(record)).toMatchObject({ known: false, all: true });
});
