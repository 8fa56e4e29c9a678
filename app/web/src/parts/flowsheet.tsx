import { signal } from "@preact/signals";
import { Fragment, type VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { initials } from "../names";
import type { View, Wait } from "../project";
import type { Event } from "../records";
import { counts, events, levelText, rows, type Row } from "../sets";
import { clockText, minutesBetween } from "../time";
import { plain, words } from "../words";
import { Details, EventDetails } from "./details";

/** The set whose details are open: links elsewhere on the screen point here. */
export const looking = signal<string | null>(null);

const COLUMNS = 10;
const LATE_MINUTES = 5;

export type EventLine = { event: Event } & Wait;
type Line = { at: number; row: Row } | { at: number; done: EventLine };

function lines(record: View): Line[] {
  const sets: Line[] = rows(record).map((row) => ({ at: Date.parse(row.reading.measured_at), row }));
  const done: Line[] = events(record).map((line) => ({ at: Date.parse(line.event.at), done: line }));
  return [...sets, ...done].sort((a, b) => b.at - a.at);
}

/** Every set and event, newest first. Nothing disappears: corrections are marked, voids struck through. */
export function FlowSheet({ record }: { record: View }): VNode {
  const all = lines(record);
  const scroll = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(false);
  useEffect(() => {
    const look = (): void => {
      const box = scroll.current;
      setMore(box !== null && box.scrollWidth - box.clientWidth - box.scrollLeft > 2);
    };
    look();
    const watched = new ResizeObserver(look);
    if (scroll.current) watched.observe(scroll.current);
    scroll.current?.addEventListener("scroll", look, { passive: true });
    return () => watched.disconnect();
  }, [all.length]);
  return (
    <section class="sheet" aria-labelledby="sheet-title">
      <h2 id="sheet-title">{words.sheet.title}</h2>
      {all.length === 0 ? (
        <p class="quiet">{record.known === "line" ? words.sheet.emptyHere : words.sheet.empty}</p>
      ) : (
        <div ref={scroll} class={`sheet-scroll${more ? " goes-on" : ""}`} tabIndex={0} role="group" aria-labelledby="sheet-title">
          <table class="number">
            <thead>
              <tr>
                <th scope="col">{words.sheet.time}</th>
                <th scope="col">{words.sheet.bp}</th>
                <th scope="col">{words.vitals.heart_rate.short}</th>
                <th scope="col">{words.vitals.respiratory_rate.short}</th>
                <th scope="col">{words.vitals.spo2.short}</th>
                <th scope="col">{words.sheet.aware}</th>
                <th scope="col">{words.sheet.dissociation}</th>
                <th scope="col">{words.sheet.steps}</th>
                <th scope="col">{words.sheet.symptoms}</th>
                <th scope="col">{words.sheet.by}</th>
              </tr>
            </thead>
            <tbody>{all.map((line) => ("row" in line ? <SetRow key={line.row.reading.id} record={record} row={line.row} /> : <EventRow key={line.done.event.id} record={record} line={line.done} />))}</tbody>
          </table>
        </div>
      )}
      {more && <p class="label goes-on-hint">{words.sheet.goesOn}</p>}
      {all.length > 0 && <p class="label">{words.sheet.key}</p>}
    </section>
  );
}

function SetRow({ record, row }: { record: View; row: Row }): VNode {
  const { reading, state, problem, changing } = row;
  const self = useRef<HTMLTableRowElement>(null);
  const open = looking.value === reading.id;
  useEffect(() => {
    if (open) self.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const toggle = (): void => void (looking.value = open ? null : reading.id);
  const late = minutesBetween(reading.measured_at, Date.parse(reading.recorded_at));
  const into = minutesIntoPhase(record, row);
  const marks = [
    reading.revisions > 1 ? words.sheet.corrected : "",
    reading.void ? words.sheet.voided : "",
    state === null && reading.revisions === 1 && late >= LATE_MINUTES ? words.sheet.late(late) : "",
    reading.clock_doubtful ? words.sheet.doubtful : "",
    state !== null && state !== "in the record" ? words.states[state] : "",
    changing ? `${plain(changing.what)} ${words.states[changing.state]}` : "",
  ].filter(Boolean);
  const gone = reading.void ? "strike" : "";
  const ground = state === "refused" || changing?.state === "refused" ? "row-refused" : state !== null || changing ? "row-waiting" : "";
  const cell = (vital: "heart_rate" | "respiratory_rate" | "spo2"): VNode => (
    <td class={`reading ${gone}`}>
      {mark(row, vital)}
      {reading[vital] ?? <Missing reason={reading.not_measured[vital]} />}
      {vital === "spo2" && reading.oxygen?.kind === "supplemental" && <span class="label"> + O2 {reading.oxygen.flow_l_min ?? "?"}</span>}
      {reading.confirmed_unlikely.includes(vital) && "!"}
    </td>
  );
  return (
    <Fragment>
      <tr ref={self} class={`set-row ${ground}`} onClick={toggle} data-reading={reading.id}>
        <th scope="row">
          <button type="button" class="time" aria-expanded={open} onClick={(event) => (event.stopPropagation(), toggle())}>
            <span class={gone}>{clockText(reading.measured_at)}</span>
            {reading.revisions > 1 && "*"}
            {into !== null && <span class="label"> {into >= 0 ? `+${into}` : `−${-into}`}</span>}
          </button>
          {marks.length > 0 && <span class="label marks">{marks.join(", ")}</span>}
          {problem !== null && <span class="fault">{problem}</span>}
        </th>
        <td class={`reading ${gone}`}>
          {mark(row, "systolic") ?? mark(row, "diastolic")}
          {reading.systolic === null && reading.diastolic === null ? (
            <Missing reason={reading.not_measured.systolic} />
          ) : (
            <>
              {reading.systolic ?? "–"}/{reading.diastolic ?? "–"}
            </>
          )}
          {(reading.confirmed_unlikely.includes("systolic") || reading.confirmed_unlikely.includes("diastolic")) && "!"}
        </td>
        {cell("heart_rate")}
        {cell("respiratory_rate")}
        {cell("spo2")}
        <td class={gone}>{reading.consciousness ? levelText(reading.consciousness) : <Missing reason={reading.not_measured.consciousness} />}</td>
        <td class={gone}>
          {reading.dissociation?.grade ?? <Missing reason={reading.not_measured.dissociation} />}
          {reading.dissociation?.score != null && <span class="label"> {reading.dissociation.score}</span>}
        </td>
        <td class={`two ${gone}`}>
          {reading.gait_steady === null ? <Missing reason={reading.not_measured.gait_steady} /> : reading.gait_steady ? words.entry.steady : words.entry.unsteady}
          <br />
          {reading.orientated === null ? <Missing reason={reading.not_measured.orientated} /> : reading.orientated ? words.sheet.knows : words.sheet.confused}
        </td>
        <td class={`symptoms-cell ${gone}`}>
          {reading.symptoms === null ? <Missing reason={reading.not_measured.symptoms} /> : reading.symptoms.length === 0 ? words.entry.none : reading.symptoms.map((each) => `${plain(each.code)} ${each.severity ?? ""}`).join(", ")}
        </td>
        <By name={reading.recorded_by.name} />
      </tr>
      {open && (
        <tr class="details-row">
          <td colSpan={COLUMNS}>
            <Details record={record} row={row} close={() => void (looking.value = null)} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Not measured says so; never asked stays empty and says that too. */
function Missing({ reason }: { reason: string | undefined }): VNode {
  return reason === undefined ? (
    <span class="label">
      <span aria-hidden="true">·</span>
      <span class="hidden-text">{words.sheet.notEntered}</span>
    </span>
  ) : (
    <span class="label" title={reason}>
      n/m<span class="hidden-text">: {reason}</span>
    </span>
  );
}

function mark({ reading }: Row, vital: string): VNode | null {
  const concern = reading.concerns.find((each) => each.vital === vital);
  return concern ? (
    <span class="concern-mark" title={concern.because}>
      &#9650;<span class="hidden-text">concerning </span>
    </span>
  ) : null;
}

/** Who typed it: initials to look at, the name to be read out. */
function By({ name }: { name: string }): VNode {
  return (
    <td class="by">
      <abbr title={name} aria-hidden="true">
        {initials(name)}
      </abbr>
      <span class="hidden-text">{name}</span>
    </td>
  );
}

function EventRow({ record, line }: { record: View; line: EventLine }): VNode {
  const { event, state, problem, changing } = line;
  const open = looking.value === event.id;
  const gone = event.void ? "strike" : "";
  const marks = [event.void ? words.sheet.voided : "", event.clock_doubtful ? words.sheet.doubtful : "", state !== null && state !== "in the record" ? words.states[state] : "", changing ? `${changing.what} ${words.states[changing.state]}` : ""].filter(Boolean);
  const ground = state === "refused" || changing?.state === "refused" ? "row-refused" : state !== null || changing ? "row-waiting" : "";
  const toggle = (): void => void (looking.value = open ? null : event.id);
  return (
    <Fragment>
      <tr class={`event-row ${ground}`} id={`event-${event.id}`} onClick={toggle}>
        <th scope="row">
          <button type="button" class="time" aria-expanded={open} onClick={(tap) => (tap.stopPropagation(), toggle())}>
            <span class={gone}>{clockText(event.at)}</span>
          </button>
        </th>
        <td colSpan={COLUMNS - 2}>
          <span class={gone}>{eventWords(event)}</span>
          {marks.length > 0 && <span class="label"> {marks.join(", ")}</span>}
          {problem !== null && <span class="fault"> {problem}</span>}
        </td>
        <By name={event.recorded_by.name} />
      </tr>
      {open && (
        <tr class="details-row">
          <td colSpan={COLUMNS}>
            <EventDetails record={record} line={line} close={() => void (looking.value = null)} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** An event with its amounts, in words. What somebody typed stays as it was typed. */
export function eventWords({ kind, detail }: Pick<Event, "kind" | "detail">): string {
  const said = (name: string, unit = ""): string => (detail?.[name] === null || detail?.[name] === undefined ? "" : `${String(detail[name])}${unit}`);
  const code = kind === "medication-given" || kind === "symptom-resolved" ? plain(said("code")) : "";
  const route = said("route");
  const planned = said("planned_minutes");
  const parts = [
    code,
    said("dose"),
    said("unit"),
    said("dose_mg", " mg"),
    planned && words.sheet.planned(planned),
    said("rate_ml_h", " ml/h"),
    said("flow_l_min", " l/min"),
    (words.event.routes as Record<string, string>)[route] ?? route,
    said("to"),
    said("text"),
    said("lot") && words.sheet.lot(said("lot")),
  ].filter(Boolean);
  return parts.length > 0 ? `${plain(kind)}: ${parts.join(" ")}` : plain(kind);
}

function minutesIntoPhase(record: View, { reading }: Row): number | null {
  const start = (kinds: string[], newest = false): string | undefined => {
    const found = events(record).filter((each) => counts(each) && kinds.includes(each.event.kind)).map(({ event }) => event.at).sort();
    return newest ? found.at(-1) : found[0];
  };
  const since =
    reading.phase === record.phase
      ? (record.phase_since ?? undefined)
      : reading.phase === "baseline"
        ? start(["checked-in"])
        : reading.phase === "infusion"
          ? start(["infusion-started", "nasal-device-given"])
          : start(["infusion-stopped"], true);
  return since === undefined ? null : minutesBetween(since, Date.parse(reading.measured_at));
}
