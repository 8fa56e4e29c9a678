import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Field, Outcome, useForm } from "../parts/form";
import { type Scope, useAsked, useScope } from "../scope";
import { clockText, dayText } from "../time";
import { clinicWords } from "../words.clinic";

const words = clinicWords.openings;
type Opening = Schemas["ListedOut"];
type Status = "waiting" | "reviewed";

/** Every one of them: what waits must not hide behind a page that nobody asks for. */
async function all({ ask }: Scope, status: Status): Promise<Opening[]> {
  const found: Opening[] = [];
  let after: string | null = null;
  do {
    const query: { status: Status; after?: string } = after === null ? { status } : { status, after };
    const { body } = await ask("get", "/v1/break-glass", {}, undefined, { query });
    found.push(...body.items);
    after = body.next;
  } while (after !== null);
  return found;
}

/** Who has opened what of this clinic with a reason, until somebody has looked at it. */
export function OpeningsScreen(): VNode {
  const waiting = useAsked((scope) => all(scope, "waiting"));
  const reviewed = useAsked((scope) => all(scope, "reviewed"));
  const again = (): void => (waiting.again(), reviewed.again());
  return (
    <Screen title={words.title} back="">
      <p>{words.why}</p>
      {([["waiting", waiting], ["reviewed", reviewed]] as const).map(([status, asked]) => (
        <section key={status} class="card stack">
          <h2>{words.which[status]}</h2>
          {asked.found === null ? (
            <NotHeard asked={asked} />
          ) : asked.found.length === 0 ? (
            <p class="quiet">{words.none[status]}</p>
          ) : (
            <ul class="stack">
              {asked.found.map((each) => (
                <One key={each.id} opening={each} again={again} />
              ))}
            </ul>
          )}
        </section>
      ))}
    </Screen>
  );
}

function One({ opening, again }: { opening: Opening; again: () => void }): VNode {
  const patient_id = opening.patient_id;
  const patient = useAsked(async ({ ask }) => (await ask("get", "/v1/patients/{patient_id}", { patient_id })).body);
  const named = patient.found;
  return (
    <li class="stack">
      <span>
        <b>{words.by(opening.opened_by.name)}</b> {words.at(dayText(opening.opened_at), clockText(opening.opened_at))}
      </span>
      <span>
        {words.patient}: {named === null ? "\u2026" : `${named.family_name}, ${named.given_name} \u00b7 ${named.record_number}`}
      </span>
      <span>
        {words.reason}: {opening.reason}
      </span>
      {opening.ended_at && <span class="quiet">{words.ended(dayText(opening.ended_at), clockText(opening.ended_at))}</span>}
      {opening.review === null ? (
        <Reviewing id={opening.id} about={opening.reason} again={again} />
      ) : (
        <span class="quiet">
          {words.reviewed(opening.review.reviewed_by.name, dayText(opening.review.reviewed_at))}: {opening.review.note}
        </span>
      )}
    </li>
  );
}

function Reviewing({ id, about, again }: { id: string; about: string; again: () => void }): VNode {
  const [note, setNote] = useState("");
  const form = useForm();
  const scope = useScope();
  const review = async (): Promise<void> => {
    await scope.ask("post", "/v1/break-glass/{opening_id}/review", { opening_id: id }, { note: note.trim() });
    again();
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ note: note.trim() ? "" : words.noteMissing }), review)}>
      <Field label={words.note} lines={2} most={2000} value={note} set={setNote} fault={form.faults.note} />
      <span>
        <button class="button primary" disabled={form.busy} aria-label={`${words.review}: ${about}`}>
          {words.review}
        </button>
      </span>
      <Outcome form={form} fields={["note"]} />
    </form>
  );
}
