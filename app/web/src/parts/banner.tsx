import type { VNode } from "preact";
import { address } from "../place";
import { session } from "../records";
import { clinicNow, minutesBetween, tick } from "../time";
import { words } from "../words";
import { Who } from "./person";

/** Who this is: two identifiers on every screen of a session, never scrolled away. */
export function Banner({ id, back }: { id: string; back: "board" | "session" }): VNode {
  const record = session(id);
  tick.value;
  return (
    <header class="bar">
      <a class="button" href={back === "board" ? address({ screen: "board" }) : address({ screen: "session", id })} aria-label={words.back}>
        &#8592;
      </a>
      {record ? (
        <span class="patient">
          <h1>
            {record.patient.family_name.toUpperCase()}, {record.patient.given_name}
          </h1>
          <span class="number">
            born {record.patient.birth_date} · {record.patient.record_number}
            {record.chair ? ` · chair ${record.chair}` : ""}
          </span>
        </span>
      ) : (
        <h1>…</h1>
      )}
      <span class="number">
        {record?.phase && record.phase_since ? (
          <b>
            {words.phases[record.phase]} +{minutesBetween(record.phase_since, clinicNow())} min
          </b>
        ) : (
          record?.state
        )}
      </span>
      <Who />
    </header>
  );
}
