// What the screens do to a record: each act is kept on this tablet first and sent after, and for ten seconds it can be
// undone. Undoing deletes nothing: a set or an event is marked as entered in error with the reason "undone at once", and
// a sheet gets its earlier content as a new revision. All of it stands in the record and in the audit. Where an act has two
// parts, the second names the first as what it rests on: a fact is taken back only once what takes its place is in the record.

import { effect, signal } from "@preact/signals";
import { fill } from "./api";
import { upon } from "./items";
import { shortly } from "./names";
import { items } from "./outbox";
import { contentOf, same, type Sheet, type View } from "./project";
import type { Event } from "./records";
import { meant } from "./stamps";
import { person, type } from "./store";
import { clockText, stamp } from "./time";
import { plain, words } from "./words";

export type Kind = Event["kind"];
type Detail = Record<string, unknown>;

/** How long an act can be undone. */
export const UNDO_MS = 10_000;
/** What was done last here, and how it is undone; null: too late, or nothing. */
export const undoable = signal<{ said: string; undo: () => Promise<unknown> } | null>(null);

effect(() => {
  // whoever comes next undoes nothing of somebody else's
  if (person.value === null) undoable.value = null;
});

let closing: ReturnType<typeof setTimeout> | undefined;
export function offerUndo(said: string, undo: () => Promise<unknown>): void {
  // an act that ended after the tablet was locked
  if (person.peek() === null) return;
  clearTimeout(closing);
  const offer = {
    said,
    undo: async () => {
      // one tap undoes once
      if (undoable.value === offer) undoable.value = null;
      await undo();
    },
  };
  undoable.value = offer;
  closing = setTimeout(() => {
    if (undoable.value === offer) undoable.value = null;
  }, UNDO_MS);
}

const about = (view: View, what: string): string => words.event.about(what, shortly(view.patient));
const of = (view: View): { session_id: string; makes: false } => ({ session_id: view.id, makes: false });

async function put(view: View, kind: Kind, at: number, detail: Detail | null, rests?: string): Promise<string> {
  const id = crypto.randomUUID();
  const path = fill("/v1/sessions/{session_id}/events/{event_id}", { session_id: view.id, event_id: id });
  // the time and the doubt about it are one fact, taken at the first touch
  const { at: instant, offset } = meant(at);
  const headers = { "X-Tablet-Clock-Offset-Ms": String(offset) };
  await type({ id, method: "PUT", path, body: { kind, at: stamp(instant), ...(detail ? { detail } : {}) }, headers, about: about(view, plain(kind)), rests, ...of(view) });
  return id;
}

/** Marks a set or an event as entered in error; the id of what says so. It rests on the fact itself, or on what takes its
 * place. */
export async function markVoid(view: View, part: "readings" | "events", fact: string, reason: string, rests = fact): Promise<string> {
  const id = crypto.randomUUID();
  const path = fill(`/v1/sessions/{session_id}/${part}/{fact}/void`, { session_id: view.id, fact });
  await type({ id, method: "POST", path, body: { id, reason }, about: about(view, words.sheet.voided), rests, ...of(view) });
  return id;
}

/** Something given or done. */
export const putEvent = (view: View, kind: Kind, at: number, detail: Detail | null): Promise<void> => putEvents(view, at, [{ kind, detail }], plain(kind));

/** Several at once, by one tap and undone by one. */
export async function putEvents(view: View, at: number, all: { kind: Kind; detail: Detail | null }[], what: string): Promise<void> {
  const ids: string[] = [];
  for (const { kind, detail } of all) ids.push(await put(view, kind, at, detail));
  offerUndo(words.undo.saved(what, clockText(at)), async () => {
    for (const id of ids) await markVoid(view, "events", id, words.undo.reason);
  });
}

/** An event stays as it was typed: the right one is entered beside it, and then the wrong one marked, both with the reason
 * why. In this order, each resting on the one before, so that at no moment a dose is missing that was given. */
export async function correctEvent(view: View, wrong: Event, at: number, detail: Detail | null, reason: string): Promise<void> {
  const right = await put(view, wrong.kind, at, detail);
  const gone = await markVoid(view, "events", wrong.id, words.event.corrected(reason), right);
  offerUndo(words.undo.corrected(plain(wrong.kind), clockText(wrong.at)), async () => {
    // where the wrong one was never marked, it is still there: entered again it would count twice
    const again = await put(view, wrong.kind, Date.parse(wrong.at), wrong.detail, gone);
    await markVoid(view, "events", right, words.undo.reason, again);
  });
}

const PATHS: Record<Sheet, string> = {
  screening: "/v1/sessions/{session_id}/screening",
  escort: "/v1/sessions/{session_id}/escort",
  header: "/v1/sessions/{session_id}",
  patient: "/v1/patients/{patient_id}",
};

/** What waits here and makes this revision, for what is typed upon it; undefined: the record has it. Where that is refused,
 * the revision of that number may come to be somebody else's. */
export function makerOf(view: View, name: string, paths: readonly string[], revision: number): string | undefined {
  if (!view.waits.has(name)) return undefined;
  return items.value.filter(({ item, state }) => state !== "refused" && paths.includes(item.path) && upon(item) + 1 === revision).at(-1)?.item.id;
}

/** A new revision of a sheet; its id. `revision`: upon which, 0 for none. */
async function revise(view: View, sheet: Sheet, body: Detail, what: string, revision: number, rests?: string): Promise<string> {
  const id = crypto.randomUUID();
  const path = fill(PATHS[sheet], { session_id: view.id, patient_id: view.patient_id });
  const headers: Record<string, string> = revision > 0 ? { "If-Match": `"${revision}"` } : {};
  // a patient is nobody's session: what is typed of them holds up no set
  const session_id = sheet === "patient" ? null : view.id;
  await type({ id, method: "PUT", path, body, headers, about: what, session_id, makes: false, rests: rests ?? makerOf(view, sheet, [path], revision) });
  return id;
}

/** Saves a sheet, upon the revision that this tablet knows: what waits here is counted. An earlier content can be put back,
 * upon the very revision that was saved: what somebody else has changed since is theirs. A first one can only be changed. */
export async function putSheet(view: View, sheet: Sheet, body: Detail, what: string): Promise<void> {
  const revision = (sheet === "header" ? view : view[sheet])?.revision ?? 0;
  const before = contentOf(view, sheet);
  const saved = await revise(view, sheet, body, what, revision);
  // the same said again is no revision
  if (revision === 0 || same(before, body)) return;
  offerUndo(words.undo.saved(words.undo.sheets[sheet], ""), () => revise(view, sheet, before, what, revision + 1, saved));
}
