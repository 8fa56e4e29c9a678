import type { VNode } from "preact";
import type { Schemas } from "../../api";
import { takeFile } from "../../files";
import { NotHeard } from "../../parts/asked";
import { Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked, useScope } from "../../scope";
import { connected, person } from "../../store";
import { clinicNow, clockText, dayText, spoken, stamp } from "../../time";
import { words } from "../../words";
import { Asking, type Summary, answersOf, revisionOf } from "./asking";
import { formWords } from "./words";

const say = formWords.form;
const CHART = new Set(["nurse", "clinician"]);

/** The monitoring form of one session: every field, where its answer comes from, and what nobody has asked yet. */
export function FormPage({ id: session_id }: { id: string }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/sessions/{session_id}/monitoring-summary", { session_id })).body, [session_id]);
  const found = asked.found;
  const mayAsk = CHART.has(person.value?.role ?? "");
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "forms" })} aria-label={formWords.due.title}>
          &#8592;
        </a>
        <div class="patient">
          <h1>{found ? nameOf(found) : say.title}</h1>
          {found && <span class="number">{say.title}</span>}
        </div>
        <Who />
      </header>
      <main class="page stack">
        {found === null ? (
          <NotHeard asked={asked} waiting={connected.value ? words.screenComes : formWords.notHeard} />
        ) : (
          <>
            <Taking summary={found} />
            {mayAsk && <Asking key={`${revisionOf(found.answers)} ${revisionOf(found.programme)}`} summary={found} again={asked.again} />}
            <Sent summary={found} again={asked.again} mayMark={mayAsk} />
            {Object.entries(say.groups).map(([group, label]) => (
              <section key={group} class="card" aria-label={label}>
                <h2>{label}</h2>
                <dl class="form-fields">
                  {found.fields
                    .filter((field) => field.group === group)
                    .map((field) => (
                      <Shown key={field.id} field={field} />
                    ))}
                </dl>
              </section>
            ))}
          </>
        )}
      </main>
    </div>
  );
}

const nameOf = (found: Summary): string => found.fields.find((field) => field.id === "name")?.words ?? say.title;

/** A sheet's words with their instants as day and time: a sheet may be older than the session. */
const dated = (sentence: string): string => sentence.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (instant) => `${dayText(instant)} ${clockText(instant)}`);

function Shown({ field }: { field: Schemas["MonitoringFieldOut"] }): VNode {
  return (
    <div class="form-field">
      <dt>{field.label}</dt>
      <dd>
        {field.missing === null ? <b class="number">{spoken(field.words ?? "")}</b> : <span class="unknown">{say.missing(spoken(field.missing))}</span>}
        <span class="from">{field.source.origin === "session" ? spoken(field.source.words) : dated(field.source.words)}</span>
      </dd>
    </div>
  );
}

function Taking({ summary }: { summary: Summary }): VNode {
  const form = useForm();
  const { session_id } = summary;
  const path = `/v1/sessions/${session_id}/monitoring-summary`;
  const save = (from: string, ending: string): void => void form.run(() => takeFile(from, `monitoring-${session_id}.${ending}`));
  return (
    <section class="card stack" aria-label={say.title}>
      <p>{say.copy}</p>
      <p role="status">
        <b>{summary.missing.length === 0 ? say.complete : say.lacks(summary.missing.length)}</b>
      </p>
      <div class="row">
        <button class="button" disabled={form.busy || !connected.value} onClick={() => save(`${path}.pdf`, "pdf")}>
          {say.pdf}
        </button>
        <button class="button" disabled={form.busy || !connected.value} onClick={() => save(path, "json")}>
          {say.json}
        </button>
        <a class="button" href={address({ screen: "session", id: session_id })}>
          {say.session}
        </a>
      </div>
      {form.busy ? <p role="status">{say.saving}</p> : form.fault && <Outcome form={form} />}
    </section>
  );
}

function Sent({ summary, again, mayMark }: { summary: Summary; again: () => void; mayMark: boolean }): VNode {
  const sent = formWords.sent;
  const form = useForm();
  const scope = useScope();
  const at = summary.answers?.sent_at ?? null;
  const lacking = summary.missing.length;
  const mark = async (sent_at: string | null): Promise<void> => {
    const { session_id } = summary;
    const revision = revisionOf(summary.answers);
    await scope.ask("put", "/v1/sessions/{session_id}/form-answers", { session_id }, { ...answersOf(summary), sent_at }, { headers: revision ? { "If-Match": `"${revision}"` } : {} });
    again();
  };
  return (
    <section class="card stack" aria-label={sent.title}>
      <h2>{sent.title}</h2>
      <p>{at === null ? sent.not : sent.at(dayText(at), clockText(at))}</p>
      {at === null && lacking > 0 && <p class="concern">&#9650; {sent.lacking(lacking)}</p>}
      {mayMark && (
        <p class="row">
          <button class="button" disabled={form.busy || !connected.value} onClick={() => void form.run(() => mark(at === null ? stamp(clinicNow()) : null))}>
            {at === null ? sent.mark : sent.undo}
          </button>
        </p>
      )}
      <Outcome form={form} />
    </section>
  );
}
