import { expect, test } from "vitest";
import type { Schemas } from "../api";
import { inOrder, minutesMoved } from "./moves";

type Moved = Schemas["MovedOut"];
const at = (minute: number): string => new Date(Date.UTC(2026, 2, 7, 12, minute)).toISOString();
const moved = (session_id: string, shift: Moved["shift"], pinned: number | null, draft: number | null): Moved => ({ session_id, shift, pinned: pinned === null ? null : at(pinned), draft: draft === null ? null : at(draft) });

test("a flag moves by the minutes between the two, and by none where there is only one", () => {
  expect(minutesMoved(moved("a", "later", 10, 25))).toBe(15);
  expect(minutesMoved(moved("a", "earlier", 25, 10))).toBe(-15);
  expect(minutesMoved(moved("a", "never", 25, null))).toBe(0);
});

test("what would never have been met comes first, then the farthest", () => {
  const found = inOrder([moved("little", "later", 0, 5), moved("sooner", "earlier", 30, 0), moved("far", "later", 0, 40), moved("now", "new", null, 3), moved("never", "never", 0, null)]);
  expect(found.map(({ session_id }) => session_id)).toEqual(["never", "far", "little", "now", "sooner"]);
});
