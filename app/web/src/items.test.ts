import { expect, test } from "vitest";
import { laneOf, whatOf, type Item } from "./items";

test.each([
  ["/v1/patients/p", { kind: "patient", patient_id: "p" }],
  ["/v1/sessions/s", { kind: "session", session_id: "s" }],
  ["/v1/sessions/s/screening", { kind: "screening", session_id: "s" }],
  ["/v1/sessions/s/escort", { kind: "escort", session_id: "s" }],
  ["/v1/sessions/s/readings/r", { kind: "reading", session_id: "s", reading_id: "r" }],
  ["/v1/sessions/s/readings/r/corrections", { kind: "correction", session_id: "s", reading_id: "r" }],
  ["/v1/sessions/s/readings/r/void", { kind: "reading-void", session_id: "s", reading_id: "r" }],
  ["/v1/sessions/s/events/e", { kind: "event", session_id: "s", event_id: "e" }],
  ["/v1/sessions/s/events/e/void", { kind: "event-void", session_id: "s", event_id: "e" }],
  ["/v1/courses/c", { kind: "other" }],
])("%s says what it is", (path, what) => {
  expect(whatOf({ path })).toEqual(what);
});

test("what belongs to no session and no patient has a lane of its own", () => {
  const other = (id: string): Item => ({ id, path: "/v1/courses/c", session_id: null }) as Item;
  expect(laneOf(other("1"))).not.toBe(laneOf(other("2")));
});
