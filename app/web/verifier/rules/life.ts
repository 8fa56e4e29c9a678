/** The session's state by its events, as docs/session-states.md draws it. An event without an arrow moves nothing. */

import type { Event } from "./facts";
import { instant } from "./time";

const CLOSED = { transferred: "transferred", "left-against-advice": "left-against-advice" };
const ARROWS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  planned: { "checked-in": "checked-in", cancelled: "cancelled", "infusion-started": "infusing", "nasal-device-given": "recovering" },
  "checked-in": { "infusion-started": "infusing", "nasal-device-given": "recovering", cancelled: "cancelled", ...CLOSED },
  infusing: { "infusion-stopped": "recovering", ...CLOSED },
  recovering: { "infusion-started": "infusing", "infusion-resumed": "infusing", ...CLOSED },
};
// what happens at one instant: as the dose's timeline takes it, and a closing last
const ORDER = ["checked-in", "infusion-stopped", "infusion-resumed", "infusion-started", "nasal-device-given"];

export function stateOf(events: readonly Event[], discharged: boolean): string {
  if (discharged) return "discharged";
  const rank = (one: Event) => (ORDER.includes(one.kind) ? ORDER.indexOf(one.kind) : ORDER.length);
  const inOrder = [...events].sort((a, b) => instant(a.at) - instant(b.at) || rank(a) - rank(b));
  return inOrder.reduce((state, one) => ARROWS[state]?.[one.kind] ?? state, "planned");
}
