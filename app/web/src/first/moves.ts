// What a version would have moved: by how much, and in which order that is told.

import type { Schemas } from "../api";

export type Moved = Schemas["MovedOut"];
export type Shift = "never" | "later" | "new" | "earlier";

/** What weighs most comes first. */
const ORDER: Shift[] = ["never", "later", "new", "earlier"];
const MINUTE_MS = 60_000;

/** By how many whole minutes the flag would have moved; 0 where there is only one of the two. */
export const minutesMoved = ({ pinned, draft }: Pick<Moved, "pinned" | "draft">): number => (pinned && draft ? Math.round((Date.parse(draft) - Date.parse(pinned)) / MINUTE_MS) : 0);

/** The sessions whose flag would have moved: what weighs most first, then the farthest. */
export function inOrder(moved: readonly Moved[]): Moved[] {
  const place = ({ shift }: Moved): number => ORDER.indexOf(shift as Shift);
  return [...moved].sort((one, other) => place(one) - place(other) || Math.abs(minutesMoved(other)) - Math.abs(minutesMoved(one)));
}
