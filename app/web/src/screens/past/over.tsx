import type { VNode } from "preact";
import { Outcome, useForm } from "../../parts/form";
import { takeFile } from "../../files";
import { address } from "../../place";
import type { View } from "../../project";
import { connected, person } from "../../store";
import { clockText, dayText } from "../../time";
import { plain } from "../../words";
import { pastWords } from "./words";
import "./past.css";

const say = pastWords.over;
/** May carry a session out of the service; the service asks again. */
const TAKERS = new Set(["clinician", "lead", "auditor"]);
const CLOSING = new Set<string>(["cancelled", "transferred", "left-against-advice"]);

/** Says that a session is over and since when, and offers what can be taken of it. */
export function Over({ view }: { view: View }): VNode {
  const form = useForm();
  const at = view.discharge?.left_at ?? view.events.filter((event) => CLOSING.has(event.kind) && !event.void).map((event) => event.at).sort()[0];
  const how = plain(view.state);
  const save = (path: string, name: string): void => void form.run(() => takeFile(path, name));
  const here = `/v1/sessions/${view.id}`;
  const offered: [string, string, string][] = [
    ...(TAKERS.has(person.value?.role ?? "") ? ([[say.pdf, `${here}/pack/pdf`, `session-${view.id}.pdf`], [say.pack, `${here}/pack`, `session-${view.id}.zip`]] as [string, string, string][]) : []),
  ];
  return (
    <section class="card is-over" aria-labelledby="is-over">
      <h2 id="is-over">{at ? say.title(how, dayText(at), clockText(at)) : say.unknown(how)}</h2>
      <p class="quiet">{say.read}</p>
      {!connected.value && <p class="unknown">{say.offline}</p>}
      <div class="row">
        <button class="button" onClick={() => print()}>
          {say.print}
        </button>
        {offered.map(([label, path, name]) => (
          <button key={path} class="button" disabled={form.busy || !connected.value} onClick={() => save(path, name)}>
            {label}
          </button>
        ))}
        {view.route === "intranasal" && (
          <a class="button" href={address({ screen: "form", id: view.id })}>
            {say.form}
          </a>
        )}
        {view.discharge && (
          <a class="button" href={address({ screen: "after", id: view.id })}>
            {say.after}
          </a>
        )}
        <a class="button" href={address({ screen: "past", patient: view.patient_id })}>
          {say.page}
        </a>
      </div>
      {form.busy ? <p role="status">{say.saving}</p> : form.fault && <Outcome form={form} />}
    </section>
  );
}
