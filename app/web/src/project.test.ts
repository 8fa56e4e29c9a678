// What waits on this tablet, laid over the record: one function for every screen.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import states from "../../../docs/session-states.md?raw";
import type { Item, Kept, State } from "./outbox";
import type { Reading, Session } from "./records";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { lifeOf, MOVES } = await import("./life");
const { project } = await import("./project");
const { counts, events, lastSet, openSymptoms, rows } = await import("./sets");

const AT = "2026-03-07T14:00:00Z";
const after = (minutes: number): string => new Date(Date.parse(AT) + minutes * 60_000).toISOString().replace(".000", "");
const who = { staff_id: "s", name: "Ada", role: "nurse" };
const stated = { revision: 1, recorded_at: AT, recorded_by: who, tablet_id: null, reason: null };

function record(other: Record<string, unknown> = {}): Session {
  return {
    id: "one",
    patient_id: "maria",
    patient: { id: "maria", family_name: "Rivera", given_name: "Maria", ...stated },
    route: "iv-infusion",
    state: "checked-in",
    phase: "baseline",
    phase_since: AT,
    known: "heard",
    events: [{ id: "in", kind: "checked-in", at: AT, detail: null, clock_doubtful: false, void: null, ...stated }],
    readings: [],
    screening: null,
    escort: null,
    due: { due_at: after(10), overdue_at: after(13) },
    chair: "3",
    weight_kg: 72.5,
    limits: {},
    ...stated,
    ...other,
  } as unknown as Session;
}

let seq = 0;
function item(path: string, body: unknown, upon = 0, state: State = "on this tablet", method: Item["method"] = "PUT"): Kept {
  seq += 1;
  const headers: Record<string, string> = upon > 0 ? { "If-Match": `"${upon}"` } : {};
  const typed: Item = { id: `i${seq}`, method, path: `/v1/sessions/one${path}`, body, headers, session_id: "one", makes: false, about: "", author: { staff_id: "s", name: "Ada", ticket: "t" }, typed_at: after(seq) };
  return { seq, item: typed, state, problem: state === "refused" ? { status: 412, code: "moved-on", title: "", detail: "changed elsewhere" } : null, version: null };
}
const set = (measured_at: string, systolic: number, other: Record<string, unknown> = {}): Record<string, unknown> => ({ measured_at, systolic, diastolic: 80, heart_rate: 72, respiratory_rate: 14, spo2: 98, symptoms: [], ...other });
const inRecord = (id: string, measured_at: string, systolic: number, revision = 1): Reading =>
  ({ id, ...stated, revision, revisions: revision, void: null, concerns: [], not_measured: {}, confirmed_unlikely: [], phase: "baseline", symptoms: [], ...set(measured_at, systolic) }) as unknown as Reading;

test("an escort that was named here and is seen here rests on the naming", () => {
  const named = item("/escort", { name: "A friend", present: false });
  const view = project(record(), [named]);
  expect(view.escort).toMatchObject({ name: "A friend", present: false, revision: 1 });
  const seen = item("/escort", { name: "A friend", present: true, present_at: after(5) }, view.escort!.revision);
  expect(project(record(), [named, seen]).escort).toMatchObject({ present: true, revision: 2 });
  // once the record has the first, only the second lies over it
  const heard = record({ escort: { name: "A friend", present: false, present_at: null, relationship: null, phone: null, ...stated } });
  expect(project(heard, [named, seen]).escort).toMatchObject({ present: true, revision: 2 });
});

test("the same said twice is one revision, as the service keeps it", () => {
  const body = { name: "A friend", present: false };
  const first = item("/escort", body);
  const again = item("/escort", body, 1);
  expect(project(record(), [first, again]).escort?.revision).toBe(1);
});

test("a screening that waits is answered on the screen", () => {
  const view = project(record(), [item("/screening", { answers: { pregnancy: false } })]);
  expect(view.screening).toMatchObject({ answers: { pregnancy: false }, revision: 1, recorded_by: { name: "Ada" } });
  expect(view.waits.get("screening")?.state).toBe("on this tablet");
});

test("a sheet that was refused, or that the record is past, lies over nothing", () => {
  const screening = { answers: { pregnancy: true }, same_day: {}, asked_at: null, ...stated, revision: 2 };
  expect(project(record({ screening }), [item("/screening", { answers: { pregnancy: false } }, 1)]).screening?.answers.pregnancy).toBe(true);
  expect(project(record(), [item("/screening", { answers: { pregnancy: false } }, 0, "refused")]).screening).toBeNull();
  // a refusal in the words of programs is told in those of people
  const set_again = item("/readings/r", set(after(1), 120), 0, "refused");
  expect(rows(project(record(), [set_again]))[0]!.problem).toMatch(/^Somebody has changed this/);
});

test("a second correction rests on the first, which is what the screen shows", () => {
  const heard = record({ readings: [inRecord("r", after(1), 124)] });
  const first = item("/readings/r/corrections", { reason: "typed wrong", reading: set(after(1), 142) }, 1, "on this tablet", "POST");
  const view = project(heard, [first]);
  expect(view.readings[0]).toMatchObject({ systolic: 142, revision: 2, revisions: 2, reason: "typed wrong" });
  expect(rows(view)[0]!.changing).toEqual({ what: "correction", state: "on this tablet" });
  const second = item("/readings/r/corrections", { reason: "again", reading: set(after(1), 143) }, 2, "on this tablet", "POST");
  expect(project(heard, [first, second]).readings[0]).toMatchObject({ systolic: 143, revision: 3 });
  // a refused one changes no value, and says so
  const refused = project(heard, [{ ...first, state: "refused" }]);
  expect([refused.readings[0]!.systolic, rows(refused)[0]!.changing?.state]).toEqual([124, "refused"]);
});

test("a set that waits is the last set, answers what was due, and counts until it is voided or refused", () => {
  const typed = item("/readings/r", set(after(11), 130));
  const view = project(record(), [typed]);
  expect([lastSet(view, Infinity)?.systolic, view.due, view.readings[0]!.phase]).toEqual([130, null, "baseline"]);
  const undone = project(record(), [typed, item("/readings/r/void", { reason: "undone at once" }, 0, "on this tablet", "POST")]);
  expect(undone.readings[0]!.void).toMatchObject({ reason: "undone at once" });
  expect([lastSet(undone, Infinity), undone.due]).toEqual([undefined, record().due]);
  const refused = project(record(), [{ ...typed, state: "refused" as const }]);
  expect([rows(refused).length, rows(refused).filter(counts).length, refused.due]).toEqual([1, 0, record().due]);
});

test("a dose that waits moves the phase; one that was refused or voided is not drawn as given", () => {
  const start = item("/events/e", { kind: "infusion-started", at: after(20), detail: { dose_mg: 36 } });
  expect(project(record(), [start])).toMatchObject({ state: "infusing", phase: "infusion", phase_since: after(20) });
  const stop = item("/events/f", { kind: "infusion-stopped", at: after(60) });
  expect(project(record(), [start, stop])).toMatchObject({ state: "recovering", phase: "recovery", phase_since: after(60) });
  const refused = project(record(), [{ ...start, state: "refused" as const }]);
  expect([refused.state, events(refused).filter(counts).length]).toEqual(["checked-in", 1]);
  const voided = project(record(), [start, item("/events/e/void", { reason: "wrong patient" }, 0, "on this tablet", "POST")]);
  expect([voided.state, voided.events[1]!.void?.reason]).toEqual(["checked-in", "wrong patient"]);
});

test("a chair and a weight typed here stand on the screen, and the route stays pinned", () => {
  const view = project(record(), [item("", { patient_id: "maria", route: "iv-infusion", protocol: {}, chair: "5", weight_kg: 75 }, 1)]);
  expect([view.chair, view.weight_kg, view.revision, view.route]).toEqual(["5", 75, 2, "iv-infusion"]);
  const renamed: Kept = item("", { family_name: "Rivera-Lopez", given_name: "Maria" }, 1);
  renamed.item = { ...renamed.item, path: "/v1/patients/maria", session_id: null };
  expect(project(record(), [renamed]).patient).toMatchObject({ family_name: "Rivera-Lopez", revision: 2 });
});

test("what is another session's or another patient's lies over nothing", () => {
  const other = item("/escort", { name: "Somebody", present: true });
  other.item = { ...other.item, path: "/v1/sessions/two/escort" };
  expect(project(record(), [other]).escort).toBeNull();
});

test("a symptom is open until it is said to have gone, and a new mention opens it again", () => {
  const nausea = { symptoms: [{ code: "nausea", severity: "mild" }] };
  const first = item("/readings/r", set(after(1), 120, nausea));
  const gone = item("/events/g", { kind: "symptom-resolved", at: after(5), detail: { code: "nausea" } });
  expect(openSymptoms(project(record(), [first]))).toEqual(["nausea"]);
  expect(openSymptoms(project(record(), [first, gone]))).toEqual([]);
  expect(openSymptoms(project(record(), [first, gone, item("/readings/s", set(after(9), 120, nausea))]))).toEqual(["nausea"]);
});

test("a session moves here as the service's own table says", () => {

  const arrows = [...states.matchAll(/^ {4}(\w+) --> (\w+): ([\w-]+)$/gm)].map(([, from, to, kind]) => `${from} ${kind} ${to}`.replaceAll("_", "-"));
  const ours = Object.entries(MOVES).flatMap(([from, ways]) => Object.entries(ways).map(([kind, to]) => `${from} ${kind} ${to}`));
  expect(arrows.length).toBeGreaterThan(15);
  // the discharge is no event
  expect(ours.sort()).toEqual(arrows.filter((each) => each !== "recovering discharged discharged").sort());
});

test("a patient who had the drug is not cancelled", () => {
  const view = record();
  const event = (kind: string, minutes: number) => ({ id: kind, kind, at: after(minutes), void: null }) as never;
  expect(lifeOf(view, [event("checked-in", 0), event("cancelled", 1)]).state).toBe("cancelled");
  expect(lifeOf(view, [event("checked-in", 0), event("cancelled", 1), event("infusion-started", 2)]).state).toBe("infusing");
});
