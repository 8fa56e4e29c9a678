// Where a session stands, folded from its events as the service folds them: for what this tablet has typed and the
// service has not heard yet. Its own word takes the place of this one as soon as it comes.

import type { Schemas } from "./api";
import type { Event, Session } from "./records";

type State = Schemas["SessionState"];
type Kind = Event["kind"];

/** Every move that an event makes; a test holds it to the service's own table. */
export const MOVES: Partial<Record<State, Partial<Record<Kind, State>>>> = {
  planned: { "checked-in": "checked-in", cancelled: "cancelled", "infusion-started": "infusing", "nasal-device-given": "recovering" },
  "checked-in": {
    "infusion-started": "infusing",
    "nasal-device-given": "recovering",
    cancelled: "cancelled",
    transferred: "transferred",
    "left-against-advice": "left-against-advice",
  },
  infusing: { "infusion-stopped": "recovering", transferred: "transferred", "left-against-advice": "left-against-advice" },
  recovering: {
    "infusion-started": "infusing",
    "infusion-resumed": "infusing",
    "nasal-device-given": "recovering",
    transferred: "transferred",
    "left-against-advice": "left-against-advice",
  },
};
const CLOSED = new Set<State>(["discharged", "cancelled", "transferred", "left-against-advice"]);
export const isClosed = (record: Pick<Session, "state">): boolean => CLOSED.has(record.state);
/** Of this moment: a pause before a stop before a resume or start. */
const FIRST: Kind[] = ["checked-in", "nasal-device-given", "infusion-paused", "infusion-stopped", "infusion-resumed", "infusion-started"];
const order = ({ kind }: Event): number => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);

const PHASES: Partial<Record<State, Schemas["Phase"]>> = { "checked-in": "baseline", infusing: "infusion", recovering: "recovery" };
const DOSES = new Set<Kind>(["infusion-started", "nasal-device-given"]);

/** State and phase by the events in force. A line of the board knows no events but those typed here: it goes on from
 * where it stands. */
export function lifeOf(record: Session, inForce: readonly Event[]): Pick<Session, "state" | "phase" | "phase_since"> {
  const { state, phase, phase_since } = record;
  if (state === "discharged") return { state, phase, phase_since };
  const goesOn = record.known === "line";
  let now: State = goesOn ? state : "planned";
  let since = goesOn ? phase_since : null;
  let start: string | null = goesOn && now === "infusing" ? phase_since : null;
  const dosed = inForce.some(({ kind }) => DOSES.has(kind));
  for (const event of [...inForce].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || order(a) - order(b))) {
    // a patient who had the drug stays on the board
    const next: State | undefined = event.kind === "cancelled" && dosed ? undefined : MOVES[now]?.[event.kind];
    if (next === undefined) continue;
    if (next === "infusing") start ??= event.at;
    since = next === "infusing" ? start : event.at;
    now = next;
  }
  return { state: now, phase: PHASES[now] ?? null, phase_since: since };
}

/** The phase a set typed here falls into. */
export function phaseAt(view: Pick<Session, "known" | "phase">, inForce: readonly Event[], measured_at: string): Schemas["Phase"] | null {
  if (view.known === "line") return view.phase;
  const doses = inForce.filter(({ kind }) => DOSES.has(kind) || kind === "infusion-stopped" || kind === "infusion-resumed");
  const at = Date.parse(measured_at);
  const before = doses.filter((event) => Date.parse(event.at) < at);
  if (before.length === 0) return "baseline";
  const last = before.at(-1)!;
  return last.kind === "infusion-stopped" || last.kind === "nasal-device-given" ? "recovery" : "infusion";
}
