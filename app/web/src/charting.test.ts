// What the screens do to a record: kept in the order in which it has to arrive, and undone by facts, never by deleting.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event, Session } from "./records";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
globalThis.fetch = (() => Promise.reject(new Error("no network"))) as typeof fetch;

const { correctEvent, offerUndo, putEvent, putEvents, putSheet, UNDO_MS, undoable } = await import("./charting");
const { items } = await import("./outbox");
const { shown } = await import("./project");
const { hold, session } = await import("./records");
const { outbox, person } = await import("./store");

const AT = "2026-03-07T14:00:00Z";
const stated = { revision: 1, recorded_at: AT, recorded_by: { staff_id: "s", name: "Ada", role: "nurse" }, tablet_id: null, reason: null };
let id = "";

beforeEach(async () => {
  id = crypto.randomUUID();
  items.value = [];
  undoable.value = null;
  person.value = { staff_id: "s", username: "ada", name: "Ada", role: "nurse", clinic: "North", ticket: "t" };
  await outbox.unlock(await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
  hold({
    id,
    patient_id: "maria",
    patient: { id: "maria", family_name: "Rivera", given_name: "Maria", given_names: ["Maria"], birth_date: "1984-03-11", record_number: "R-1", sex: null, ...stated },
    route: "iv-infusion",
    protocol: { id: "p", version: 1 },
    state: "checked-in",
    known: "heard",
    events: [],
    readings: [],
    screening: null,
    escort: null,
    due: null,
    chair: "3",
    weight_kg: 72.5,
    planned_at: null,
    course_id: null,
    had_left_at: null,
    limits: {},
    ...stated,
  } as unknown as Session);
});
afterEach(() => vi.useRealTimers());

const view = () => shown(session(id)!);
const typed = () => items.value.filter(({ item }) => item.session_id === id || item.path.includes("/patients/")).map(({ item }) => ({ ...item, path: item.path.replace(id, "S").replace(/events\/[0-9a-f-]{36}/, "events/E") }));

test("an event that was saved can be undone: it stays, marked as entered in error", async () => {
  await putEvent(view(), "oxygen-started", Date.parse(AT), { flow_l_min: 2 });
  expect(undoable.value?.said).toMatch(/oxygen started/);
  const { undo } = undoable.value!;
  await undo();
  expect(typed().map(({ method, path }) => `${method} ${path}`)).toEqual(["PUT /v1/sessions/S/events/E", "POST /v1/sessions/S/events/E/void"]);
  expect(typed()[1]!.body).toMatchObject({ reason: "undone at once" });
  expect(typed()[1]!.rests).toBe(typed()[0]!.id);
  expect(view().events[0]!.void?.reason).toBe("undone at once");
  expect(undoable.value).toBeNull();
});

test("ten seconds, and a newer act takes the place of the older one", () => {
  vi.useFakeTimers();
  offerUndo("first", async () => undefined);
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(undoable.value?.said).toBe("first");
  offerUndo("second", async () => undefined);
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(undoable.value?.said).toBe("second");
  vi.advanceTimersByTime(1);
  expect(undoable.value).toBeNull();
  expect(UNDO_MS).toBe(10_000);
});

test("several by one tap are undone by one", async () => {
  await putEvents(view(), Date.parse(AT), ["a", "b"].map((concern_id) => ({ kind: "concern-acknowledged" as const, detail: { concern_id } })), "concerns seen");
  await undoable.value!.undo();
  expect(typed().filter(({ path }) => path.endsWith("/void"))).toHaveLength(2);
  expect(view().events.every((event) => event.void !== null)).toBe(true);
});

test("a corrected event: the right one first, then the wrong one marked with the reason", async () => {
  await putEvent(view(), "infusion-started", Date.parse(AT), { dose_mg: 63 });
  const wrong = view().events[0]! as Event;
  await correctEvent(view(), wrong, Date.parse(AT), { dose_mg: 36 }, "digits swapped");
  const [, right, gone] = typed();
  expect(right).toMatchObject({ method: "PUT", body: { kind: "infusion-started", detail: { dose_mg: 36 } } });
  expect(gone!.body).toMatchObject({ reason: "corrected: digits swapped" });
  expect(gone!.rests).toBe(right!.id);
  const inForce = () => view().events.filter((event) => event.void === null).map((event) => event.detail);
  expect(inForce()).toEqual([{ dose_mg: 36 }]);
  await undoable.value!.undo();
  expect(inForce()).toEqual([{ dose_mg: 63 }]);
  expect(view().events).toHaveLength(3);
  // each part of the way there and back rests on the one before
  const [, , , again, back] = typed();
  expect([again!.rests, back!.rests]).toEqual([gone!.id, again!.id]);
});

test("a sheet rests on what waits before it, and its earlier content can be put back", async () => {
  const headers = () => typed().map((item) => item.headers["If-Match"]);
  await putSheet(view(), "escort", { name: "A friend", present: false }, "escort");
  // a first one is only to be changed
  expect(undoable.value).toBeNull();
  await putSheet(view(), "escort", { name: "A friend", present: true, present_at: AT }, "escort");
  expect(headers()).toEqual([undefined, '"1"']);
  expect(view().escort).toMatchObject({ present: true, revision: 2 });
  // what is typed upon a revision that waits here rests on it: refused, that number may come to be somebody else's
  const [first, second] = typed();
  expect([first!.rests, second!.rests]).toEqual([undefined, first!.id]);
  await undoable.value!.undo();
  expect(typed()[2]!.rests).toBe(second!.id);
  expect(headers()).toEqual([undefined, '"1"', '"2"']);
  expect(view().escort).toMatchObject({ present: false, revision: 3 });
});

test("chair and weight are a new revision of the header, and nothing else of it is lost", async () => {
  await putSheet(view(), "header", { patient_id: "maria", route: "iv-infusion", protocol: { id: "p", version: 1 }, chair: "5", weight_kg: 75 }, "seat");
  expect([view().chair, view().weight_kg, view().revision]).toEqual(["5", 75, 2]);
  await undoable.value!.undo();
  expect(typed().at(-1)!.body).toEqual({ patient_id: "maria", route: "iv-infusion", protocol: { id: "p", version: 1 }, chair: "3", weight_kg: 72.5 });
  expect([view().chair, view().weight_kg]).toEqual(["3", 72.5]);
});

test("an undo takes back nothing that somebody else has changed since", async () => {
  const seat = { patient_id: "maria", route: "iv-infusion", protocol: { id: "p", version: 1 }, chair: "5", weight_kg: 72.5 };
  await putSheet(view(), "header", seat, "seat");
  // another tablet has given the patient another weight, upon the new chair
  hold({ ...session(id)!, chair: "5", weight_kg: 75, revision: 3 });
  await undoable.value!.undo();
  expect(typed().at(-1)!.headers["If-Match"]).toBe('"2"');
  expect(view().weight_kg).toBe(75);
});

test("the same said again is no revision, and there is nothing to undo", async () => {
  await putSheet(view(), "header", { patient_id: "maria", route: "iv-infusion", protocol: { id: "p", version: 1 }, chair: "3", weight_kg: 72.5 }, "seat");
  expect(undoable.value).toBeNull();
});

test("a chair that is left empty is a new revision", async () => {
  await putSheet(view(), "header", { patient_id: "maria", route: "iv-infusion", protocol: { id: "p", version: 1 }, weight_kg: 72.5 }, "seat");
  expect([view().chair, view().revision]).toEqual([null, 2]);
});

test("what ends after a lock offers its way back to nobody", () => {
  person.value = null;
  offerUndo("Saved: of somebody who has left", async () => undefined);
  expect(undoable.value).toBeNull();
});

test("a patient's sheet holds up no session", async () => {
  await putSheet(view(), "patient", { family_name: "Rivera-Lopez", given_names: ["Marta"], birth_date: "1984-03-11", record_number: "R-1" }, "patient");
  expect(items.value[0]!.item).toMatchObject({ path: "/v1/patients/maria", session_id: null, makes: false, headers: { "If-Match": '"1"' } });
  expect(view().patient).toMatchObject({ family_name: "Rivera-Lopez", given_name: "Marta" });
});
