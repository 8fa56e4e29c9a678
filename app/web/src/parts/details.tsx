import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, fill, type Schemas } from "../api";
import { shortly } from "../names";
import { address } from "../place";
import { tabletName, type Reading, type Session } from "../records";
import type { Row } from "../sets";
import { connected, noticeFailure, own, person, type } from "../store";
import { clockText, spoken } from "../time";
import { plain, words } from "../words";
import { Saving, useSaving } from "./saving";

type Revision = Schemas["ReadingRevisionOut"];

/** Where a set comes from: who, when, which tablet, every revision; and what may be done about it. */
export function Details({ record, row, close }: { record: Session; row: Row; close: () => void }): VNode {
  const { reading, state } = row;
  const [history, setHistory] = useState<Revision[] | null>(null);
  useEffect(() => {
    if (state !== null || !connected.value) return;
    const names = { session_id: record.id, reading_id: reading.id };
    ask("get", "/v1/sessions/{session_id}/readings/{reading_id}/history", names, undefined, own()).then((answer) => setHistory(answer.body.items), noticeFailure);
  }, [reading.id, reading.revision]);
  const revisions: (Revision | Reading)[] = history ?? [reading];
  const kept = state === null || state === "in the record";
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
      {history === null && reading.revisions > 1 && <p class="unknown">{words.sheet.noHistory}</p>}
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
      {reading.void && (
        <p class="danger">
          {words.sheet.voided}: “{reading.void.reason}”, {reading.void.recorded_by.name}, {clockText(reading.void.recorded_at)}
        </p>
      )}
      {kept && !reading.void && (
        <div class="row">
          <a class="button link" href={address({ screen: "entry", id: record.id, correct: reading.id })}>
            {words.sheet.correct}
          </a>
          <Voiding record={record} reading={reading} />
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

function Voiding({ record, reading }: { record: Session; reading: Reading }): VNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const saving = useSaving();
  if (!open)
    return (
      <button type="button" class="button" onClick={() => setOpen(true)}>
        {words.sheet.voidIt}
      </button>
    );
  const save = (event: Event): void => {
    event.preventDefault();
    const id = crypto.randomUUID();
    const path = fill("/v1/sessions/{session_id}/readings/{reading_id}/void", { session_id: record.id, reading_id: reading.id });
    const about = `${clockText(reading.measured_at)} ${shortly(record.patient)}: ${words.sheet.voided}`;
    void saving.run(() => type({ id, method: "POST", path, body: { id, reason: reason.trim() }, session_id: record.id, makes: false, about })).then(() => setOpen(false));
  };
  return (
    <form class="stack" onSubmit={save}>
      <span class="row" role="group" aria-label={words.sheet.reason}>
        {words.sheet.voidReasons.map((each) => (
          <button type="button" class="button" key={each} aria-pressed={reason === each} onClick={() => setReason(each)}>
            {each}
          </button>
        ))}
      </span>
      <label class="field">
        <span>{words.sheet.reason}</span>
        <input maxLength={200} autoComplete="off" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <span class="row">
        <button class="button" disabled={reason.trim() === "" || saving.busy}>
          {words.sheet.voidAs(person.value?.name ?? "")}
        </button>
        <button type="button" class="button plain" onClick={() => setOpen(false)}>
          {words.back}
        </button>
      </span>
      {saving.fault && <Saving state={saving} />}
    </form>
  );
}
