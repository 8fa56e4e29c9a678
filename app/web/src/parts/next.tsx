import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { doneOf, missingToStart } from "../missing";
import { address } from "../place";
import type { View } from "../project";
import { learn } from "../protocols";
import { ofToday, saidOf } from "../same-day";
import { later } from "./later";
import { lastStart } from "../sets";
import { charts } from "../store";
import { clinicNow, minutesBetween, tick } from "../time";
import { words } from "../words";

const LastTime = later<{ id: string; made: boolean }>(() => import("../screens/past").then((found) => found.LastTime), true);

/** What comes next where the session stands: before the dose what is missing, in the infusion what to watch. */
export function Next({ view }: { view: View }): VNode | null {
  useEffect(() => void learn(view.protocol), [view.protocol.id, view.protocol.version]);
  if (view.known === "line") return null;
  if (view.state === "checked-in" || view.state === "planned")
    return (
      <>
        <BeforeDose view={view} />
        <LastTime key={view.id} id={view.id} made={view.known === "made"} />
      </>
    );
  if (view.state === "infusing") return <Watch view={view} />;
  return null;
}

function BeforeDose({ view }: { view: View }): VNode {
  const missing = missingToStart(view);
  if (missing === null) return <p class="unknown">{words.next.notTold}</p>;
  return (
    <section class="next stack" aria-labelledby="next-title">
      <h2 id="next-title">{words.next.before}</h2>
      <p>
        <b>{missing.length === 0 ? words.next.allThere : words.next.missing(missing.length)}</b>
      </p>
      <ul class="steps">
        {missing.map(({ text, screen }) => (
          <li key={text} class="step open">
            <span class="sign" aria-hidden="true">
              ○
            </span>
            {charts.value || screen === "start" ? <a href={address({ screen, id: view.id })}>{text}</a> : text}
          </li>
        ))}
        {ofToday(view)?.noted.map((item) => (
          <li key={item.name} class="step">
            <span class="sign" aria-hidden="true">
              &#9650;
            </span>
            {words.next.noted(saidOf(item))}
          </li>
        ))}
        {doneOf(view).map((text) => (
          <li key={text} class="step quiet">
            <span class="sign" aria-hidden="true">
              ✓
            </span>
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Minutes until the next set, or over it; and against the plan. */
function Watch({ view }: { view: View }): VNode {
  tick.value;
  const now = clinicNow();
  const ran = view.phase_since === null ? 0 : minutesBetween(view.phase_since, now);
  const planned = (lastStart(view)?.detail?.planned_minutes as number | null | undefined) ?? null;
  const over = planned === null ? 0 : ran - planned;
  const late = view.due !== null && Date.parse(view.due.overdue_at) < now;
  return (
    <section class="next stack" aria-labelledby="next-title">
      <h2 id="next-title">{words.next.watch}</h2>
      <p class={late ? "danger watch" : "watch"}>
        {late && <>&#9888; </>}
        {view.due === null ? words.next.setWaits : late ? words.next.setOver(minutesBetween(view.due.due_at, now)) : words.next.setNow(Math.ceil((Date.parse(view.due.due_at) - now) / 60_000))}
      </p>
      <p class={over > 0 ? "concern watch" : "watch"}>
        {over > 0 && <>&#9650; </>}
        {planned === null ? words.next.running(ran) : over > 0 ? words.next.overPlan(over, planned) : words.next.ofPlan(ran, planned)}
      </p>
    </section>
  );
}
