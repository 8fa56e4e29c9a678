import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { useAsked, useScope } from "../scope";
import { clinicWords } from "../words.clinic";

const words = clinicWords.papers;
type Papers = Schemas["ClinicPapersOut"];
const TEXTS = ["care_setting", "address", "phone", "email", "enrolment_number"] as const;
const MOST: Record<(typeof TEXTS)[number], number> = { care_setting: 200, address: 400, phone: 80, email: 200, enrolment_number: 80 };

/** What the monitoring form and the after-visit sheet say of the clinic. */
export function PapersScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/clinic/papers", {})).body);
  return (
    <Screen title={words.title} back="">
      {asked.found === null ? <NotHeard asked={asked} /> : <Form key={asked.found.revision} found={asked.found} again={asked.again} />}
    </Screen>
  );
}

function Form({ found, again }: { found: Papers; again: () => void }): VNode {
  const [texts, setTexts] = useState(Object.fromEntries(TEXTS.map((name) => [name, found[name] ?? ""])) as Record<(typeof TEXTS)[number], string>);
  const [days, setDays] = useState(String(found.form_days));
  const [told, setTold] = useState(found.instructions ?? "");
  const [values, setValues] = useState(found.values_on_sheet);
  const form = useForm();
  const scope = useScope();
  const text = (typed: string): string | null => typed.trim() || null;
  const check = () => ({ form_days: /^\d{1,2}$/.test(days.trim()) ? "" : words.daysFault });
  const save = async (): Promise<void> => {
    const settled = Object.fromEntries(TEXTS.map((name) => [name, text(texts[name])]));
    const body = { ...settled, form_days: Number(days), instructions: text(told), values_on_sheet: values };
    const headers: Record<string, string> = found.revision > 0 ? { "If-Match": `"${found.revision}"` } : {};
    await scope.ask("put", "/v1/clinic/papers", {}, body, { headers });
    again();
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
      <section class="card stack">
        <h2>{words.site}</h2>
        <p>{words.why}</p>
        {TEXTS.map((name) => (
          <Field
            key={name}
            label={words.fields[name]}
            hint={name === "phone" ? words.phoneWhy : undefined}
            kind={name === "email" ? "username" : "text"}
            {...(name === "address" ? { lines: 3 } : {})}
            most={MOST[name]}
            value={texts[name]}
            set={(typed) => setTexts({ ...texts, [name]: typed })}
            fault={form.faults[name]}
          />
        ))}
        <Field label={words.days} hint={words.daysWhy} kind="number" most={2} value={days} set={setDays} fault={form.faults.form_days} />
      </section>
      <section class="card stack">
        <h2>{words.sheet}</h2>
        <p>{words.sheetWhy}</p>
        <Field label={words.instructions} hint={words.instructionsWhy} lines={10} most={4000} value={told} set={setTold} fault={form.faults.instructions} />
        <Ask
          label={words.values}
          options={[
            { value: false, label: words.without },
            { value: true, label: words.withThem },
          ]}
          picked={values}
          pick={setValues}
        />
      </section>
      <button class="button primary" disabled={form.busy}>
        {words.save}
      </button>
      <Outcome form={form} fields={[...TEXTS, "form_days", "instructions"]} />
      <p class="quiet">{found.recorded_by ? words.by(found.recorded_by.name) : words.nobody}</p>
    </form>
  );
}
