import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { headed } from "../names";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { address, type Place } from "../place";
import { useScope } from "../scope";
import { words as everywhere } from "../words";
import { accountWords } from "../words.account";
import { auditWords as words, deskWords } from "../words.desk";
import { Check, TakeAnchor } from "./check";
import { dayBegins } from "./days";
import { Screen } from "./frame";
import { Lines } from "./lines";

type Question = Schemas["Question"];
type Patient = Schemas["PatientOut"];
const QUESTIONS = Object.entries(words.questions).map(([value, label]) => ({ value: value as Question, label }));

/** The audit: a question is chosen, and answered in lines; and whether all of it is whole. */
export function AuditScreen({ back }: { back: Place | null }): VNode {
  const [question, setQuestion] = useState<Question | null>(null);
  const [patient, setPatient] = useState<Patient | null>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const query: Record<string, string> = { limit: "50" };
  if (question !== null) query.question = question;
  if (question === "who-looked" && patient !== null) query.patient_id = patient.id;
  if (from !== "") query.since = dayBegins(from, 0);
  if (to !== "") query.until = dayBegins(to, 1);
  const isWhole = question !== null && (question !== "who-looked" || patient !== null);
  return (
    <Screen {...deskWords.audit} back={back}>
      <section class="card stack">
        <Ask label={words.question} options={QUESTIONS} picked={question} pick={setQuestion} />
        {question !== null && <p>{words.means[question]}</p>}
        {question === "who-looked" && (patient === null ? <Finding found={setPatient} /> : <Chosen patient={patient} other={() => setPatient(null)} />)}
        {question !== null && (
          <div class="days">
            <Field label={words.from} kind="date" value={from} set={setFrom} />
            <Field label={words.to} kind="date" value={to} set={setTo} />
          </div>
        )}
      </section>
      {isWhole && <Lines key={JSON.stringify(query)} query={query} whose={question !== "who-looked"} />}
      <Check />
      <TakeAnchor />
      {back === null && (
        <p class="row">
          <a class="button" href={address({ screen: "evidence" })}>
            {everywhere.titles.evidence}
          </a>
          <a class="button" href={address({ screen: "clinic", part: "exports" })}>
            {accountWords.exports}
          </a>
        </p>
      )}
    </Screen>
  );
}

function Chosen({ patient, other }: { patient: Patient; other: () => void }): VNode {
  return (
    <p class="row spread">
      <span>
        <b>{headed(patient)}</b>{" "}
        <span class="number">
          {patient.birth_date} · {patient.record_number}
        </span>
      </span>
      <button class="button" onClick={other}>
        {words.other}
      </button>
    </p>
  );
}

function Finding({ found }: { found: (patient: Patient) => void }): VNode {
  const [text, setText] = useState("");
  const [those, setThose] = useState<Patient[] | null>(null);
  const form = useForm();
  const scope = useScope();
  const find = async (): Promise<void> => {
    setThose(null);
    setThose((await scope.ask("post", "/v1/patients/search", {}, { text: text.trim(), limit: 20 })).body.items);
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ text: text.trim() ? "" : words.patientMissing }), find)}>
      <Field label={words.patient} hint={words.patientHint} value={text} set={setText} fault={form.faults.text} most={80} />
      <span>
        <button class="button primary" disabled={form.busy}>
          {words.find}
        </button>
      </span>
      {Object.keys(form.faults).length > 0 && <Outcome form={form} fields={["text"]} />}
      {those !== null && (
        <ul class="stack" role="status">
          {those.length === 0 && <li>{words.nobody}</li>}
          {those.map((each) => (
            <li key={each.id}>
              <button type="button" class="button" onClick={() => found(each)}>
                {headed(each)} · {each.birth_date} · {each.record_number}
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
