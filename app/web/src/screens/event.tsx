import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Kind, correctEvent, putEvent } from "../charting";
import { isClosed } from "../life";
import { missingToStart } from "../missing";
import { codeOf, shortly } from "../names";
import { BOUNDS, readNumber, written } from "../numbers";
import { Banner } from "../parts/banner";
import { Field, FromList, type Faults, Outcome, useForm } from "../parts/form";
import { useTyped } from "../parts/typed";
import { useUntouched } from "../parts/untouched";
import { When } from "../parts/when";
import { address } from "../place";
import { shown, type View } from "../project";
import { learn, neededOf } from "../protocols";
import { missing, session, type Event } from "../records";
import { openSymptoms } from "../sets";
import { touched } from "../stamps";
import { useScope } from "../scope";
import { person } from "../store";
import { clinicNow, clockText, tick } from "../time";
import { plain, words } from "../words";

interface Asked {
  name: keyof typeof words.event.fields;
  kind: "number" | "text" | "lines";
  needed: boolean;
}
const number = (name: Asked["name"], needed = true): Asked => ({ name, kind: "number", needed });
const LOT: Asked = { name: "lot", kind: "text", needed: false };

/** What each kind of event asks for, besides its time; a medication has a form of its own. */
const FIELDS: Partial<Record<Kind, Asked[]>> = {
  "infusion-started": [number("dose_mg"), number("planned_minutes", false), LOT],
  "nasal-device-given": [number("dose_mg"), LOT],
  "rate-changed": [number("rate_ml_h")],
  "oxygen-started": [number("flow_l_min")],
  transferred: [{ name: "to", kind: "text", needed: true }],
  addendum: [{ name: "text", kind: "lines", needed: true }],
};

/** Kinds that end a session some other way than a discharge. */
const ENDINGS: Kind[] = ["transferred", "left-against-advice", "cancelled"];

/** Kinds that fit where the session stands, most likely first. */
function fitting(record: View): Kind[] {
  const iv = record.route === "iv-infusion";
  const doses: Kind[] = iv ? ["infusion-started", "infusion-paused", "infusion-resumed", "rate-changed", "infusion-stopped"] : ["nasal-device-given"];
  if (isClosed(record)) return ["addendum"];
  if (record.state === "planned") return ["checked-in", ...doses, "cancelled"];
  return [...doses, "medication-given", "oxygen-started", "oxygen-stopped", "addendum", ...ENDINGS];
}

/** Something given or done: which, when, how much. Or one of these, put right. */
export function EventScreen({ id, kind, correct }: { id: string; kind?: string | undefined; correct?: string | undefined }): VNode {
  const heard = session(id);
  const record = heard && shown(heard);
  const kinds = record ? fitting(record) : [];
  const picked = kinds.find((each) => each === kind);
  const wrong = record?.events.find((each) => each.id === correct && each.void === null);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        {!record ? (
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        ) : correct ? (
          wrong ? <EventForm record={record} kind={wrong.kind} wrong={wrong} /> : <p class="unknown">{words.event.notHere}</p>
        ) : picked ? (
          <EventForm record={record} kind={picked} wrong={null} />
        ) : (
          <>
            <h2>{words.event.title}</h2>
            {openSymptoms(record).map((code) => (
              <Resolved key={code} record={record} code={code} />
            ))}
            <Kinds id={id} kinds={kinds.filter((each) => !ENDINGS.includes(each))} />
            {kinds.some((each) => ENDINGS.includes(each)) && (
              <>
                <h2>{words.event.closing}</h2>
                <Kinds id={id} kinds={kinds.filter((each) => ENDINGS.includes(each))} />
              </>
            )}
          </>
        )}
      </main>
    </div>
  );
}

function Kinds({ id, kinds }: { id: string; kinds: Kind[] }): VNode {
  return (
    <div class="choose">
      {kinds.map((each) => (
        <a class="button" key={each} href={address({ screen: "event", id, kind: each })}>
          {plain(each)}
        </a>
      ))}
    </div>
  );
}

function Resolved({ record, code }: { record: View; code: string }): VNode {
  const form = useForm();
  const scope = useScope();
  const save = async (): Promise<void> => {
    await putEvent(record, "symptom-resolved", clinicNow(), { code });
    scope.goOn({ screen: "session", id: record.id });
  };
  return (
    <>
      <button class="button" disabled={form.busy} onClick={() => void form.run(save)}>
        {words.event.gone(plain(code))}
      </button>
      {form.fault && <Outcome form={form} />}
    </>
  );
}

type Typed = Record<string, string>;

function begun(record: View, kind: Kind, wrong: Event | null): Typed {
  if (wrong !== null) return Object.fromEntries(Object.entries(wrong.detail ?? {}).map(([name, value]) => [name, typeof value === "number" ? written(value) : String(value ?? "")]));
  return kind === "infusion-started" && record.route === "iv-infusion" ? { planned_minutes: "40" } : {};
}

interface EventFormProps {
  record: View;
  kind: Kind;
  wrong: Event | null;
}

function EventForm({ record, kind, wrong }: EventFormProps): VNode {
  /** `at`: null while nothing was typed and no time was set: then it is now. What a person set stays set. */
  const begin = { typed: begun(record, kind, wrong), at: wrong ? Date.parse(wrong.at) : null, reason: "" };
  const short = useState(begin);
  // many words outlive a lock; a few digits are typed again sooner than they are found to be old
  const long = useTyped(record.id, `event-${kind}${wrong ? `-${wrong.id}` : ""}`, begin);
  const [{ typed, at, reason }, set] = kind === "addendum" ? long : short;
  const form = useForm();
  const scope = useScope();
  tick.value;
  const change = (more: Typed): void => set({ typed: { ...typed, ...more }, at: at ?? touched(), reason });
  const fields = FIELDS[kind] ?? [];
  const read = kind === "medication-given" ? medication(typed) : plainly(fields, typed);
  const carried = wrong !== null && fields.length === 0 && kind !== "medication-given" ? wrong.detail : read.detail;
  const save = async (): Promise<void> => {
    const when = at ?? touched();
    const detail = carried !== null && Object.keys(carried).length > 0 ? carried : null;
    if (wrong) await correctEvent(record, wrong, when, detail, reason.trim());
    else await putEvent(record, kind, when, detail);
    long[2]();
    scope.goOn({ screen: "session", id: record.id });
  };
  const check = (): Faults => ({ ...read.faults, ...(wrong && reason.trim() === "" ? { reason: words.event.needed(words.event.why) } : {}) });
  const named = [plain(kind), shortly(record.patient), person.value?.name ?? ""] as const;
  const dose = kind === "infusion-started" && record.weight_kg ? readNumber(typed.dose_mg ?? "", BOUNDS.dose_mg).value : null;
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
      <h2>{plain(kind)}</h2>
      {wrong && <p class="concern">{words.event.correcting(plain(kind), clockText(wrong.at), wrong.recorded_by.name)}</p>}
      <When label={words.event.when} measured={at} set={(moved) => set({ typed, at: moved, reason })} />
      {kind === "medication-given" ? (
        <Medication record={record} typed={typed} change={change} faults={form.faults} />
      ) : (
        fields.map((field) => (
          <Field
            key={field.name}
            label={words.event.fields[field.name]}
            kind={field.kind === "number" ? "number" : "text"}
            {...(field.kind === "lines" ? { lines: 4 } : {})}
            value={typed[field.name] ?? ""}
            set={(text) => change({ [field.name]: text })}
            fault={form.faults[field.name]}
          />
        ))
      )}
      {dose !== null && <p class="quiet number">{words.event.perKilogram((dose / record.weight_kg!).toFixed(2), record.weight_kg!)}</p>}
      {(kind === "infusion-started" || kind === "nasal-device-given") && <Gate record={record} />}
      {wrong && <Field label={words.event.why} value={reason} set={(why) => set({ typed, at, reason: why })} fault={form.faults.reason} most={150} />}
      <Outcome form={form} fields={[...fields.map((each) => each.name), "code", "dose", "unit", "route", "reason"]} />
      <span class="row acts">
        <a class="button plain" href={address({ screen: "session", id: record.id })} onClick={long[2]}>
          {words.cancel}
        </a>
        <button class="button primary" disabled={form.busy}>
          {wrong ? words.event.correct(...named) : words.event.save(...named)}
        </button>
      </span>
    </form>
  );
}

interface ReadDetail {
  detail: Record<string, unknown> | null;
  faults: Faults;
}

function plainly(fields: Asked[], typed: Typed): ReadDetail {
  const detail: Record<string, unknown> = {};
  const faults: Faults = {};
  for (const { name, kind, needed } of fields) {
    const text = (typed[name] ?? "").trim();
    const read = kind === "number" ? readNumber(text, BOUNDS[name as keyof typeof BOUNDS]) : { value: text || null, fault: null };
    if (read.fault) faults[name] = read.fault;
    else if (read.value !== null) detail[name] = read.value;
    else if (needed) faults[name] = words.event.needed(words.event.fields[name]);
  }
  return { detail, faults };
}

/** A medication by its code; a dose has a unit, or it is none. */
function medication(typed: Typed): ReadDetail {
  const code = codeOf(typed.code ?? "");
  const dose = readNumber(typed.dose ?? "", BOUNDS.dose);
  const [unit, route] = [(typed.unit ?? "").trim(), (typed.route ?? "").trim()];
  const faults: Faults = {};
  if (code === null) faults.code = (typed.code ?? "").trim() === "" ? words.event.needed(words.event.fields.code) : words.event.nameUnfit;
  if (dose.fault) faults.dose = dose.fault;
  if (dose.value !== null && unit === "") faults.unit = words.event.unitNeeded;
  return { detail: { code, ...(dose.value === null ? {} : { dose: dose.value }), ...(unit ? { unit } : {}), ...(route ? { route } : {}) }, faults };
}

const UNITS = ["mg", "mcg", "g", "ml", "IU", "mmol", "puffs"].map((value) => ({ value, label: value }));
const ROUTES = Object.entries(words.event.routes).map(([value, label]) => ({ value, label }));

function Medication({ record, typed, change, faults }: { record: View; typed: Typed; change: (more: Typed) => void; faults: Faults }): VNode {
  useEffect(() => void learn(record.protocol), [record.protocol.id, record.protocol.version]);
  const list = useUntouched(neededOf(record.protocol)?.medications ?? null);
  const { fields } = words.event;
  const code = codeOf(typed.code ?? "");
  const hint = code === null ? undefined : words.event.keptAs(code, list?.includes(code) ?? false);
  return (
    <>
      {list === null ? (
        <Field label={fields.otherCode} value={typed.code ?? ""} set={(text) => change({ code: text })} hint={hint ?? words.event.noList} fault={faults.code} most={64} />
      ) : (
        <FromList
          key="listed"
          label={fields.code}
          list={list.map((value) => ({ value, label: plain(value) }))}
          value={typed.code ?? ""}
          set={(text) => change({ code: text })}
          other={fields.otherCode}
          hint={hint}
          fault={faults.code}
        />
      )}
      <Field label={fields.dose} kind="number" value={typed.dose ?? ""} set={(text) => change({ dose: text })} fault={faults.dose} />
      <FromList label={fields.unit} list={UNITS} value={typed.unit ?? ""} set={(unit) => change({ unit })} other={fields.otherUnit} fault={faults.unit} />
      <FromList label={fields.route} list={ROUTES} value={typed.route ?? ""} set={(route) => change({ route })} other={fields.otherRoute} fault={faults.route} />
    </>
  );
}

/** A dose waits for screening and clearance; recovery cannot be told without a baseline. Said before it is typed. */
function Gate({ record }: { record: View }): VNode | null {
  const open = missingToStart(record);
  if (open === null || open.length === 0) return null;
  return (
    <div class="concern stack">
      <ul>
        {open.map((each) => (
          <li key={each.text}>{each.refused ? words.event.refusedFor(each.text) : each.text}</li>
        ))}
      </ul>
      <a href={address({ screen: "start", id: record.id })}>{words.event.mend}</a>
    </div>
  );
}
