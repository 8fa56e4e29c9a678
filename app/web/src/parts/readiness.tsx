import type { VNode } from "preact";
import { putEvent } from "../charting";
import { heardAgo, judged, type Judged } from "../fresh";
import { address } from "../place";
import type { View } from "../project";
import { behind, type Finding, type Reading, type Session, told } from "../records";
import { counts, events } from "../sets";
import { person } from "../store";
import { clinicNow, clockText, spoken, tick } from "../time";
import { criterion, words } from "../words";
import { looking } from "./flowsheet";
import { Outcome, useForm } from "./form";
import { MetBadge } from "./met";

/** The discharge criteria: what is open first, each with its sentence and what it rests on. Never worked out here. */
export function Readiness({ view }: { view: View }): VNode {
  const record = view.heard;
  tick.value;
  const word = judged(record);
  const unknown = word.known ? null : word;
  const { readiness } = record;
  const open = readiness?.findings.filter((finding) => finding.outcome !== "met") ?? [];
  const met = word.known ? word.value.good : [];
  // before the dose is over nearly all of it is open, and nobody asks for it yet
  const soon = view.phase === "baseline" || view.phase === "infusion";
  const notMetFirst = [...open].sort((a, b) => a.outcome.localeCompare(b.outcome));
  return (
    <section class="readiness stack" aria-labelledby="readiness-title">
      <h2 id="readiness-title">{words.readiness.title}</h2>
      <div role="status" class="verdict">
        {word.known && !soon && <Ring word={word.value} />}
        {word.known ? !soon && <State word={word.value} open={open.length} /> : <p class="unknown">{word.text}</p>}
      </div>
      {!unknown?.all && readiness && (
        <>
          {soon ? (
            <details class="met-ones">
              <summary>{words.readiness.later(open.length)}</summary>
              <Findings record={record} findings={[...notMetFirst, ...met]} />
            </details>
          ) : (
            <Findings record={record} findings={notMetFirst} />
          )}
          {!soon && met.length > 0 && (
            <details class="met-ones">
              <summary>{words.readiness.met(met.length)}</summary>
              <Findings record={record} findings={met} />
            </details>
          )}
          {word.known && !soon && !readiness.closed && readiness.had_left_at === null && <When record={record} word={word.value} />}
        </>
      )}
      {record.known !== "line" && <Baseline view={view} />}
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

const AROUND = 2 * Math.PI * 42;

/** All criteria as one ring: whole pieces are met, thin ones are not, dashed ones are unknown. The words stand beside it. */
function Ring({ word: { readiness } }: { word: Judged }): VNode | null {
  // a patient who has left has no flag: nothing here may look like one
  if (readiness.closed || readiness.had_left_at !== null) return null;
  const order: Record<string, number> = { met: 0, "not-met": 1 };
  const outcomes = readiness.findings.map((each) => each.outcome).sort((a, b) => (order[a] ?? 2) - (order[b] ?? 2));
  const piece = AROUND / Math.max(1, outcomes.length);
  const met = outcomes.filter((each) => each === "met").length;
  return (
    <svg class="ring" viewBox="0 0 100 100" aria-hidden="true">
      {outcomes.map((outcome, place) => (
        <circle
          key={place}
          class={outcome === "met" || outcome === "not-met" ? `ring-${outcome}` : "ring-unknown"}
          cx="50"
          cy="50"
          r="42"
          stroke-dasharray={outcome !== "met" && outcome !== "not-met" ? `2.5 2.5 2.5 ${AROUND}` : `${piece - 2.5} ${AROUND}`}
          transform={`rotate(${-90 + (360 * place) / outcomes.length} 50 50)`}
        />
      ))}
      <text x="50" y="49" text-anchor="middle" class="ring-count">
        {met}
      </text>
      <text x="50" y="66" text-anchor="middle" class="ring-of">
        {words.readiness.ofAll(outcomes.length)}
      </text>
    </svg>
  );
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

function Findings({ record, findings }: { record: Session; findings: Finding[] }): VNode {
  return (
    <ul class="findings">
      {together(findings).map((alike) => (
        <Item key={alike[0]!.criterion} record={record} alike={alike} />
      ))}
    </ul>
  );
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
        {person.value?.role === "lead" && alike.some((each) => each.criterion === "tablets-in-step") && behind(record).length > 0 && (
          <a class="button" href={address({ screen: "release", id: record.id })}>
            {words.readiness.release}
          </a>
        )}
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
function Baseline({ view }: { view: View }): VNode {
  const record = view.heard;
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
      {baseline.sound === false && !baseline.accepted && <Accept view={view} sets={sets} />}
    </p>
  );
}

/** A clinician takes an unsound baseline as it stands: exactly the sets that are shown, in the revisions that are shown. */
function Accept({ view, sets }: { view: View; sets: Reading[] }): VNode | null {
  const form = useForm();
  const who = person.value;
  const here = events(view).some((each) => each.event.kind === "baseline-accepted" && counts(each) && each.state !== null);
  if (who?.role !== "clinician" || here) return null;
  const readings = sets.map(({ id, revision }) => ({ id, revision }));
  return (
    <span class="row">
      <button type="button" class="button" disabled={form.busy} onClick={() => void form.run(() => putEvent(view, "baseline-accepted", clinicNow(), { readings }))}>
        {words.next.acceptBaseline(who.name)}
      </button>
      {form.fault && <Outcome form={form} />}
    </span>
  );
}
