import type { VNode } from "preact";
import type { View } from "../project";
import { clinicNow, clockText, tick } from "../time";
import { words } from "../words";

/** What a raised blood pressure asks for by the protocol, as the record says. It is shown; nothing is ordered by it. */
export function Prompt({ view }: { view: View }): VNode | null {
  tick.value;
  if (view.prompt === null) return null;
  const { act, params, due_at } = view.prompt;
  const { systolic, diastolic, at, limit } = params as { systolic: number | null; diastolic: number | null; at: string; limit: [number, number] };
  const calls = act === "call-clinician";
  const isDue = Date.parse(due_at) <= clinicNow();
  return (
    <section class={`${calls ? "danger" : "concern"} stack session-notices`} aria-label={words.next.prompt}>
      <p>
        {calls ? "\u26a0" : "\u25b2"} <b>{calls ? words.next.call : words.next.measureAgain}</b>
      </p>
      <p>
        {words.next.pressure(`${systolic ?? "\u2013"}/${diastolic ?? "\u2013"}`, clockText(at), limit.join("/"))} {isDue ? words.next.measureNow : words.next.measureFrom(clockText(due_at))}
      </p>
    </section>
  );
}
