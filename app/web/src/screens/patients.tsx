import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NoAnswer, Refused, type Schemas } from "../api";
import { headed, listed, readName, shortly } from "../names";
import { Field, type Faults, Outcome, useForm } from "../parts/form";
import { Who } from "../parts/person";
import { address, go } from "../place";
import { Gone, scopeOf, useScope } from "../scope";
import { charts, connected, type } from "../store";
import { chosen } from "../patient";
import { visits } from "../visits";
import { words } from "../words";

type Found = Schemas["PatientOut"];

/** Find a patient, or add one. Look-alikes are named before anything is chosen. */
export function Patients(): VNode {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found[]>([]);
  const [answer, setAnswer] = useState("");
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    // an answer to what is no longer asked is nobody's
    const end = new AbortController();
    const answered = (found: Found[], answer: string): void => {
      setFound(found);
      setAnswer(answer);
    };
    const look = async (): Promise<void> => {
      try {
        const { body } = await scopeOf(end.signal).ask("post", "/v1/patients/search", {}, { limit: 50, ...(text.trim() ? { text: text.trim() } : {}) });
        answered(body.items, body.items.length === 0 && text.trim() ? words.patients.none : "");
      } catch (failure) {
        if (!(failure instanceof Gone)) answered([], said(failure));
      }
    };
    const wait = setTimeout(() => void look(), 250);
    return () => {
      end.abort();
      clearTimeout(wait);
    };
  }, [text, connected.value]);
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "board" })} aria-label={words.board}>
          &#8592;
        </a>
        <h1>{words.patients.title}</h1>
        <Who />
      </header>
      <main class="page stack">
        {adding && <AddPatient />}
        <label class="field">
          <span>{words.patients.search}</span>
          <input type="search" autoComplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {/* above what is found, which would move it from under a hand */}
        {visits.value && (
          <p>
            <a class="button plain" href={address({ screen: "elsewhere" })}>
              {words.titles.elsewhere}
            </a>
          </p>
        )}
        {!connected.value && <p class="unknown">{words.patients.notNow}</p>}
        {answer && <p role="status">{answer}</p>}
        <ul class="cards">
          {found.map((patient) => (
            <li key={patient.id} class="card">
              <PatientLine patient={patient} />
              <a class="button" href={address({ screen: "past", patient: patient.id })}>
                {words.patients.page(listed(patient))}
              </a>
              {charts.value && (
                <button
                  class="button"
                  onClick={() => {
                    chosen.value = patient;
                    go({ screen: "new", patient: patient.id });
                  }}
                >
                  {words.patients.newFor(listed(patient))}
                </button>
              )}
            </li>
          ))}
        </ul>
      </main>
      {charts.value && !adding && (
        <footer class="foot">
          <button class="button primary" onClick={() => (setAdding(true), scrollTo(0, 0))}>
            {words.patients.add}
          </button>
        </footer>
      )}
    </div>
  );
}

const said = (failure: unknown): string => (failure instanceof Refused ? failure.problem.detail : failure instanceof NoAnswer ? "" : String(failure));

export function PatientLine({ patient }: { patient: Pick<Found, "family_name" | "given_name" | "birth_date" | "record_number"> & { look_alikes?: Found["look_alikes"] } }): VNode {
  return (
    <>
      <b>
        {headed(patient)}
      </b>
      <span class="number">
        {words.born(patient.birth_date)} · {patient.record_number}
      </span>
      {(patient.look_alikes ?? []).map((other) => (
        <span class="concern" key={other.id}>
          &#9650; {words.patients.looksLike(listed(other), other.birth_date, other.record_number, other.because.join("; "))}
        </span>
      ))}
    </>
  );
}

function AddPatient(): VNode {
  // one patient for each time this form opens: the same tap again makes no second one
  const [id] = useState(() => crypto.randomUUID());
  const [family, setFamily] = useState("");
  const [given, setGiven] = useState("");
  const [birth_date, setBirth] = useState("");
  const [number, setNumber] = useState("");
  const form = useForm();
  const scope = useScope();
  const [family_name, given_name, record_number] = [family, given, number].map(readName) as [string, string, string];
  const check = (): Faults => ({
    family_name: shortly({ family_name, given_name }) === "" ? words.patients.nameNeeded : "",
    birth_date: birth_date === "" ? words.patients.birthNeeded : "",
    record_number: record_number === "" ? words.patients.numberNeeded : "",
  });
  const save = async (): Promise<void> => {
    const body = { family_name, given_name, birth_date, record_number };
    await type({ id, method: "PUT", path: `/v1/patients/${id}`, body, session_id: null, makes: true, about: words.patients.about(listed(body)) });
    chosen.value = { id, ...body, look_alikes: [] };
    scope.goOn({ screen: "new", patient: id });
  };
  return (
    <form class="card narrow" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
      <h2>{words.patients.newOne}</h2>
      <p class="quiet">{words.patients.allNeeded}</p>
      <Field label={words.patients.family} value={family} set={setFamily} fault={form.faults.family_name} />
      <Field label={words.patients.given} value={given} set={setGiven} fault={form.faults.given_name} />
      <Field label={words.patients.birth} kind="date" value={birth_date} set={setBirth} fault={form.faults.birth_date} />
      <Field label={words.patients.number} value={number} set={setNumber} fault={form.faults.record_number} />
      <Outcome form={form} fields={["family_name", "given_name", "birth_date", "record_number"]} />
      <span class="row acts">
        <button class="button primary" disabled={form.busy}>
          {words.patients.addNamed(shortly({ family_name, given_name }))}
        </button>
      </span>
    </form>
  );
}
