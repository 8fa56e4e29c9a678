// What the screens do to a record: each act is kept on this tablet first and sent after, and for ten seconds it can be
// undone. Undoing deletes nothing: a set or an event is marked as entered in error with the reason "undone at once", and
// a sheet gets its earlier content as a new revision. All of it stands in the record and in the audit.

import { effect, signal } from "@preact/signals";
import { fill } from "./api";
import { shortly } from "./names";
import { shown, type Sheet, type View } from "./project";
import { session, type Event } from "./records";
import { meant } from "./stamps";
import { person, type } from "./store";
import { clockText, stamp } from "./time";
import { plain, words } from "./words";

export type Kind = Event["kind"];
type Detail = Record<string, unknown>;

/** How long an act can be undone. */
export const UNDO_MS = 10_000;
/** What was done last here, and how it is undone; null: too late, or nothing. */
export const undoable = signal<{ said: string; undo: () => Promise<void> } | null>(null);

effect(() => {
  // whoever comes next undoes nothing of somebody else's
  if (person.value === null) undoable.value = null;
});

let closing: ReturnType<typeof setTimeout> | undefined;
export function offerUndo(said: string, undo: () => Promise<void>): void {
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

async function put(view: View, kind: Kind, at: number, detail: Detail | null): Promise<string> {
  const id = crypto.randomUUID();
  const path = fill("/v1/sessions/{session_id}/events/{event_id}", { session_id: view.id, event_id: id });
  // the time and the doubt about it are one fact, taken at the first touch
  const { at: instant, offset } = meant(at);
  const headers = { "X-Tablet-Clock-Offset-Ms": String(offset) };
  await type({ id, method: "PUT", path, body: { kind, at: stamp(instant), ...(detail ? { detail } : {}) }, headers, about: about(view, plain(kind)), ...of(view) });
  return id;
}

/** Marks a set or an event as entered in error. */
export async function markVoid(view: View, part: "readings" | "events", fact: string, reason: string): Promise<void> {
  const id = crypto.randomUUID();
  const path = fill(`/v1/sessions/{session_id}/${part}/{fact}/void`, { session_id: view.id, fact });
  await type({ id, method: "POST", path, body: { id, reason }, about: about(view, words.sheet.voided), ...of(view) });
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
 * why. In this order, so that at no moment a dose is missing that was given. */
export async function correctEvent(view: View, wrong: Event, at: number, detail: Detail | null, reason: string): Promise<void> {
  const right = await put(view, wrong.kind, at, detail);
  await markVoid(view, "events", wrong.id, words.event.corrected(reason));
  offerUndo(words.undo.corrected(plain(wrong.kind), clockText(wrong.at)), async () => {
    await put(view, wrong.kind, Date.parse(wrong.at), wrong.detail);
    await markVoid(view, "events", right, words.undo.reason);
  });
}

const PATHS: Record<Sheet, string> = {
  screening: "/v1/sessions/{session_id}/screening",
  escort: "/v1/sessions/{session_id}/escort",
  header: "/v1/sessions/{session_id}",
  patient: "/v1/patients/{patient_id}",
};

/** A new revision of a sheet, upon the one that this tablet knows: what waits here is counted. */
async function revise(view: View, sheet: Sheet, body: Detail, what: string): Promise<void> {
  const old = sheet === "header" ? view : view[sheet];
  const path = fill(PATHS[sheet], { session_id: view.id, patient_id: view.patient_id });
  const headers: Record<string, string> = old ? { "If-Match": `"${old.revision}"` } : {};
  // a patient is nobody's session: what is typed of them holds up no set
  await type({ id: crypto.randomUUID(), method: "PUT", path, body, headers, about: what, session_id: sheet === "patient" ? null : view.id, makes: false });
}

const FIELDS: Record<Sheet, readonly string[]> = {
  screening: ["answers"],
  escort: ["name", "relationship", "present", "present_at"],
  header: ["patient_id", "route", "protocol", "chair", "planned_at", "course_id", "weight_kg", "had_left_at"],
  patient: ["family_name", "given_names", "birth_date", "record_number", "sex"],
};

/** What a sheet says, as it is sent: what is not there is left out. */
export function contentOf(view: View, sheet: Sheet): Detail {
  const kept = (sheet === "header" ? view : view[sheet]) as unknown as Detail;
  return Object.fromEntries(FIELDS[sheet].filter((name) => kept[name] !== null && kept[name] !== undefined).map((name) => [name, kept[name]]));
}

/** Saves a sheet. An earlier content can be put back; a first one can only be changed. */
export async function putSheet(view: View, sheet: Sheet, body: Detail, what: string): Promise<void> {
  const before = sheet === "header" || view[sheet] !== null ? contentOf(view, sheet) : null;
  await revise(view, sheet, body, what);
  if (before === null) return;
  offerUndo(words.undo.saved(words.undo.sheets[sheet], ""), async () => {
    const heard = session(view.id);
    if (heard) await revise(shown(heard), sheet, before, what);
  });
}
