import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { NotHeard } from "../../parts/asked";
import { Field, Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address, go } from "../../place";
import { useAsked, useScope } from "../../scope";
import { connected } from "../../store";
import { clinicNow, clockText, dayText } from "../../time";
import { plain, words } from "../../words";
import { Lines } from "./lines";
import { dayBeside, grouped, type Line } from "./told";
import { pastWords } from "./words";
import "./past.css";

const say = pastWords.days;
type Found = Schemas["SessionLinesOut"];
type State = Line["state"];
const STATES: State[] = ["planned", "checked-in", "infusing", "recovering", "discharged", "cancelled", "transferred", "left-against-advice"];

interface Wanted {
  last: string;
  chair: string;
  signer: string;
  state: string;
}
const NOTHING: Wanted = { last: "", chair: "", signer: "", state: "" };

/** The sessions of a day as the day goes; or any that are looked for, by days, chair, signer and state. */
export function Days({ day: named }: { day: string | undefined }): VNode {
  const today = dayText(clinicNow());
  const day = named ?? today;
  const [wanted, setWanted] = useState(NOTHING);
  const [open, setOpen] = useState(false);
  const isDay = !open;
  const query: Record<string, string> = { first_day: day, last_day: isDay ? day : wanted.last || day, limit: "200" };
  if (open) for (const name of ["chair", "signer", "state"] as const) if (wanted[name].trim()) query[name] = wanted[name].trim();
  const about = JSON.stringify(query);
  const asked = useAsked(async (scope) => ({ about, body: (await scope.ask("get", "/v1/session-lines", {}, undefined, { query })).body }), [about]);
  // what was found for another day or condition is never shown as this one's
  const found = asked.found?.about === about ? asked.found.body : null;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "board" })} aria-label={words.board}>
          &#8592;
        </a>
        <h1>{isDay ? say.title : say.found}</h1>
        <Who />
      </header>
      <main class="page stack">
        <DayStep day={day} today={today} />
        {open ? (
          <Conditions wanted={wanted} set={setWanted} signers={asked.found?.body.signers ?? []} day={day} close={() => (setOpen(false), setWanted(NOTHING))} />
        ) : (
          <p class="row">
            <button class="button" onClick={() => setOpen(true)}>
              {say.more}
            </button>
            <a class="button" href={address({ screen: "forms" })}>
              {say.forms}
            </a>
          </p>
        )}
        {asked.refused && <p class="fault">{asked.refused}</p>}
        {found !== null ? (
          <Pages key={about} first={found} query={query} isDay={isDay} />
        ) : (
          !asked.refused && <NotHeard asked={asked} waiting={connected.value ? words.screenComes : pastWords.notHeard} />
        )}
      </main>
    </div>
  );
}

function DayStep({ day, today }: { day: string; today: string }): VNode {
  const to = (other: string): void => go({ screen: "days", day: other });
  return (
    <div class="row day-step">
      <button class="button" aria-label={say.before} onClick={() => to(dayBeside(day, -1))}>
        &#8592;
      </button>
      <Field label={say.day} kind="date" value={day} set={(other) => other && to(other)} />
      <button class="button" aria-label={say.after} onClick={() => to(dayBeside(day, 1))}>
        &#8594;
      </button>
      {day !== today && (
        <button class="button" onClick={() => to(today)}>
          {say.today}
        </button>
      )}
    </div>
  );
}

interface ConditionsProps {
  wanted: Wanted;
  set: (wanted: Wanted) => void;
  signers: Found["signers"];
  day: string;
  close: () => void;
}

function Conditions({ wanted, set, signers, day, close }: ConditionsProps): VNode {
  return (
    <section class="card conditions" aria-label={say.found}>
      <Field label={say.last} kind="date" value={wanted.last || day} set={(last) => set({ ...wanted, last })} />
      <Field label={say.chair} value={wanted.chair} set={(chair) => set({ ...wanted, chair })} most={40} />
      <Select label={say.signer} value={wanted.signer} options={signers.map(({ id, name }) => [id, name])} set={(signer) => set({ ...wanted, signer })} />
      <Select label={say.state} value={wanted.state} options={STATES.map((state) => [state, plain(state)])} set={(state) => set({ ...wanted, state })} />
      <button class="button" onClick={close}>
        {say.clear}
      </button>
    </section>
  );
}

function Select({ label, value, options, set }: { label: string; value: string; options: [string, string][]; set: (value: string) => void }): VNode {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{say.any}</option>
        {options.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What was found, and what is found further back. */
function Pages({ first, query, isDay }: { first: Found; query: Record<string, string>; isDay: boolean }): VNode {
  const [more, setMore] = useState<{ items: Line[]; next: string | null }>({ items: [], next: first.next });
  const form = useForm();
  const scope = useScope();
  const lines = [...first.items, ...more.items];
  const further = async (): Promise<void> => {
    if (more.next === null) return;
    const { body } = await scope.ask("get", "/v1/session-lines", {}, undefined, { query: { ...query, after: more.next } });
    setMore({ items: [...more.items, ...body.items], next: body.next });
  };
  return (
    <>
      {!connected.value && <p class="unknown">{pastWords.asOf(dayText(first.as_of), clockText(first.as_of))}</p>}
      {lines.length === 0 && more.next === null && <p role="status">{isDay ? say.none : say.noneFound}</p>}
      {isDay
        ? grouped(lines).map(
            ([group, these]) =>
              these.length > 0 && (
                <section key={group} class="stack" aria-label={say.groups[group]}>
                  <h2>
                    {say.groups[group]} <span class="quiet">{say.count(these.length)}</span>
                  </h2>
                  <Lines lines={these} label={say.groups[group]} named />
                </section>
              ),
          )
        : lines.length > 0 && <Lines lines={lines} label={say.found} named />}
      {more.next !== null && (
        <p class="row">
          {lines.length === 0 && <span role="status">{say.shortPage}</span>}
          <button class="button" disabled={form.busy || !connected.value} onClick={() => void form.run(further)}>
            {say.further}
          </button>
          {form.fault && <Outcome form={form} />}
        </p>
      )}
    </>
  );
}
