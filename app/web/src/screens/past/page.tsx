import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { headed, listed, shortly } from "../../names";
import { NotHeard } from "../../parts/asked";
import { Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { chosen } from "../../patient";
import { address, go } from "../../place";
import { useAsked, useScope } from "../../scope";
import { charts, connected } from "../../store";
import { clockText, dayText } from "../../time";
import { words } from "../../words";
import { Courses } from "./courses";
import { Lines } from "./lines";
import { CoursePicture } from "./picture";
import type { Line } from "./told";
import { pastWords } from "./words";
import "./past.css";

type Past = Schemas["PatientPastOut"];
const say = pastWords.page;

/** One patient: who it is, what is planned, and every session so far. One question, and a read that is audited. */
export function PatientPage({ patient: patient_id }: { patient: string }): VNode {
  const asked = useAsked(async (scope) => (await scope.ask("get", "/v1/patients/{patient_id}/past", { patient_id })).body, [patient_id]);
  const past = asked.found;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "patients" })} aria-label={words.titles.patients}>
          &#8592;
        </a>
        <div class="patient">
          <h1>{past ? headed(past.patient) : words.titles.past}</h1>
          {past && (
            <span class="number">
              {words.born(past.patient.birth_date)} · {past.patient.record_number}
            </span>
          )}
        </div>
        <Who />
      </header>
      <main class="page stack">{past ? <Shown past={past} again={asked.again} /> : <NotHeard asked={asked} waiting={connected.value ? words.screenComes : pastWords.notHeard} />}</main>
      {past && (
        <footer class="foot">
          <NewSession patient={past.patient} />
        </footer>
      )}
    </div>
  );
}

function Shown({ past, again }: { past: Past; again: () => void }): VNode {
  const { patient } = past;
  const [older, setOlder] = useState<{ items: Line[]; next: string | null }>({ items: [], next: past.sessions.next });
  const lines = [...past.sessions.items, ...older.items];
  return (
    <>
      {!connected.value && <p class="unknown">{pastWords.asOf(dayText(past.as_of), clockText(past.as_of))}</p>}
      {patient.look_alikes.map((other) => (
        <p class="concern" key={other.id}>
          &#9650; {say.looksLike(listed(other), other.birth_date, other.record_number, other.because.join("; "))}
        </p>
      ))}
      <div class="beside">
        <Identity past={past} />
        <Courses past={past} again={again} />
      </div>
      <CoursePicture lines={lines} />
      <section class="stack" aria-labelledby="past-sessions">
        <h2 id="past-sessions">{say.sessions}</h2>
        {lines.length === 0 ? <p>{say.noSession}</p> : <Lines lines={lines} label={say.sessions} />}
        {older.next !== null && <Older patient_id={patient.id} place={older.next} found={(items, next) => setOlder({ items: [...older.items, ...items], next })} />}
      </section>
    </>
  );
}

function Older({ patient_id, place, found }: { patient_id: string; place: string; found: (items: Line[], next: string | null) => void }): VNode {
  const form = useForm();
  const scope = useScope();
  const more = async (): Promise<void> => {
    const { body } = await scope.ask("get", "/v1/session-lines", {}, undefined, { query: { patient_id, after: place, limit: "100" } });
    found(body.items, body.next);
  };
  return (
    <p class="row">
      <span>{say.notAll}</span>
      <button class="button" disabled={form.busy || !connected.value} onClick={() => void form.run(more)}>
        {say.more}
      </button>
      {form.fault && <Outcome form={form} />}
    </p>
  );
}

function Identity({ past: { patient, revisions } }: { past: Past }): VNode {
  const earlier = revisions.items.filter(({ revision }) => revision < patient.revision);
  return (
    <section class="card" aria-labelledby="identity">
      <h2 id="identity">{say.identity}</h2>
      <dl class="facts number">
        <Named revision={patient} />
      </dl>
      <p class="quiet">{say.revision(dayText(patient.recorded_at), clockText(patient.recorded_at), patient.recorded_by.name)}</p>
      {earlier.length > 0 && (
        <details>
          <summary>{say.earlier(earlier.length)}</summary>
          <ol class="stack">
            {[...earlier].reverse().map((each) => (
              <li key={each.revision}>
                <b>{listed(each)}</b>{" "}
                <span class="number">
                  {words.born(each.birth_date)} · {each.record_number}
                </span>
                <br />
                <span class="quiet">{say.revision(dayText(each.recorded_at), clockText(each.recorded_at), each.recorded_by.name)}</span>
              </li>
            ))}
          </ol>
          {revisions.next !== null && <p class="quiet">{say.notAll}</p>}
        </details>
      )}
    </section>
  );
}

function Named({ revision }: { revision: Past["patient"] }): VNode {
  const facts: [string, string][] = [
    [say.born, revision.birth_date],
    [say.number, revision.record_number],
    ...(revision.sex ? ([[say.sex, revision.sex]] as [string, string][]) : []),
  ];
  return (
    <>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt class="label">{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </>
  );
}

function NewSession({ patient }: { patient: Past["patient"] }): VNode | null {
  if (!charts.value) return null;
  const begin = (): void => {
    chosen.value = patient;
    go({ screen: "new", patient: patient.id });
  };
  return (
    <button class="button primary" onClick={begin}>
      {say.newFor(shortly(patient))}
    </button>
  );
}
