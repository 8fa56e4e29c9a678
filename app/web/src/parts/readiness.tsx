import type { VNode } from "preact";
import type { Schemas } from "../api";
import { heardAgo, judged, type Judged } from "../fresh";
import { shortly } from "../names";
import { address } from "../place";
import { type Finding, type Session, told, waiting } from "../records";
import { person, type } from "../store";
import { clinicNow, clockText, spoken, stamp, tick } from "../time";
import { criterion, words } from "../words";
import { looking } from "./flowsheet";
import { MetBadge } from "./met";
import { Saving, useSaving } from "./saving";

/** The discharge criteria: what is open first, each with its sentence and what it rests on. Never worked out here. */
export function Readiness({ record }: { record: Session }): VNode {
  tick.value;
  const word = judged(record);
  const unknown = word.known ? null : word;
  const { readiness } = record;
  const open = readiness?.findings.filter((finding) => finding.outcome !== "met") ?? [];
  const met = word.known ? word.value.good : [];
  const notMetFirst = [...open].sort((a, b) => a.outcome.localeCompare(b.outcome));
  return (
    <section class="readiness stack" aria-labelledby="readiness-title">
      <h2 id="readiness-title">{words.readiness.title}</h2>
      <div role="status">{word.known ? <State word={word.value} open={open.length} /> : <p class="unknown">{word.text}</p>}</div>
      {!unknown?.all && readiness && (
        <>
          <ul class="findings">
            {together(notMetFirst).map((alike) => (
              <Item key={alike[0]!.criterion} record={record} alike={alike} />
            ))}
          </ul>
          {met.length > 0 && (
            <details class="met-ones">
              <summary>{words.readiness.met(met.length)}</summary>
              <ul class="findings">
                {together(met).map((alike) => (
                  <Item key={alike[0]!.criterion} record={record} alike={alike} />
                ))}
              </ul>
            </details>
          )}
          {word.known && !readiness.closed && readiness.had_left_at === null && <When record={record} word={word.value} />}
        </>
      )}
      {(unknown?.all || person.value?.role === "clinician") && <Concerns record={record} />}
      {record.known !== "line" && <Baseline record={record} />}
    </section>
  );
}

const statusWords = { met: words.readiness.wereMet, "not-met": words.notMet, "cannot-tell": words.cannotTell } as const;

function State({ word, open }: { word: Judged; open: number }): VNode {
  const { readiness, met } = word;
  // a patient who had left has no flag: nothing here may look like one
  if (readiness.had_left_at !== null)
    return (
      <p>
        {words.readiness.hadLeft(clockText(readiness.had_left_at))} <b>{statusWords[readiness.status]}</b>
      </p>
    );
  if (readiness.closed)
    return (
      <p>
        {words.readiness.closed} <span class="label">{words.readiness.asOf(clockText(readiness.as_of))}</span>
      </p>
    );
  if (met !== null)
    return (
      <p class="row">
        <MetBadge met={met} />
      </p>
    );
  return (
    <p>
      <b>{word.status === "not-met" ? words.notMet : words.cannotTell}</b> <span class="label">{words.readiness.open(open)}</span>
    </p>
  );
}

/** Until when it is so, or from when it could be. A set grows old by the clinic's clock; whether the service is heard is
 * another number, and never told as if it were the first. */
function When({ record, word: { readiness, met } }: { record: Session; word: Judged }): VNode {
  if (met !== null) {
    const fresh = readiness.findings.find((finding) => finding.criterion === "fresh");
    const ago = heardAgo();
    return (
      <>
        {fresh && <p class="quiet number">{told(record, fresh.because)}</p>}
        {ago !== null && <p class="quiet number">{words.readiness.heard(ago)}</p>}
      </>
    );
  }
  const earliest = readiness.earliest_met_at;
  const said = earliest === null ? words.readiness.noEarliest : Date.parse(earliest) <= clinicNow() ? words.readiness.soon : words.readiness.earliest(clockText(earliest));
  return <p class="quiet number">{said}</p>;
}

const SIGNS = { met: "◎", "not-met": "✕", unknown: "?" } as const;

/** Findings that say the same for the same reason stand together; each is named. */
function together(findings: Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const same = `${finding.outcome} ${finding.because}`;
    groups.set(same, [...(groups.get(same) ?? []), finding]);
  }
  return [...groups.values()];
}

function Item({ record, alike }: { record: Session; alike: Finding[] }): VNode {
  const finding = alike[0]!;
  return (
    <li class={`finding ${finding.outcome}`}>
      <span class="sign" aria-hidden="true">
        {SIGNS[finding.outcome] ?? "?"}
      </span>
      <div>
        <b>{alike.map((each) => criterion(each.criterion)).join(", ")}</b> <span class="label">{words.readiness.outcomes[finding.outcome]}</span>
        <p>{told(record, finding.because)}</p>
        <RestsOn record={record} finding={finding} />
      </div>
    </li>
  );
}

/** The readings and events a finding rests on, as links to their rows. */
function RestsOn({ record, finding }: { record: Session; finding: Finding }): VNode | null {
  const sets = finding.rests_on.flatMap((each) => record.readings.filter((reading) => each.kind === "reading" && reading.id === each.id));
  const done = finding.rests_on.flatMap((each) => record.events.filter((event) => each.kind === "event" && event.id === each.id));
  if (sets.length + done.length === 0) return null;
  sets.sort((a, b) => b.measured_at.localeCompare(a.measured_at));
  return (
    <p class="rests number">
      {sets.map((reading) => (
        <a key={reading.id} href={address({ screen: "session", id: record.id })} onClick={() => (looking.value = reading.id)}>
          {words.readiness.set} {clockText(reading.measured_at)}
        </a>
      ))}
      {done.map((event) => (
        <span key={event.id} class="label">
          {words.readiness.event} {clockText(event.at)}
        </span>
      ))}
    </p>
  );
}

/** The patient's own values before the dose, and the sets they come from. */
function Baseline({ record }: { record: Session }): VNode {
  const { baseline } = record;
  const value = (vital: string): string => String(baseline?.vitals[vital]?.shown ?? "–");
  const ids = new Set(Object.values(baseline?.vitals ?? {}).flatMap((vital) => vital.rests_on.map((each) => each.id)));
  const sets = record.readings.filter((reading) => ids.has(reading.id)).sort((a, b) => a.measured_at.localeCompare(b.measured_at));
  if (baseline === null || ids.size === 0)
    return (
      <p class="baseline">
        <b>{words.readiness.baseline}</b> <span class="quiet">{baseline ? spoken(baseline.because) : words.readiness.noBaseline}</span>
      </p>
    );
  return (
    <p class="baseline number">
      <b>{words.readiness.baseline}</b> {value("systolic")}/{value("diastolic")} · {value("heart_rate")} · {value("respiratory_rate")} · {value("spo2")}
      <span class="rests">
        {sets.map((reading) => (
          <a key={reading.id} href={address({ screen: "session", id: record.id })} onClick={() => (looking.value = reading.id)}>
            {words.readiness.set} {clockText(reading.measured_at)}
          </a>
        ))}
      </span>
      <span class="label">
        {spoken(Object.values(baseline.vitals)[0]?.because ?? "")}
        {baseline.accepted ? `; ${words.readiness.accepted}` : baseline.sound === false ? `; ${words.readiness.notSound}: ${spoken(baseline.because)}` : ""}
      </span>
    </p>
  );
}

/** Concerns a clinician has to acknowledge: one tap for them, plain words for everybody else. */
function Concerns({ record }: { record: Session }): VNode | null {
  const saving = useSaving();
  const here = new Set(waiting(record.id).map(({ item }) => (item.body as { detail?: { concern_id?: string } }).detail?.concern_id));
  const open = record.readings.flatMap((reading) => (reading.void ? [] : reading.concerns.filter((concern) => concern.must_be_acknowledged && concern.acknowledged_by === null)));
  if (open.length === 0) return null;
  const acknowledge = (concern: Schemas["ConcernOut"]): void => {
    const id = crypto.randomUUID();
    const body = { kind: "concern-acknowledged", at: stamp(clinicNow()), detail: { concern_id: concern.id } };
    void saving.run(() => type({ id, method: "PUT", path: `/v1/sessions/${record.id}/events/${id}`, body, session_id: record.id, makes: false, about: `${words.readiness.seen}, ${shortly(record.patient)}` }));
  };
  return (
    <div class="stack">
      <h3>{words.readiness.concerns}</h3>
      {open.map((concern) => (
        <p key={concern.id} class="concern row spread">
          <span>
            &#9650; {spoken(concern.because)}. {words.readiness.waits}
          </span>
          {person.value?.role === "clinician" && !here.has(concern.id) && (
            <button type="button" class="button" onClick={() => acknowledge(concern)}>
              {words.readiness.acknowledge(person.value.name)}
            </button>
          )}
        </p>
      ))}
      {saving.fault && <Saving state={saving} />}
    </div>
  );
}
