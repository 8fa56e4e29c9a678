// What is an alert, and when it is heard: with the clock given.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { Alert, Called } from "./alerts";
import type { Tile } from "./tiles";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { alertsOf, callsFor, volume } = await import("./alerts");

const NOW = Date.parse("2026-03-07T14:20:00Z");
const tile = (chair: string, other: Partial<Tile> = {}): Tile =>
  ({ id: chair, chair, status: null, digest: null, due_at: null, overdue_at: null, concerns: [], open_notices: 0, failed: [], last_set: null, ...other }) as unknown as Tile;
const severe = (...ids: string[]): Partial<Tile> => ({ concerns: ids.map((id) => ({ id, vital: "spo2", value: 88, measured_at: "2026-03-07T14:19:00Z", because: "", acknowledge: true })) });
const overdue: Partial<Tile> = { due_at: "2026-03-07T14:10:00Z", overdue_at: "2026-03-07T14:13:00Z" };
const said = (tiles: Tile[], met = true): string[] => alertsOf(tiles, NOW, ({ status }) => met && status === "met").map(({ tile: { chair }, why }) => `${chair} ${why}`);

test("the gravest first, then by chair", () => {
  const tiles = [
    tile("1", { status: "met" }),
    tile("2", overdue),
    tile("3", { open_notices: 1 }),
    tile("10", severe("c")),
    tile("9", severe("d")),
    tile("5", { concerns: [{ ...severe("e").concerns![0]!, acknowledge: false }] }),
    tile("6", { failed: ["schedule"] }),
    tile("7", { ...overdue, overdue_at: "2026-03-07T14:20:01Z" }),
  ];
  expect(said(tiles)).toEqual(["9 concern", "10 concern", "3 notice", "2 overdue", "6 unknown", "1 review"]);
  // a flag that may not be shown is nobody's business here either
  expect(said(tiles, false)).not.toContain("1 review");
});

test("who has been signed for needs no review, as long as that lets them leave", () => {
  const signed = (decision: string, until: string | null): Partial<Tile> => ({ status: "met", signed: { decision, name: "Cleo", signed_at: "2026-03-07T14:00:00Z", until } }) as Partial<Tile>;
  expect(said([tile("1", signed("confirm", null)), tile("2", signed("override", "2026-03-07T14:20:01Z"))])).toEqual([]);
  expect(said([tile("2", signed("override", "2026-03-07T14:20:00Z"))])).toEqual(["2 review"]);
});

test("one chair may need a person for more than one thing", () => {
  expect(said([tile("4", { ...overdue, ...severe("c") })])).toEqual(["4 concern", "4 overdue"]);
});

// --- when it is heard ---

const alertsAt = (...tiles: Tile[]): Alert[] => alertsOf(tiles, NOW, () => false);
const NOBODY: ReadonlySet<string> = new Set();

/** A tablet over time: what it calls at each second that is asked about. */
function tablet(again = 60) {
  let called: ReadonlyMap<string, Called> = new Map();
  return (seconds: number, alerts: Alert[], seen: ReadonlySet<string> = NOBODY, heard = true): string => {
    const found = callsFor(alerts, seen, called, seconds * 1000, heard, again * 1000);
    called = found.called;
    return found.call === null ? "" : `${found.call.why} ${found.call.times}`;
  };
}

test("what is new is called once, and again each minute until somebody has seen it", () => {
  const at = tablet();
  const alerts = alertsAt(tile("1", severe("c")));
  expect(at(0, alerts)).toBe("concern 1");
  expect(at(1, alerts)).toBe("");
  expect(at(59.9, alerts)).toBe("");
  expect(at(60, alerts)).toBe("concern 2");
  expect(at(61, alerts)).toBe("");
  expect(at(120, alerts)).toBe("concern 3");
  expect(at(180, alerts, new Set(["c"]))).toBe("");
  expect(at(240, alerts, new Set(["c"]))).toBe("");
});

test("the clinic settles after how many seconds", () => {
  const at = tablet(15);
  const alerts = alertsAt(tile("1", severe("c")));
  expect([0, 14, 15, 29, 30].map((seconds) => at(seconds, alerts))).toEqual(["concern 1", "", "concern 2", "", "concern 3"]);
});

test("another severe value of the same chair is new, whatever was seen before; one acknowledged is not", () => {
  const at = tablet();
  expect(at(0, alertsAt(tile("1", severe("a", "b"))))).toBe("concern 1");
  const seen = new Set(["a", "b"]);
  expect(at(5, alertsAt(tile("1", severe("b"))), seen)).toBe("");
  expect(at(6, alertsAt(tile("1", severe("b", "c"))), seen)).toBe("concern 1");
});

test("of several the gravest is called, and none of them twice", () => {
  const at = tablet();
  const both = alertsAt(tile("1", overdue), tile("2", severe("c")));
  expect(at(0, both)).toBe("concern 1");
  expect(at(1, both)).toBe("");
  expect(at(60, both)).toBe("concern 2");
});

test("a set that is due anew and late again is called again", () => {
  const at = tablet();
  const late = alertsAt(tile("1", overdue));
  expect(at(0, late)).toBe("overdue 1");
  expect(at(1, late, new Set(late[0]!.ids))).toBe("");
  const next = alertsAt(tile("1", { due_at: "2026-03-07T14:16:00Z", overdue_at: "2026-03-07T14:19:00Z" }));
  expect(at(2, next, new Set(late[0]!.ids))).toBe("overdue 1");
});

test("an unknown, a notice and a flag are never heard", () => {
  const at = tablet();
  expect(at(0, alertsOf([tile("1", { failed: ["line"] }), tile("2", { open_notices: 1 }), tile("3", { status: "met" })], NOW, () => true))).toBe("");
});

test("while nobody is heard nothing is new; a severe concern that was heard goes on, an overdue set does not", () => {
  const at = tablet();
  const late = alertsAt(tile("1", overdue));
  expect(at(0, late, NOBODY, false)).toBe("");
  expect(at(1, late)).toBe("overdue 1");
  expect(at(61, late, NOBODY, false)).toBe("");
  expect(at(62, late)).toBe("overdue 2");
  const grave = alertsAt(tile("2", severe("c")));
  expect(at(100, grave, NOBODY, false)).toBe("");
  expect(at(101, grave)).toBe("concern 1");
  expect(at(161, grave, NOBODY, false)).toBe("concern 2");
});

test("it grows louder, to a bound, and off is off", () => {
  expect([1, 2, 3, 9].map((times) => volume("quiet", times))).toEqual([0.1, 0.2, 0.4, 1]);
  expect([1, 2, 3].map((times) => volume("loud", times))).toEqual([0.5, 1, 1]);
  expect(volume("off", 9)).toBe(0);
});
