import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { headed, shortly } from "../../names";
import { NotHeard } from "../../parts/asked";
import { Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked, useScope } from "../../scope";
import { connected } from "../../store";
import { clockText, dayText } from "../../time";
import { words } from "../../words";
import { formWords } from "./words";

const say = formWords.due;
type Found = Schemas["DueFormsOut"];
type Due = Schemas["DueFormOut"];

/** Forms that nobody has sent, each with what it still lacks. */
export function DueForms(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/monitoring-forms", {})).body);
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "days" })} aria-label={words.titles.days}>
          &#8592;
        </a>
        <h1>{say.title}</h1>
        <Who />
      </header>
      <main class="page stack">
        <p>{say.why}</p>
        {asked.found ? <Pages key={asked.found.as_of} first={asked.found} /> : <NotHeard asked={asked} waiting={connected.value ? words.screenComes : formWords.notHeard} />}
      </main>
    </div>
  );
}

function Pages({ first }: { first: Found }): VNode {
  const [more, setMore] = useState<{ items: Due[]; next: string | null }>({ items: [], next: first.next });
  const form = useForm();
  const scope = useScope();
  const forms = [...first.items, ...more.items];
  const further = async (): Promise<void> => {
    if (more.next === null) return;
    const { body } = await scope.ask("get", "/v1/monitoring-forms", {}, undefined, { query: { after: more.next } });
    setMore({ items: [...more.items, ...body.items], next: body.next });
  };
  return (
    <>
      {forms.length === 0 && more.next === null && <p role="status">{say.none}</p>}
      <ul class="stack" aria-label={say.title}>
        {forms.map((each) => (
          <One key={each.session_id} due={each} />
        ))}
      </ul>
      {more.next !== null && (
        <p class="row">
          <button class="button" disabled={form.busy || !connected.value} onClick={() => void form.run(further)}>
            {say.more}
          </button>
          {form.fault && <Outcome form={form} />}
        </p>
      )}
      <p class="quiet">{say.since(dayText(first.since))}</p>
    </>
  );
}

function One({ due }: { due: Due }): VNode {
  const { days_left, patient } = due;
  const when = days_left < 0 ? say.late(-days_left) : days_left === 0 ? say.today : say.left(due.due_on, days_left);
  return (
    <li class="card stack">
      <span class="row spread">
        <b>{headed(patient)}</b>
        {days_left <= 0 ? <span class="concern">&#9650; {when}</span> : <span class="badge">{when}</span>}
      </span>
      <span class="number quiet">
        {words.born(patient.birth_date)} · {patient.record_number} · {say.session(dayText(due.at), clockText(due.at))}
      </span>
      {!due.told ? (
        <span class="unknown">{say.untold}</span>
      ) : due.missing.length === 0 ? (
        <span>{say.complete}</span>
      ) : (
        <details>
          <summary class="button">{say.lacks(due.missing.length, due.fields)}</summary>
          <ul class="lacking">
            {due.missing.map((each) => (
              <li key={each.id}>
                {each.label}: {each.because}
              </li>
            ))}
          </ul>
        </details>
      )}
      <a class="button" href={address({ screen: "form", id: due.session_id })}>
        {say.open(shortly(patient))}
      </a>
    </li>
  );
}
