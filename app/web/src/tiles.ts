// One chair on the board: the service's line with what waits on this tablet laid over it, by the same projection as every
// other screen; and the order of the chairs.

import { items } from "./outbox";
import { fromLine } from "./outlines";
import { project } from "./project";
import { counts, lastStart, rows } from "./sets";
import type { BoardItem } from "./store";

export interface Tile extends BoardItem {
  /** The last set is one that waits on this tablet. */
  typedHere: boolean;
}

export function tileOf(item: BoardItem): Tile {
  const line = fromLine(item);
  if (line === null) return { ...item, typedHere: false };
  const view = project(line, items.value);
  const newest = rows(view).find(counts)?.reading;
  const typed = newest && (item.last_set === null || newest.measured_at > item.last_set.measured_at) ? newest : null;
  const { state, phase, phase_since, chair } = view;
  const { family_name, given_name, birth_date, record_number } = view.patient;
  const patient = { ...item.patient, family_name, given_name, birth_date, record_number };
  const start = lastStart(view);
  const planned_minutes = start ? ((start.detail?.planned_minutes as number | undefined) ?? null) : item.planned_minutes;
  // what was due is answered by a set that waits here; what is due next is the service's to say
  const answered = typed === null ? {} : { last_set: { ...typed, dissociation: typed.dissociation?.grade ?? null }, due_at: null, overdue_at: null };
  return { ...item, state, phase, phase_since, chair, patient, planned_minutes, ...answered, typedHere: typed !== null };
}

/** The decision that lets the patient leave, while it does. */
export const letsLeave = ({ signed }: Pick<BoardItem, "signed">, now: number): BoardItem["signed"] => (signed && (signed.until === null || now < Date.parse(signed.until)) ? signed : null);

/** By the name of the chair, numbers as numbers; a card stays where it is, whatever happens in the others. */
export function inOrder<T extends Pick<Tile, "id" | "chair">>(tiles: T[]): T[] {
  const place = ({ chair }: T): string => chair ?? "";
  return [...tiles].sort((a, b) => Number(a.chair === null) - Number(b.chair === null) || place(a).localeCompare(place(b), "en", { numeric: true }) || a.id.localeCompare(b.id));
}
