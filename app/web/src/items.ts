// One thing typed, and in which lane it goes to the service: one lane a session, and a patient's own before those of
// their sessions. What waits in one lane holds up no other.

import type { Problem } from "./api";
import { words } from "./words";

export type State = "on this tablet" | "sent" | "in the record" | "refused";

/** What an item is, by the address it goes to. */
export type What =
  | { kind: "patient"; patient_id: string }
  | { kind: "session" | "screening" | "escort"; session_id: string }
  | { kind: "reading" | "correction" | "reading-void"; session_id: string; reading_id: string }
  | { kind: "event" | "event-void"; session_id: string; event_id: string }
  | { kind: "other" };

/** One thing typed. `path` names its ids; `about` is for people. */
export interface Item {
  id: string;
  method: "PUT" | "POST";
  path: string;
  body: unknown;
  headers: Record<string, string>;
  session_id: string | null;
  /** A patient, a course or a session made here: what comes after it for the same session waits for it. */
  makes: boolean;
  /** The item that this one rests on: it is sent only once that one is in the record. What rests on a refusal is refused. */
  rests?: string | undefined;
  about: string;
  author: { staff_id: string; name: string; ticket: string };
  typed_at: string;
}

/** An item with where it stands. `problem` is what the service said to a refusal; `version`: of the session with it. */
export interface Kept {
  seq: number;
  item: Item;
  state: State;
  problem: Problem | null;
  version: number | null;
  /** It was in the record once, and is offered to one that was brought back from a backup. */
  again?: boolean;
}

/** What an address says. Addresses are made in one way, with each id a part of its own. */
export function whatOf({ path }: Pick<Item, "path">): What {
  const [, , of, owner = "", part, id = "", change] = path.split("/");
  if (of === "patients") return { kind: "patient", patient_id: owner };
  if (of !== "sessions") return { kind: "other" };
  const session_id = owner;
  if (part === undefined) return { kind: "session", session_id };
  if (part === "screening" || part === "escort") return { kind: part, session_id };
  if (part === "readings") return { kind: change === undefined ? "reading" : change === "void" ? "reading-void" : "correction", session_id, reading_id: id };
  if (part === "events") return { kind: change === undefined ? "event" : "event-void", session_id, event_id: id };
  return { kind: "other" };
}

/** The revision that an item was typed upon; 0: upon nothing. */
export const upon = ({ headers }: Pick<Item, "headers">): number => Number(/\d+/.exec(headers["If-Match"] ?? "")?.[0] ?? 0);

const UNFOUNDED = "rests-on-refused";
/** What this tablet itself says of an item whose ground was refused: the service never hears of it. */
export const unfounded = (ground: string): Problem => ({ status: 424, code: UNFOUNDED, title: words.outbox.unfoundedTitle, detail: words.outbox.unfounded(ground) });
export const isUnfounded = ({ problem }: Kept): boolean => problem?.code === UNFOUNDED;

/** What rests on an item, and on that, in the order in which it was typed. */
export function restingOn(id: string, all: readonly Kept[]): Kept[] {
  const ids = new Set([id]);
  return all.filter(({ item }) => item.rests !== undefined && ids.has(item.rests) && ids.add(item.id));
}

/** The lane of an item; `other`: what belongs to nobody waits for nothing else. */
export function laneOf(item: Item): string {
  const what = whatOf(item);
  if (what.kind === "patient") return `patient ${what.patient_id}`;
  return item.session_id === null ? `item ${item.id}` : `session ${item.session_id}`;
}

const waits = ({ state }: Kept): boolean => state === "on this tablet" || state === "sent";

/** What goes next in a lane; null where nothing does: it is empty, or what it hangs on is not in the record. */
export function nextIn(lane: string, all: readonly Kept[]): Kept | null {
  const mine = all.filter((kept) => laneOf(kept.item) === lane);
  if (mine.some((kept) => kept.state === "refused" && kept.item.makes)) return null;
  const next = mine.find(waits);
  if (next === undefined || next.state !== "on this tablet") return null;
  const { patient_id } = (next.item.makes ? next.item.body : {}) as { patient_id?: string };
  const made = (kept: Kept): boolean => kept.item.makes && kept.state !== "in the record" && laneOf(kept.item) === `patient ${patient_id}`;
  return patient_id !== undefined && all.some(made) ? null : next;
}

/** Every lane in which something could go. */
export const lanes = (all: readonly Kept[]): string[] => [...new Set(all.filter(({ state }) => state === "on this tablet").map(({ item }) => laneOf(item)))];
