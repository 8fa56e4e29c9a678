import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { NoAnswer, type Schemas } from "../api";
import { listed, readName, shortly } from "../names";
import { BOUNDS, readNumber } from "../numbers";
import { madeHere } from "../outlines";
import { Ask, Field, type Faults, Outcome, useForm } from "../parts/form";
import { Who } from "../parts/person";
import { chosen, type Chosen } from "../patient";
import { address } from "../place";
import { learn } from "../protocols";
import { hold, type Session } from "../records";
import { useAsked, useScope } from "../scope";
import { shelveProtocols, unshelveProtocols } from "../shelf";
import { person, type } from "../store";
import { clinicNow, stamp } from "../time";
import { words } from "../words";
import { PatientLine } from "./patients";
import { ChairField } from "./start";

type Protocol = Schemas["ProtocolListedOut"];
/** Plans a session and checks the patient in. The birth year is typed again: two identifiers, read twice. */
export function NewSession({ patient: id }: { patient: string }): VNode {
  const asked = useAsked(async (scope) => {
    try {
      const answer = await scope.ask("get", "/v1/protocols", {});
      const approved = answer.body.items.filter((each) => each.approvals.length > 0);
      shelveProtocols(approved);
      // what each asks on the day itself is known before anybody goes where there is no network
      await Promise.all(approved.map(learn));
      return approved;
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) throw failure;
      // as last heard: a session can be planned without a network
      return unshelveProtocols();
    }
  });
  const protocols = asked.found ?? [];
  const fault = asked.refused;
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
        {patient?.id === id ? <Planning patient={patient} protocols={protocols} /> : <p>{words.planning.choose}</p>}
        {fault && <p class="fault">{fault}</p>}
      </main>
    </div>
  );
}

function Planning({ patient, protocols }: { patient: Chosen; protocols: Protocol[] }): VNode {
  // one session for each time this screen opens: the same tap again makes no second one
  const [id] = useState(() => crypto.randomUUID());
  const made = useRef(false);
  const [year, setYear] = useState("");
  const [chair, setChair] = useState("");
  const [weight, setWeight] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const form = useForm();
  const scope = useScope();
  const protocol = protocols.find((each) => nameOf(each) === picked) ?? (protocols.length === 1 ? (protocols[0] ?? null) : null);
  const kilograms = readNumber(weight, BOUNDS.weight_kg);
  const check = (): Faults => ({
    year: year.trim() === patient.birth_date.slice(0, 4) ? "" : words.planning.wrongYear,
    protocol: protocol ? "" : words.planning.chooseHow,
    weight_kg: kilograms.fault ?? "",
  });
  const save = async (): Promise<void> => {
    if (!protocol) return;
    const seat = readName(chair);
    const body = {
      patient_id: patient.id,
      route: protocol.route as Session["route"],
      protocol: { id: protocol.id, version: protocol.version },
      ...(seat ? { chair: seat } : {}),
      ...(kilograms.value !== null ? { weight_kg: kilograms.value } : {}),
      ...(patient.course ? { course_id: patient.course.id } : {}),
    };
    const name = listed(patient);
    if (!made.current) await type({ id, method: "PUT", path: `/v1/sessions/${id}`, body, session_id: id, makes: true, about: words.planning.sessionFor(name) });
    made.current = true;
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
    scope.goOn({ screen: "start", id });
  };
  const ways = protocols.map((each) => {
    const route = each.route === "iv-infusion" ? words.planning.routes["iv-infusion"] : words.planning.routes.intranasal;
    return { value: nameOf(each), label: words.planning.protocol(route, each.id, each.version) + (each.example ? words.planning.example : "") };
  });
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
      <div class="card">
        <PatientLine patient={patient} />
        {patient.course && <span>{words.planning.inCourse(patient.course.planned_sessions)}</span>}
      </div>
      <Field label={words.planning.year} kind="number" value={year} set={setYear} fault={form.faults.year} most={4} />
      {protocols.length === 0 ? (
        <p class="unknown">{words.planning.noProtocol}</p>
      ) : (
        <Ask label={words.planning.how} options={ways} picked={protocol && nameOf(protocol)} pick={setPicked} fault={form.faults.protocol} />
      )}
      <ChairField chair={chair} set={setChair} without={null} fault={form.faults.chair} />
      <Field label={words.planning.weight} kind="number" value={weight} set={setWeight} fault={form.faults.weight_kg} />
      <Outcome form={form} fields={["year", "protocol", "chair", "weight_kg"]} />
      <span class="row acts">
        <button class="button primary" disabled={form.busy}>
          {words.planning.checkIn(shortly(patient), person.value?.name ?? "")}
        </button>
      </span>
    </form>
  );
}

const nameOf = ({ id, version }: Protocol): string => `${id}/${version}`;
