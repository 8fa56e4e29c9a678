import type { VNode } from "preact";
import { address } from "../place";
import type { View } from "../project";
import { charts } from "../store";
import { clockText } from "../time";
import { words } from "../words";

/** What a clinician has signed last, and the next step; and how the patient left. */
export function Signed({ view, here }: { view: View; here?: "review" }): VNode | null {
  const last = [...view.confirmations].sort((a, b) => a.signed_at.localeCompare(b.signed_at)).at(-1);
  if (view.discharge)
    return (
      <section class="signed-banner stack" role="status">
        <b>{words.next.left(clockText(view.discharge.left_at))}</b>
        <p>
          {view.discharge.instructions_given ? words.next.instructed : words.next.notInstructed} {view.escort && words.next.with(view.escort.name)}
        </p>
        {view.discharge.note && <p class="wrap">{view.discharge.note}</p>}
        {last && <p class="quiet">{words.next.signedBy(words.next.signed[last.decision], last.signed_by.name, clockText(last.signed_at))}</p>}
      </section>
    );
  if (!last) return null;
  return (
    <section class="signed-banner row spread" role="status">
      <span>
        <b>{words.next.signedBy(words.next.signed[last.decision], last.signed_by.name, clockText(last.signed_at))}</b>
        <br />
        {last.information_arrived_after_signing ? <span class="concern">&#9650; {words.review.arrivedLate}</span> : last.decision === "decline" ? words.next.stays : words.next.mayLeave}
      </span>
      {charts.value && last.decision !== "decline" && here === undefined && (
        <a class="button" href={address({ screen: "review", id: view.id })}>
          {words.next.toLeaving}
        </a>
      )}
    </section>
  );
}
