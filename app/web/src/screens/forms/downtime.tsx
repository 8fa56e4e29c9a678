import type { VNode } from "preact";
import { takeFile } from "../../files";
import { Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { connected } from "../../store";
import { words } from "../../words";
import { formWords } from "./words";

const say = formWords.downtime;

/** Sheets to chart on by hand: before the service or the power goes, and how they come into the record afterwards. */
export function Downtime(): VNode {
  const form = useForm();
  const save = (path: string, name: string): void => void form.run(() => takeFile(path, name));
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "board" })} aria-label={words.board}>
          &#8592;
        </a>
        <h1>{words.titles.downtime}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        <p>{say.why}</p>
        {!connected.value && <p class="unknown">{say.tooLate}</p>}
        <button class="button primary" disabled={form.busy || !connected.value} onClick={() => save("/v1/downtime-sheets.pdf", "downtime-sheets.pdf")}>
          {say.all}
        </button>
        <button class="button" disabled={form.busy || !connected.value} onClick={() => save("/v1/downtime-sheets/blank.pdf", "downtime-blank.pdf")}>
          {say.blank}
        </button>
        {form.busy ? <p role="status">{say.saving}</p> : form.fault && <Outcome form={form} />}
        <p>{say.patients}</p>
        <h2>{say.afterwards}</h2>
        <ol class="stack">
          {say.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </main>
    </div>
  );
}
