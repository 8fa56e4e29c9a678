import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { NotHeard } from "../../parts/asked";
import { Ask, type Faults, Field, Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked, useScope } from "../../scope";
import { words } from "../../words";
import { open } from "./open";
import { elsewhereWords as say } from "./words";

type Wanted = Schemas["OpeningIn"];

/** Whom somebody wants to see in another clinic, and why. What follows from it is said before they ask. */
export function Asking(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/organisation", {})).body);
  const found = asked.found;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "patients" })} aria-label={words.titles.patients}>
          &#8592;
        </a>
        <h1>{words.titles.elsewhere}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        {open.value !== null && (
          <p class="row">
            <span>{say.stillOpen}</span>
            <a class="button" href={address({ screen: "elsewhere", opening: open.value })}>
              {say.goBack}
            </a>
          </p>
        )}
        {found === null ? <NotHeard asked={asked} waiting={words.screenComes} /> : found.name === null || found.clinics.length === 0 ? <p>{say.none}</p> : <Form name={found.name} clinics={found.clinics} />}
      </main>
    </div>
  );
}

const FIELDS = ["clinic_id", "record_number", "birth_date", "reason"] as const;

function Form({ name, clinics }: { name: string; clinics: Schemas["SisterOut"][] }): VNode {
  const [clinic_id, setClinic] = useState<string | null>(null);
  const [number, setNumber] = useState("");
  const [birth_date, setBirth] = useState("");
  const [why, setWhy] = useState("");
  // the same asked twice opens once; what is asked otherwise is another opening
  const tried = useRef({ id: "", body: "" });
  const form = useForm();
  const scope = useScope();
  const wanted: Wanted = { clinic_id: clinic_id ?? "", record_number: number.trim(), birth_date, reason: why.trim() };
  const check = (): Faults => Object.fromEntries(FIELDS.map((field) => [field, wanted[field] === "" ? say.missing[field] : ""]));
  const ask = async (): Promise<void> => {
    const body = JSON.stringify(wanted);
    if (tried.current.body !== body) tried.current = { id: crypto.randomUUID(), body };
    const opening_id = tried.current.id;
    await scope.ask("put", "/v1/break-glass/{opening_id}", { opening_id }, wanted);
    scope.goOn({ screen: "elsewhere", opening: opening_id });
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, ask)}>
      <p>{say.why(name)}</p>
      <section class="card stack" aria-labelledby="who-elsewhere">
        <h2 id="who-elsewhere">{say.who}</h2>
        <p class="quiet">{say.both}</p>
        <Ask label={say.clinic} options={clinics.map((each) => ({ value: each.id, label: each.name }))} picked={clinic_id} pick={setClinic} fault={form.faults.clinic_id} />
        <Field label={say.number} value={number} set={setNumber} fault={form.faults.record_number} />
        <Field label={say.born} kind="date" value={birth_date} set={setBirth} fault={form.faults.birth_date} />
        <Field label={say.reason} hint={say.reasonHint} lines={3} most={2000} value={why} set={setWhy} fault={form.faults.reason} />
      </section>
      <section class="card stack" aria-labelledby="on-record">
        <h2 id="on-record">{say.onRecord}</h2>
        <ul class="stack">
          {say.told.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </section>
      {form.busy ? <p role="status">{say.opening}</p> : <Outcome form={form} fields={FIELDS} />}
      <span class="row acts">
        <button class="button primary" disabled={form.busy}>
          {say.open}
        </button>
      </span>
    </form>
  );
}
