import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { markVoid } from "../charting";
import { isClosed } from "../life";
import { address } from "../place";
import type { View } from "../project";
import { tabletName, type Reading } from "../records";
import type { Row } from "../sets";
import { useAsked } from "../scope";
import { charts, connected, person } from "../store";
import { clockText, spoken } from "../time";
import { plain, words } from "../words";
import type { EventLine } from "./flowsheet";
import { Field, Outcome, useForm } from "./form";

type Revision = Schemas["ReadingRevisionOut"];

/** Whoever charts mends what stands in their own clinic's record. */
const mayMend = (record: View): boolean => charts.value && record.known !== "opened";

/** Where a set comes from: who, when, which tablet, every revision; and what may be done about it. */
export function Details({ record, row, close }: { record: View; row: Row; close: () => void }): VNode {
  const { reading, state, changing } = row;
  const names = { session_id: record.id, reading_id: reading.id };
  const asked = useAsked(
    (scope) => (state === null && changing === null && connected.value && record.known !== "opened" ? scope.ask("get", "/v1/sessions/{session_id}/readings/{reading_id}/history", names) : null),
    [reading.id, reading.revision],
  );
  // of another set, or of this one before it was corrected, it says nothing
  const history = asked.found?.body.items.some((each) => each.id === reading.id && each.revision >= reading.revision) ? asked.found.body.items : null;
  const revisions: (Revision | Reading)[] = history ?? [reading];
  const kept = state !== "refused" && changing?.state !== "refused";
  return (
    <div class="details stack" role="group" aria-label={words.sheet.details(clockText(reading.measured_at))}>
      <ol class="revisions">
        {revisions.map((revision, place) => (
          <li key={revision.revision}>
            <b>
              {words.sheet.revision} {revision.revision}
            </b>
            : {revision.recorded_by.name}, {clockText(revision.recorded_at)}
            {revision.tablet_id && (
              <span class="label">
                {" "}
                {words.sheet.tablet} {tabletName(record, revision.tablet_id)}
              </span>
            )}
            {revision.reason && <em> “{revision.reason}”</em>}
            <span class="number changes">{place === 0 ? whole(revision) : changes(revisions[place - 1]!, revision)}</span>
          </li>
        ))}
      </ol>
      {history === null && reading.revisions > 1 && <p class="unknown">{record.known === "opened" ? words.sheet.newestAlone : words.sheet.noHistory}</p>}
      {Object.entries(reading.not_measured).map(([field, reason]) => (
        <p key={field} class="quiet">
          {fieldWords(field)} n/m: {reason}
        </p>
      ))}
      {reading.note && <p class="wrap">{reading.note}</p>}
      {reading.concerns.map((concern) => (
        <p key={concern.id} class="concern">
          &#9650; {spoken(concern.because)}
          {concern.must_be_acknowledged && (concern.acknowledged_by ? ` (${words.readiness.seen})` : `. ${words.readiness.waits}`)}
        </p>
      ))}
      {reading.void && <Voided of={reading.void} />}
      {mayMend(record) && kept && !reading.void && (
        <div class="row">
          <a class="button link" href={address({ screen: "entry", id: record.id, correct: reading.id })}>
            {words.sheet.correct}
          </a>
          <Voiding reasons={words.sheet.voidReasons} save={(reason) => markVoid(record, "readings", reading.id, reason)} />
        </div>
      )}
      <button type="button" class="button plain" onClick={close}>
        {words.sheet.close}
      </button>
    </div>
  );
}

const FIELDS = ["measured_at", "systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "oxygen", "consciousness", "dissociation", "gait_steady", "orientated", "symptoms", "note"] as const;
type Name = (typeof FIELDS)[number];

function fieldWords(field: string): string {
  return (words.entry.fields as Record<string, string>)[field] ?? plain(field.replaceAll("_", " "));
}

/** One field of a revision in words. */
function shown(revision: Revision | Reading, field: Name): string {
  const value = revision[field];
  if (value === null || value === undefined) return revision.not_measured[field] === undefined ? "–" : "n/m";
  if (field === "measured_at") return clockText(revision.measured_at);
  if (field === "gait_steady") return value ? words.entry.steady : words.entry.unsteady;
  if (typeof value === "boolean") return value ? words.entry.yes : words.entry.no;
  if (Array.isArray(value)) return value.length === 0 ? words.entry.none : value.map((each) => `${plain(each.code)} ${each.severity ?? ""}`).join(", ");
  if (typeof value !== "object") return String(value);
  if ("grade" in value) return value.score === null ? value.grade : `${value.grade}, ${value.instrument} ${value.score}`;
  if ("scale" in value) return String(value.score);
  return value.kind === "room-air" ? words.entry.onAir : `${words.entry.onOxygen} ${value.flow_l_min ?? "?"} l/min`;
}

function whole(revision: Revision | Reading): string {
  const value = (field: Name): string => shown(revision, field);
  return `${value("systolic")}/${value("diastolic")} · ${value("heart_rate")} · ${value("respiratory_rate")} · ${value("spo2")} ${value("oxygen")}`;
}

/** What a revision changed: both values. */
function changes(old: Revision | Reading, revision: Revision | Reading): string {
  const changed = FIELDS.filter((field) => JSON.stringify(old[field]) !== JSON.stringify(revision[field]) || shown(old, field) !== shown(revision, field));
  return changed.map((field) => `${fieldWords(field)} ${shown(old, field)} → ${shown(revision, field)}`).join(" · ");
}

/** Why something is marked as entered in error: one tap on a reason, or words of one's own. */
function Voiding({ save, reasons }: { save: (reason: string) => Promise<unknown>; reasons: readonly string[] }): VNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const form = useForm();
  if (!open)
    return (
      <button type="button" class="button" onClick={() => setOpen(true)}>
        {words.sheet.voidIt}
      </button>
    );
  const mark = async (): Promise<void> => {
    await save(reason.trim());
    setOpen(false);
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ reason: reason.trim() === "" ? words.sheet.reasonNeeded : "" }), mark)}>
      <span class="row" role="group" aria-label={words.sheet.reason}>
        {reasons.map((each) => (
          <button type="button" class="button" key={each} aria-pressed={reason === each} onClick={() => setReason(each)}>
            {each}
          </button>
        ))}
      </span>
      <Field label={words.sheet.reason} value={reason} set={setReason} most={200} fault={form.faults.reason} />
      <span class="row">
        <button class="button" disabled={form.busy}>
          {words.sheet.voidAs(person.value?.name ?? "")}
        </button>
        <button type="button" class="button plain" onClick={() => setOpen(false)}>
          {words.back}
        </button>
      </span>
      {form.fault && <Outcome form={form} />}
    </form>
  );
}

/** Kinds that only a clinician enters, and only a clinician puts right. */
const CLINICIANS = new Set(["baseline-accepted", "concern-acknowledged"]);

/** Where an event comes from, and what may be done about it. */
export function EventDetails({ record, line, close }: { record: View; line: EventLine; close: () => void }): VNode {
  const { event, state, changing } = line;
  const kept = state !== "refused" && changing?.state !== "refused" && !event.void;
  const closed = isClosed(record);
  // the form holds an addendum's words, and no set that came with them: a correction would leave it out
  const whole = event.kind === "addendum" && event.detail?.reading != null;
  const mayCorrect = !CLINICIANS.has(event.kind) && (!closed || event.kind === "addendum") && !whole;
  return (
    <div class="details stack" role="group" aria-label={words.event.details(plain(event.kind), clockText(event.at))}>
      <p>
        {event.recorded_by.name}, {clockText(event.recorded_at)}
        {event.tablet_id && (
          <span class="label">
            {" "}
            {words.sheet.tablet} {tabletName(record, event.tablet_id)}
          </span>
        )}
      </p>
      {event.void && <Voided of={event.void} />}
      {mayMend(record) && kept && (
        <div class="row">
          {mayCorrect && (
            <a class="button link" href={address({ screen: "event", id: record.id, kind: event.kind, correct: event.id })}>
              {words.event.correctIt}
            </a>
          )}
          <Voiding reasons={words.sheet.voidReasons.slice(0, 2).concat(words.sheet.notDone)} save={(reason) => markVoid(record, "events", event.id, reason)} />
        </div>
      )}
      {mayMend(record) && kept && whole && <p class="quiet">{words.event.whole}</p>}
      {mayMend(record) && kept && !mayCorrect && closed && !whole && <p class="quiet">{words.event.closed}</p>}
      <button type="button" class="button plain" onClick={close}>
        {words.sheet.close}
      </button>
    </div>
  );
}

function Voided({ of }: { of: NonNullable<Reading["void"]> }): VNode {
  return (
    <p class="danger">
      {words.sheet.voided}: “{of.reason}”, {of.recorded_by.name}, {clockText(of.recorded_at)}
    </p>
  );
}
