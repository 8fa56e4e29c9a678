import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../api";
import { putSheet } from "../charting";
import { clearanceOf, EXCLUSIONS, inTheWay, standing } from "../missing";
import { listed, readName, shortly } from "../names";
import { BOUNDS, readNumber, written } from "../numbers";
import { Banner } from "../parts/banner";
import { Ask, Field, type Faults, Outcome, useForm } from "../parts/form";
import { address } from "../place";
import { contentOf, shown, type View } from "../project";
import { load, missing, session } from "../records";
import { board, connected, own, person } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";

type Exclusion = (typeof EXCLUSIONS)[number];
const URINE = "no-negative-urine-toxicology";

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
            <Screening record={record} />
            <Override record={record} />
            <Clearance record={record} />
            <Seat record={record} />
            <EscortForm record={record} />
            <PatientForm record={record} />
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

const yesNo = [
  { value: false, label: words.start.no },
  { value: true, label: words.start.yes },
];
type Urine = keyof typeof words.start.urine;
const urine = (Object.keys(words.start.urine) as Urine[]).map((value) => ({ value, label: words.start.urine[value] }));

function Screening({ record }: { record: View }): VNode {
  const kept = record.screening;
  const [answers, setAnswers] = useState<Partial<Record<Exclusion, boolean>>>({});
  const [sample, setSample] = useState<Urine | null>(null);
  const form = useForm();
  const answer = (name: Exclusion): boolean | null => answers[name] ?? kept?.answers[name] ?? null;
  const changed = EXCLUSIONS.some((name) => answers[name] !== undefined && answers[name] !== kept?.answers[name]);
  const set = (name: Exclusion, value: boolean): void => setAnswers({ ...answers, [name]: value });
  const check = (): Faults => Object.fromEntries(EXCLUSIONS.map((name) => [name, answer(name) === null ? words.start.stillOpen : ""]));
  const save = async (): Promise<void> => {
    await putSheet(record, "screening", { answers: Object.fromEntries(EXCLUSIONS.map((name) => [name, answer(name)])) }, words.start.screeningOf(shortly(record.patient)));
    setAnswers({});
  };
  return (
    <section class="card" aria-labelledby="screening">
      <h2 id="screening">{words.start.screening}</h2>
      <form class="asks" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
        {kept ? <p class="quiet">{words.start.answered(clockText(kept.recorded_at), kept.recorded_by.name)}</p> : <p class="quiet">{words.start.allEight}</p>}
        {EXCLUSIONS.map((name) => {
          const stops = answer(name) && <span class="concern stops">&#9888; {words.start.stops}</span>;
          if (name !== URINE)
            return (
              <Ask key={name} line label={words.start.exclusions[name]} options={yesNo} picked={answer(name)} pick={(value) => set(name, value)} fault={form.faults[name]}>
                {stops}
              </Ask>
            );
          const pick = (value: Urine): void => {
            setSample(value);
            set(URINE, value !== "negative");
          };
          // the record holds only whether there is a negative screen
          const picked = answer(URINE) === null ? null : answer(URINE) === false ? "negative" : sample === "negative" ? null : sample;
          return (
            <Ask key={name} line label={words.start.exclusions[name]} options={urine} picked={picked} pick={pick} fault={form.faults[name]}>
              {answer(URINE) && picked === null && <span class="quiet">{words.start.urineKept}</span>}
              {stops}
            </Ask>
          );
        })}
        <button class={kept === null ? "button primary" : "button"} disabled={(kept !== null && !changed) || form.busy}>
          {words.start.saveScreening(shortly(record.patient), person.value?.name ?? "")}
        </button>
        <Outcome form={form} fields={EXCLUSIONS} />
      </form>
    </section>
  );
}

/** Exclusions that are present stop the dose, unless a clinician overrides them, signed and with a reason. */
function Override({ record }: { record: View }): VNode | null {
  const present = inTheWay(record);
  const [reason, setReason] = useState("");
  const [password, setPassword] = useState("");
  const form = useForm();
  if (present.length === 0) return null;
  const sign = (): Promise<void> =>
    form.run(async () => {
      try {
        const body = { exclusions: present, reason, password };
        await ask("post", "/v1/sessions/{session_id}/screening/override", { session_id: record.id }, body, own());
        await load(record.id);
      } finally {
        setPassword("");
      }
    });
  return (
    <section class="danger stack" aria-labelledby="override">
      <h2 id="override">{words.start.noDose(present.map(standing).join(", "))}</h2>
      {person.value?.role === "clinician" ? (
        <>
          <Field label={words.start.whyNot} lines={2} value={reason} set={setReason} />
          <Field label={words.review.password} kind="password" complete="current-password" value={password} set={setPassword} />
          <button class="button" disabled={!reason.trim() || !password || !connected.value || form.busy} onClick={() => void sign()}>
            {words.start.signOverride(person.value.name)}
          </button>
        </>
      ) : (
        <p>{words.start.mayOverride}</p>
      )}
      <Outcome form={form} />
    </section>
  );
}

function Clearance({ record }: { record: View }): VNode {
  const held = clearanceOf(record);
  const form = useForm();
  const clear = (): Promise<void> =>
    form.run(async () => {
      await ask("put", "/v1/sessions/{session_id}/clearance", { session_id: record.id }, {}, own());
      await load(record.id);
    });
  return (
    <section class="card" aria-labelledby="clearance">
      <h2 id="clearance">{words.start.clearance}</h2>
      {held ? (
        <p>
          {words.start.cleared(held.recorded_by.name, clockText(held.recorded_at))}
          {held.until ? words.start.until(held.until.slice(0, 10)) : ""}
        </p>
      ) : person.value?.role === "clinician" ? (
        <button class="button" disabled={!connected.value || form.busy} onClick={() => void clear()}>
          {words.start.clear(shortly(record.patient), person.value.name)}
        </button>
      ) : (
        <p class="unknown">{words.start.notCleared}</p>
      )}
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

/** Who takes the patient home, and whether they are here. */
export function EscortForm({ record }: { record: View }): VNode {
  const kept = record.escort;
  const [typed, setTyped] = useState<string | null>(null);
  const form = useForm();
  const name = typed ?? kept?.name ?? "";
  const save = (present: boolean) =>
    form.submit(
      () => ({ name: readName(name) === "" ? words.start.nameNeeded : "" }),
      async () => {
        const relationship = kept?.relationship && readName(name) === kept.name ? { relationship: kept.relationship } : {};
        const body = { name: readName(name), ...relationship, present, ...(present ? { present_at: stamp(clinicNow()) } : {}) };
        await putSheet(record, "escort", body, words.start.escortOf(shortly(record.patient)));
        setTyped(null);
      },
    );
  return (
    <section class="card" aria-labelledby="escort">
      <h2 id="escort">{words.start.escort}</h2>
      {kept && <p>{kept.present && kept.present_at ? words.start.seenAt(kept.name, clockText(kept.present_at)) : words.start.notSeen(kept.name)}</p>}
      <form class="stack" noValidate ref={form.ref} onSubmit={(event) => event.preventDefault()}>
        <Field label={words.start.whoTakes} value={name} set={setTyped} fault={form.faults.name} most={200} />
        <span class="row">
          <button type="button" class="button" disabled={form.busy} onClick={save(false)}>
            {words.start.namedOnly}
          </button>
          <button type="button" class="button" disabled={form.busy} onClick={save(true)}>
            {words.start.seenNow}
          </button>
        </span>
        <Outcome form={form} fields={["name"]} />
      </form>
    </section>
  );
}
