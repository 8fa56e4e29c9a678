import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, Refused, type Schemas } from "../api";
import { Who } from "../parts/person";
import { madeHere } from "../outlines";
import { chosen, type Chosen } from "../patient";
import { listed, shortly } from "../names";
import { address, goOn, place } from "../place";
import { hold, type Session } from "../records";
import { shelveProtocols, unshelveProtocols } from "../shelf";
import { noticeFailure, own, person, type } from "../store";
import { clinicNow, stamp } from "../time";
import { words } from "../words";
import { PatientLine, Text } from "./patients";

type Protocol = Schemas["ProtocolListedOut"];
/** Plans a session and checks the patient in. The birth year is typed again: two identifiers, read twice. */
export function NewSession({ patient: id }: { patient: string }): VNode {
  const [protocols, setProtocols] = useState<Protocol[]>([]);
  const [fault, setFault] = useState("");
  useEffect(() => {
    ask("get", "/v1/protocols", {}, undefined, own()).then(
      (answer) => {
        const approved = answer.body.items.filter((each) => each.approvals.length > 0);
        setProtocols(approved);
        shelveProtocols(approved);
      },
      (failure) => {
        // as last heard: a session can be planned without a network
        void unshelveProtocols().then(setProtocols);
        noticeFailure(failure);
        if (failure instanceof Refused) setFault(failure.problem.detail);
      },
    );
  }, []);
  const patient = chosen.value;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "patients" })} aria-label={words.back}>
          &#8592;
        </a>
        <h1>{words.planning.title}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        {patient?.id === id ? <Form patient={patient} protocols={protocols} /> : <p>{words.planning.choose}</p>}
        {fault && <p class="fault">{fault}</p>}
      </main>
    </div>
  );
}

function Form({ patient, protocols }: { patient: Chosen; protocols: Protocol[] }): VNode {
  const [year, setYear] = useState("");
  const [chair, setChair] = useState("");
  const [weight, setWeight] = useState("");
  const [picked, setPicked] = useState<Protocol | null>(null);
  const [fault, setFault] = useState("");
  const protocol = picked ?? (protocols.length === 1 ? (protocols[0] ?? null) : null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (year !== patient.birth_date.slice(0, 4)) {
      setFault(words.planning.wrongYear);
      return;
    }
    if (!protocol) {
      setFault(words.planning.chooseHow);
      return;
    }
    const kilograms = weight === "" ? null : Number(weight);
    if (kilograms !== null && !(kilograms >= 20 && kilograms <= 400)) {
      setFault(words.planning.impossibleWeight);
      return;
    }
    const id = crypto.randomUUID();
    const body = {
      patient_id: patient.id,
      route: protocol.route as Session["route"],
      protocol: { id: protocol.id, version: protocol.version },
      ...(chair.trim() ? { chair: chair.trim() } : {}),
      ...(kilograms !== null ? { weight_kg: kilograms } : {}),
    };
    const name = listed(patient);
    const from = place.peek();
    try {
      await type({ id, method: "PUT", path: `/v1/sessions/${id}`, body, session_id: id, makes: true, about: words.planning.sessionFor(name) });
      const event_id = crypto.randomUUID();
      await type({
        id: event_id,
        method: "PUT",
        path: `/v1/sessions/${id}/events/${event_id}`,
        body: { kind: "checked-in", at: stamp(clinicNow()) },
        session_id: id,
        makes: false,
        about: words.planning.checkInOf(name),
      });
      hold(madeHere(id, patient, body, protocol.consciousness_scale));
      goOn(from, { screen: "start", id });
    } catch {
      setFault(words.notKeptHere);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <div class="card">
        <PatientLine patient={patient} />
      </div>
      <label class="field">
        <span>{words.planning.year}</span>
        <input class="value" inputMode="numeric" autoComplete="off" maxLength={4} value={year} onInput={(event) => setYear(event.currentTarget.value)} />
      </label>
      <div class="card" role="radiogroup" aria-labelledby="how">
        <h2 id="how">{words.planning.how}</h2>
        {protocols.length === 0 && <p class="unknown">{words.planning.noProtocol}</p>}
        {protocols.map((each) => (
          <button
            key={`${each.id}/${each.version}`}
            type="button"
            class="button"
            role="radio"
            aria-checked={protocol === each}
            onClick={() => setPicked(each)}
          >
            {words.planning.protocol(each.route === "iv-infusion" ? words.planning.routes["iv-infusion"] : words.planning.routes.intranasal, each.id, each.version)}
            {each.example ? words.planning.example : ""}
          </button>
        ))}
      </div>
      <Text label={words.planning.chair} value={chair} set={setChair} />
      <Text label={words.planning.weight} value={weight} set={setWeight} digits />
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <span class="row acts">
        <button class="button primary">{words.planning.checkIn(shortly(patient), person.value?.name ?? "")}</button>
      </span>
    </form>
  );
}
