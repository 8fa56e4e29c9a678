import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, NoAnswer, Refused, type Schemas } from "../api";
import { Who } from "../parts/person";
import { headed, listed, shortly } from "../names";
import { address, go, goOn, place } from "../place";
import { connected, noticeFailure, own, type } from "../store";
import { chosen } from "../patient";
import { words } from "../words";

type Found = Schemas["PatientOut"];

/** Find a patient, or add one. Look-alikes are named before anything is chosen. */
export function Patients(): VNode {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found[]>([]);
  const [answer, setAnswer] = useState("");
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    const wait = setTimeout(() => void search(text).then(setFound, (failure) => setAnswer(said(failure))), 250);
    return () => clearTimeout(wait);
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
        {!connected.value && <p class="unknown">{words.patients.notNow}</p>}
        {answer && <p role="status">{answer}</p>}
        <ul class="cards">
          {found.map((patient) => (
            <li key={patient.id} class="card">
              <PatientLine patient={patient} />
              <button
                class="button"
                onClick={() => {
                  chosen.value = patient;
                  go({ screen: "new", patient: patient.id });
                }}
              >
                {words.patients.newFor(listed(patient))}
              </button>
            </li>
          ))}
        </ul>
      </main>
      {!adding && (
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

async function search(text: string): Promise<Found[]> {
  try {
    const answer = await ask("post", "/v1/patients/search", {}, { limit: 50, ...(text.trim() ? { text: text.trim() } : {}) }, own());
    return answer.body.items;
  } catch (failure) {
    noticeFailure(failure);
    throw failure;
  }
}

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
  const [family_name, setFamily] = useState("");
  const [given_name, setGiven] = useState("");
  const [birth_date, setBirth] = useState("");
  const [record_number, setNumber] = useState("");
  const [fault, setFault] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const id = crypto.randomUUID();
    const body = { family_name: family_name.trim(), given_name: given_name.trim(), birth_date, record_number: record_number.trim() };
    if (shortly(body) === "" || birth_date === "" || body.record_number === "") {
      setFault(words.patients.allNeeded);
      return;
    }
    const from = place.peek();
    try {
      await type({ id, method: "PUT", path: `/v1/patients/${id}`, body, session_id: null, makes: true, about: words.patients.about(listed(body)) });
      chosen.value = { id, ...body, look_alikes: [] };
      goOn(from, { screen: "new", patient: id });
    } catch {
      setFault(words.notKeptHere);
    }
  };
  return (
    <form class="card narrow" noValidate onSubmit={(event) => void submit(event)}>
      <h2>{words.patients.newOne}</h2>
      <Text label={words.patients.family} value={family_name} set={setFamily} />
      <Text label={words.patients.given} value={given_name} set={setGiven} />
      <label class="field">
        <span>{words.patients.birth}</span>
        <input type="date" required value={birth_date} onInput={(event) => setBirth(event.currentTarget.value)} />
      </label>
      <Text label={words.patients.number} value={record_number} set={setNumber} />
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <span class="row acts">
        <button class="button primary">{words.patients.addNamed(shortly({ family_name, given_name }))}</button>
      </span>
    </form>
  );
}

export function Text({ label, value, set, digits = false }: { label: string; value: string; set: (value: string) => void; digits?: boolean }): VNode {
  return (
    <label class="field">
      <span>{label}</span>
      <input inputMode={digits ? "decimal" : "text"} autoComplete="off" value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}
