import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Banner } from "../parts/banner";
import { Boundary } from "../parts/boundary";
import { FlowSheet, looking } from "../parts/flowsheet";
import { Readiness } from "../parts/readiness";
import { Trend } from "../parts/trend";
import { headed } from "../names";
import { address } from "../place";
import { missing, session, type Session } from "../records";
import { named } from "../sets";
import { person } from "../store";
import { clinic, clinicNow, clockText, dayText } from "../time";
import { words } from "../words";

/** One session: who, what is due, is it safe; and all that was typed. */
export function SessionScreen({ id }: { id: string }): VNode {
  const record = session(id);
  useEffect(() => {
    // a link from elsewhere may have named a set of this session; one of another session is forgotten
    if (record && looking.value !== null && !record.readings.some((reading) => reading.id === looking.value)) looking.value = null;
  }, [record === undefined]);
  if (!record)
    return (
      <div class="screen">
        <Banner id={id} back="board" />
        <main class="page">
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        </main>
      </div>
    );
  return (
    <div class="screen session">
      <Banner id={id} back="board" />
      <main class="page">
        <p class="print-only number">
          <b>
            {headed(record.patient)}
          </b>{" "}
          {words.born(record.patient.birth_date)} · {record.patient.record_number}
          {record.chair ? ` · ${words.chair(record.chair)}` : ""}
          <br />
          {words.session.printed(clinic.value.name, dayText(clinicNow()), clockText(clinicNow()), person.value?.name ?? "")}
          {record.readiness && (
            <>
              <br />
              {words.session.assessed(dayText(record.readiness.as_of), clockText(record.readiness.as_of), record.readiness.digest)}
            </>
          )}
        </p>
        <Notices record={record} />
        {record.known === "line" && <p class="unknown session-notices">{words.session.onlyLine}</p>}
        <div class="session-page">
          <Boundary on={record}>{record.known !== "line" && <Trend record={record} />}</Boundary>
          <Boundary on={record}>
            <Readiness record={record} />
          </Boundary>
          <Boundary on={record}>
            <FlowSheet record={record} />
          </Boundary>
        </div>
      </main>
      <Actions record={record} />
    </div>
  );
}

function Notices({ record }: { record: Session }): VNode | null {
  const open = record.notices.filter((notice) => notice.acknowledged === null);
  if (open.length === 0) return null;
  return (
    <section class="session-notices stack" aria-label={words.readiness.notices}>
      {open.map((notice) => (
        <p key={notice.id} class="danger">
          &#9888; {notice.text} <span class="label">{clockText(notice.raised_at)}</span>
        </p>
      ))}
    </section>
  );
}

const UNDER_WAY = new Set(["checked-in", "infusing", "recovering"]);

function Actions({ record }: { record: Session }): VNode {
  const { id } = record;
  const under = UNDER_WAY.has(record.state);
  const closed = !under && record.state !== "planned";
  return (
    <footer class="foot">
      {closed ? (
        <a class="button link" href={address({ screen: "event", id, kind: "addendum" })}>
          {words.session.addendum}
        </a>
      ) : (
        <>
          {(record.state === "planned" || record.state === "checked-in") && record.known !== "line" && (
            <a class="button link" href={address({ screen: "start", id })}>
              {words.session.start}
            </a>
          )}
          <a class="button link" href={address({ screen: "event", id })}>
            {words.session.event}
          </a>
          {named(record).size > 0 && (
            <a class="button link" href={address({ screen: "event", id, kind: "symptom-resolved" })}>
              {words.session.resolved}
            </a>
          )}
        </>
      )}
      {(record.state === "recovering" || closed) && (
        <a class="button link" href={address({ screen: "review", id })}>
          {person.value?.role === "clinician" ? words.session.review : words.session.leave}
        </a>
      )}
      {!closed && (
        <a class="button primary link" href={address({ screen: "entry", id })}>
          {record.due ? words.session.newSetDue(clockText(record.due.due_at)) : words.session.newSet}
        </a>
      )}
    </footer>
  );
}
