import type { VNode } from "preact";
import type { Schemas } from "../../api";
import { takeFile } from "../../files";
import { listed } from "../../names";
import { NotHeard } from "../../parts/asked";
import { Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked } from "../../scope";
import { connected } from "../../store";
import { clockText, dayText } from "../../time";
import { words } from "../../words";
import { formWords } from "./words";

const say = formWords.after;
type Sheet = Schemas["AfterVisitOut"];

/** The sheet that a patient takes home: the clinic's own instructions, whom to call, who signed when. */
export function AfterVisit({ id: session_id }: { id: string }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/sessions/{session_id}/after-visit-sheet", { session_id })).body, [session_id]);
  const form = useForm();
  const path = `/v1/sessions/${session_id}/after-visit-sheet.pdf`;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "session", id: session_id })} aria-label={words.titles.session}>
          &#8592;
        </a>
        <h1>{say.title}</h1>
        <Who />
      </header>
      <main class="page stack">
        {asked.found === null ? <NotHeard asked={asked} waiting={connected.value ? words.screenComes : formWords.notHeard} /> : <Paper sheet={asked.found} />}
        {form.busy ? <p role="status">{say.saving}</p> : form.fault && <Outcome form={form} />}
      </main>
      {asked.found !== null && (
        <footer class="foot">
          <button class="button" disabled={form.busy || !connected.value} onClick={() => void form.run(() => takeFile(path, `after-visit-${session_id}.pdf`))}>
            {say.pdf}
          </button>
          <button class="button primary" onClick={() => print()}>
            {say.print}
          </button>
        </footer>
      )}
    </div>
  );
}

function Paper({ sheet }: { sheet: Sheet }): VNode {
  const { patient, values } = sheet;
  return (
    <article class="card stack take-home" aria-label={say.title}>
      {sheet.demo && <p class="print-only">{words.demo}</p>}
      <p class="print-only">
        <b>{say.title}</b>
      </p>
      <p>
        <b>{listed(patient)}</b>, {say.born(patient.birth_date)}, {patient.record_number}
      </p>
      <p>{say.left(sheet.clinic, dayText(sheet.left_at), clockText(sheet.left_at))}</p>
      <h2>{say.todo}</h2>
      <p class="told">{sheet.instructions}</p>
      <h2>{say.call}</h2>
      <p>
        {sheet.clinic}: <span class="call">{sheet.phone}</span>
      </p>
      {sheet.address && <p class="told">{sheet.address}</p>}
      {values && (
        <>
          <h2>{say.last(clockText(values.measured_at))}</h2>
          {values.items.map((each) => (
            <p key={each.label}>
              {each.label}: <b>{each.words}</b>
            </p>
          ))}
        </>
      )}
      <h2>{say.signed}</h2>
      <p>{sheet.signed_by && sheet.signed_at ? say.signedBy(sheet.signed_by, dayText(sheet.signed_at), clockText(sheet.signed_at)) : say.nobody}</p>
    </article>
  );
}
