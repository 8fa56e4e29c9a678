import type { VNode } from "preact";
import { headed } from "../names";
import { address } from "../place";
import { shown } from "../project";
import { session } from "../records";
import { clinicNow, minutesBetween, tick } from "../time";
import { plain, words } from "../words";
import { Who } from "./person";

/** Who this is: two identifiers on every screen of a session, never scrolled away. */
export function Banner({ id, back }: { id: string; back: "board" | "session" }): VNode {
  const heard = session(id);
  const record = heard && shown(heard);
  tick.value;
  return (
    <header class="bar">
      <a class="button back" href={back === "board" ? address({ screen: "board" }) : address({ screen: "session", id })} aria-label={words.back}>
        &#8592;
      </a>
      {/* one heading, whatever is known: it has the focus when the screen opens */}
      <div class="patient">
        <h1>{!record ? words.unknownSession : back === "board" ? <a href={address({ screen: "past", patient: record.patient_id })}>{headed(record.patient)}</a> : headed(record.patient)}</h1>
        {record && (
          <span class="number">
            {words.born(record.patient.birth_date)} · {record.patient.record_number}
            {record.chair ? ` · ${words.chair(record.chair)}` : ""}
          </span>
        )}
      </div>
      <span class="phase number">
        {record?.phase && record.phase_since ? (
          <>
            <b>{words.phases[record.phase]}</b> <b class="nowrap">{words.plusMinutes(minutesBetween(record.phase_since, clinicNow()))}</b>
          </>
        ) : (
          record && plain(record.state)
        )}
      </span>
      <Who />
    </header>
  );
}
