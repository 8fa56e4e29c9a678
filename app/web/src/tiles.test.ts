// The chairs of the board, with what waits on this tablet laid over them.
import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import type { Kept } from "./outbox";
import type { BoardItem } from "./store";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { items } = await import("./outbox");
const { inOrder, tileOf } = await import("./tiles");

const AT = "2026-03-07T14:00:00Z";
const line = (id: string, other: Record<string, unknown> = {}): BoardItem =>
  ({
    id,
    version: 1,
    patient: { id: `p${id}`, family_name: "Rivera", given_name: "Maria", birth_date: "1984-03-11", record_number: "R-1" },
    route: "iv-infusion",
    chair: id,
    state: "infusing",
    phase: "infusion",
    phase_since: AT,
    planned_minutes: 40,
    last_set: { id: "old", measured_at: AT, systolic: 124, diastolic: 80, heart_rate: 72, respiratory_rate: 14, spo2: 98, dissociation: "none" },
    due_at: "2026-03-07T14:10:00Z",
    overdue_at: "2026-03-07T14:13:00Z",
    status: "not-met",
    concerns: [],
    open_notices: 0,
    not_met: [],
    unknown: [],
    failed: [],
    ...other,
  }) as unknown as BoardItem;

function waits(path: string, body: unknown, state: Kept["state"] = "on this tablet"): void {
  const item = { id: path, method: path.endsWith("void") ? "POST" : "PUT", path, body, headers: {}, session_id: "3", makes: false, about: "", author: { staff_id: "s", name: "Ada", ticket: "t" }, typed_at: AT };
  items.value = [...items.value, { seq: items.value.length, item, state, problem: null } as Kept];
}
beforeEach(() => void (items.value = []));

test("a set that waits here stands on the tile, and answers what was due", () => {
  waits("/v1/sessions/3/readings/r", { measured_at: "2026-03-07T14:11:00Z", systolic: 138, diastolic: 88, dissociation: { grade: "moderate" } });
  expect(tileOf(line("3"))).toMatchObject({ typedHere: true, due_at: null, overdue_at: null, last_set: { systolic: 138, dissociation: "moderate" } });
  expect(tileOf(line("4"))).toMatchObject({ typedHere: false, last_set: { systolic: 124 } });
});

test("a start that was refused plans nothing", () => {
  const start = (minutes: number): unknown => ({ kind: "infusion-started", at: "2026-03-07T14:05:00Z", detail: { dose_mg: 36, planned_minutes: minutes } });
  waits("/v1/sessions/3/events/b", start(60));
  expect(tileOf(line("3")).planned_minutes).toBe(60);
  waits("/v1/sessions/3/events/c", start(90), "refused");
  expect(tileOf(line("3")).planned_minutes).toBe(60);
});

test("one that was refused, or undone at once, does not", () => {
  waits("/v1/sessions/3/readings/r", { measured_at: "2026-03-07T14:11:00Z", systolic: 138 }, "refused");
  expect(tileOf(line("3"))).toMatchObject({ typedHere: false, due_at: line("3").due_at });
  items.value = [];
  waits("/v1/sessions/3/readings/r", { measured_at: "2026-03-07T14:11:00Z", systolic: 138 });
  waits("/v1/sessions/3/readings/r/void", { reason: "undone at once" });
  expect(tileOf(line("3"))).toMatchObject({ typedHere: false, last_set: { systolic: 124 } });
});

test("a stop that waits moves the phase on", () => {
  waits("/v1/sessions/3/events/e", { kind: "infusion-stopped", at: "2026-03-07T14:40:00Z" });
  expect(tileOf(line("3"))).toMatchObject({ state: "recovering", phase: "recovery", phase_since: "2026-03-07T14:40:00Z" });
});

test("chairs stand in the order of their names, whatever happens in them", () => {
  const chairs = ["10", "2", "B", "1", null].map((chair, at) => tileOf(line(`${at}`, { chair, open_notices: at })));
  expect(inOrder(chairs).map((tile) => tile.chair)).toEqual(["1", "2", "10", "B", null]);
});
