import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Banner } from "../parts/banner";
import { Boundary } from "../parts/boundary";
import { Concerns } from "../parts/concerns";
import { FlowSheet, looking } from "../parts/flowsheet";
import { later } from "../parts/later";
import { Next } from "../parts/next";
import { Prompt } from "../parts/prompt";
import { Readiness } from "../parts/readiness";
import { Signed } from "../parts/signed";
import { Trend } from "../parts/trend";
import { headed } from "../names";
import { address } from "../place";
import { isClosed } from "../life";
import { shown, type View } from "../project";
import { missing, session, type Session } from "../records";
import { openSymptoms } from "../sets";
import { charts, person } from "../store";
import { clinic, clinicNow, clockText, dayText, minutesBetween, tick } from "../time";
import { words } from "../words";

const Over = later<{ view: View }>(() => import("./past").then((found) => found.Over), true);

/** One session: who, what is due, is it safe; and all that was typed. */
export function SessionScreen({ id }: { id: string }): VNode {
  const heard = session(id);
  const record = heard && shown(heard);
  useEffect(() => {
    // a link from elsewhere may have named a set of this session; one of another session is forgotten
    if (record && looking.value !== null && ![...record.readings, ...record.events].some((fact) => fact.id === looking.value)) looking.value = null;
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
        {isClosed(record) && record.known !== "line" && <Over view={record} />}
        <Signed view={record} />
        <Notices record={record} />
        <Prompt view={record} />
        <Concerns view={record} />
        {record.known === "line" && <p class="unknown session-notices">{words.session.onlyLine}</p>}
        <div class="session-page">
          <Boundary on={record}>{record.known !== "line" && record.readings.length > 0 && <Trend record={record} />}</Boundary>
          <div class="side">
            <Boundary on={record}>
              <Next view={record} />
            </Boundary>
            <Boundary on={record}>
              <Readiness view={record} />
            </Boundary>
          </div>
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

function Actions({ record }: { record: View }): VNode {
  const { id } = record;
  const closed = isClosed(record);
  tick.value;
  const late = record.due && Date.parse(record.due.overdue_at) < clinicNow() ? minutesBetween(record.due.due_at, clinicNow()) : null;
  return (
    <footer class="foot">
      {closed ? (
        charts.value && (
          <a class="button link" href={address({ screen: "event", id, kind: "addendum" })}>
            {words.session.addendum}
          </a>
        )
      ) : (
        <>
          {record.known !== "line" && (
            <a class="button link" href={address({ screen: "start", id })}>
              {record.phase === "baseline" || record.state === "planned" ? words.session.start : words.session.about}
            </a>
          )}
          {charts.value && (
            <a class="button link" href={address({ screen: "event", id })}>
              {words.session.event}
            </a>
          )}
          {charts.value && openSymptoms(record).length > 0 && (
            <a class="button link" href={address({ screen: "event", id, kind: "symptom-resolved" })}>
              {words.session.resolved}
            </a>
          )}
        </>
      )}
      {(record.state === "recovering" || closed) && (
        <a class="button link" href={address({ screen: "review", id })}>
          {person.value?.role === "clinician" ? words.session.review : charts.value ? words.session.leave : words.titles.review}
        </a>
      )}
      {charts.value && !closed && (
        <a class="button primary link" href={address({ screen: "entry", id })}>
          {late !== null ? words.session.newSetLate(late) : record.due ? words.session.newSetDue(clockText(record.due.due_at)) : words.session.newSet}
        </a>
      )}
    </footer>
  );
}
