import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { putSheet } from "../charting";
import { clearanceOf, inTheWay, standing } from "../missing";
import { listed, readName, shortly } from "../names";
import { BOUNDS, readNumber, written } from "../numbers";
import { Banner } from "../parts/banner";
import { Field, type Faults, Outcome, useForm } from "../parts/form";
import { later } from "../parts/later";
import { address } from "../place";
import { contentOf, shown, type View } from "../project";
import { load, missing, session } from "../records";
import { ofToday, saidOf } from "../same-day";
import { useScope } from "../scope";
import { board, charts, connected, person } from "../store";
import { clockText } from "../time";
import { words } from "../words";
import { EscortForm } from "./escort";
import { type Exclusion, Screening } from "./screening";

const SignOverride = later<{ record: View; present: Exclusion[]; stops: string[] }>(() => import("./override").then((found) => found.SignOverride), true);
const LastTime = later<{ id: string; made: boolean }>(() => import("./past").then((found) => found.LastTime), true);

/** Before a dose: eight answers, a clinician's clearance, who sits where, and who takes the patient home. */
export function Start({ id }: { id: string }): VNode {
  const heard = session(id);
  const record = heard && shown(heard);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        {record && record.known !== "line" ? (
          <>
            <LastTime key={id} id={id} made={record.known === "made"} />
            {charts.value ? (
              <Sheets record={record} />
            ) : (
              <fieldset class="sheets stack" disabled>
                <p class="quiet">{words.start.reads}</p>
                <Sheets record={record} />
              </fieldset>
            )}
          </>
        ) : (
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        )}
      </main>
      <footer class="foot">
        <a class={record?.screening === null ? "button" : "button primary"} href={address({ screen: "session", id })}>
          {words.start.toSession}
        </a>
      </footer>
    </div>
  );
}

function Sheets({ record }: { record: View }): VNode {
  return (
    <>
      <Screening record={record} />
      <Override record={record} />
      <Clearance record={record} />
      <Seat record={record} />
      <EscortForm record={record} />
      <PatientForm record={record} />
    </>
  );
}

/** What stops the dose, unless a clinician overrides it, signed and with a reason. */
function Override({ record }: { record: View }): VNode | null {
  const present = inTheWay(record);
  const stops = ofToday(record)?.stopping ?? [];
  if (present.length + stops.length === 0) return null;
  return (
    <section class="danger stack" aria-labelledby="override">
      <h2 id="override">{words.start.noDose([...present.map(standing), ...stops.map(saidOf)].join(", "))}</h2>
      {person.value?.role === "clinician" ? <SignOverride record={record} present={present} stops={stops.map(({ name }) => name)} /> : <p>{words.start.mayOverride}</p>}
    </section>
  );
}

/** A clinician's word on this session, and on what of the same-day check asks for it. */
function Clearance({ record }: { record: View }): VNode {
  const held = clearanceOf(record);
  const { asking, cleared } = ofToday(record) ?? { asking: [], cleared: [] };
  const form = useForm();
  const scope = useScope();
  const clear = (): Promise<void> =>
    form.run(async () => {
      const before = record.clearance;
      const headers: Record<string, string> = before ? { "If-Match": `"${before.revision}"` } : {};
      const body = { note: before?.note ?? null, same_day: [...cleared, ...asking].map(({ name }) => name) };
      await scope.ask("put", "/v1/sessions/{session_id}/clearance", { session_id: record.id }, body, { headers });
      await load(record.id);
    });
  return (
    <section class="card stack" aria-labelledby="clearance">
      <h2 id="clearance">{words.start.clearance}</h2>
      {held && (
        <p>
          {words.start.cleared(held.recorded_by.name, clockText(held.recorded_at))}
          {held.until ? words.start.until(held.until.slice(0, 10)) : ""}
        </p>
      )}
      {cleared.length > 0 && <p>{words.start.clearedWith(cleared.map(saidOf).join(", "))}</p>}
      {asking.map((item) => (
        <p key={item.name} class="concern">
          &#9888; {words.start.asks(saidOf(item))}
        </p>
      ))}
      {(held === null || asking.length > 0) &&
        (person.value?.role === "clinician" ? (
          <button class="button" disabled={!connected.value || form.busy} onClick={() => void clear()}>
            {asking.length > 0 ? words.start.clearItems(shortly(record.patient), person.value.name) : words.start.clear(shortly(record.patient), person.value.name)}
          </button>
        ) : (
          held === null && <p class="unknown">{words.start.notCleared}</p>
        ))}
      <Outcome form={form} />
    </section>
  );
}

/** Chair and weight, also after the check-in; another patient in the chair is said. */
function Seat({ record }: { record: View }): VNode {
  // what is typed stays when the record moves on; what is not typed follows it
  const [typed, setTyped] = useState<{ chair?: string; weight?: string }>({});
  const form = useForm();
  const chair = typed.chair ?? record.chair ?? "";
  const weight = typed.weight ?? written(record.weight_kg === null ? null : Number(record.weight_kg));
  const read = readNumber(weight, BOUNDS.weight_kg);
  const save = async (): Promise<void> => {
    const { chair: _, weight_kg: __, ...others } = contentOf(record, "header");
    const body = { ...others, ...(readName(chair) ? { chair: readName(chair) } : {}), ...(read.value === null ? {} : { weight_kg: read.value }) };
    await putSheet(record, "header", body, words.start.seatOf(shortly(record.patient)));
    setTyped({});
  };
  return (
    <section class="card" aria-labelledby="seat">
      <h2 id="seat">{words.start.seat}</h2>
      <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ weight_kg: read.fault ?? "" }), save)}>
        <ChairField chair={chair} set={(text) => setTyped({ ...typed, chair: text })} without={record.id} fault={form.faults.chair} />
        <Field label={words.planning.weight} kind="number" value={weight} set={(text) => setTyped({ ...typed, weight: text })} fault={form.faults.weight_kg} />
        <button class="button" disabled={form.busy}>
          {words.start.saveSeat(shortly(record.patient), person.value?.name ?? "")}
        </button>
        <Outcome form={form} fields={["chair", "weight_kg"]} />
      </form>
    </section>
  );
}

/** A chair, and who sits there already. */
export function ChairField({ chair, set, without, fault }: { chair: string; set: (chair: string) => void; without: string | null; fault?: string | undefined }): VNode {
  const there = [...board.value.values()].find((item) => item.id !== without && item.chair !== null && item.chair.toLowerCase() === readName(chair).toLowerCase());
  return (
    <>
      <Field label={words.planning.chair} value={chair} set={set} fault={fault} most={40} />
      {there && <p class="concern">&#9650; {words.planning.chairTaken(listed(there.patient))}</p>}
    </>
  );
}

/** The patient's sheet. A mistyped name is mended here; nobody is exchanged for somebody else. */
function PatientForm({ record }: { record: View }): VNode {
  const { patient } = record;
  const [typed, setTyped] = useState<Partial<Record<"family_name" | "given_name" | "birth_date" | "record_number", string>>>({});
  const form = useForm();
  const { family_name, given_name, birth_date, record_number } = { ...patient, ...typed };
  const check = (): Faults => ({
    family_name: shortly({ family_name: readName(family_name), given_name: readName(given_name) }) === "" ? words.patients.nameNeeded : "",
    birth_date: birth_date === "" ? words.patients.birthNeeded : "",
    record_number: readName(record_number) === "" ? words.patients.numberNeeded : "",
  });
  const save = async (): Promise<void> => {
    // several given names stay apart as they were, unless they are typed anew
    const given = readName(given_name);
    const given_names = given === patient.given_name ? patient.given_names : given === "" ? [] : [given];
    const body = { ...contentOf(record, "patient"), family_name: readName(family_name), given_names, birth_date, record_number: readName(record_number) };
    await putSheet(record, "patient", body, words.start.patientOf(listed({ family_name, given_name })));
    setTyped({});
  };
  const field = (name: keyof typeof typed, label: string, kind: "text" | "date" = "text"): VNode => (
    <Field label={label} kind={kind} value={{ ...patient, ...typed }[name]} set={(text) => setTyped({ ...typed, [name]: text })} fault={form.faults[name] ?? (name === "given_name" ? form.faults.given_names : undefined)} />
  );
  return (
    <details class="card">
      <summary>{words.start.mendPatient}</summary>
      <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
        <p class="quiet">{words.start.patientStays}</p>
        {field("family_name", words.patients.family)}
        {field("given_name", words.patients.given)}
        {field("birth_date", words.patients.birth, "date")}
        {field("record_number", words.patients.number)}
        <button class="button" disabled={form.busy}>
          {words.start.savePatient(shortly({ family_name, given_name }), person.value?.name ?? "")}
        </button>
        <Outcome form={form} fields={["family_name", "given_name", "given_names", "birth_date", "record_number"]} />
      </form>
    </details>
  );
}
