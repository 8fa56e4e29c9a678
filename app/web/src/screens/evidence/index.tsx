import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { takeFile } from "../../files";
import { NotHeard } from "../../parts/asked";
import { Ask, Outcome, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked } from "../../scope";
import { connected, person } from "../../store";
import { clinicNow, clockText, dayText } from "../../time";
import { criterion, words as everywhere } from "../../words";
import { Bar } from "./bars";
import { choices, type Compared, type Found, type Group, measureName, minutesText, monthsOf, moreText, type Share, shareText } from "./told";
import { evidenceWords as words } from "./words";
import "./evidence.css";

const BACK = [3, 6, 12, 24] as const;

/** The month so many before this one, each as "2026-03". */
function monthBefore(month: string, count: number): string {
  const [year, place] = month.split("-").map(Number) as [number, number];
  const found = year * 12 + place - 1 - count;
  return `${String(Math.floor(found / 12))}-${String((found % 12) + 1).padStart(2, "0")}`;
}

/** How the clinic works: what became of its sessions, in counts and what they say of it. Of nobody in particular. */
export function Evidence(): VNode {
  const [back, setBack] = useState<(typeof BACK)[number]>(6);
  const last = dayText(clinicNow()).slice(0, 7);
  const query = { first_month: monthBefore(last, back - 1), last_month: last };
  const about = JSON.stringify(query);
  const asked = useAsked(async (scope) => ({ about, body: (await scope.ask("get", "/v1/evidence", {}, undefined, { query })).body }), [about]);
  // what was counted of other months is never shown as these
  const found = asked.found?.about === about ? asked.found.body : null;
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: person.value?.role === "lead" ? "setup" : "board" })} aria-label={everywhere.back}>
          &#8592;
        </a>
        <h1>{words.title}</h1>
        <Who />
      </header>
      <main class="page stack evidence">
        <Ask label={words.months} options={BACK.map((value) => ({ value, label: words.back(value) }))} picked={back} pick={setBack} />
        {found === null ? <NotHeard asked={asked} waiting={connected.value ? words.waiting : words.notHeard} /> : <Told key={about} found={found} query={query} />}
      </main>
    </div>
  );
}

function Told({ found, query }: { found: Found; query: Record<string, string> }): VNode {
  const [picked, setPicked] = useState("");
  const offered = choices(found.groups);
  const chosen = (offered.find(([key]) => key === picked) ?? offered[0]!)[2];
  return (
    <>
      {!connected.value && <p class="unknown">{words.asOf(dayText(found.as_of), clockText(found.as_of))}</p>}
      {offered.length > 2 && <Ask label={words.which} options={offered.map(([value, label]) => ({ value, label }))} picked={picked} pick={setPicked} />}
      <Counts found={found} group={chosen} />
      {(chosen.sessions ?? 0) > 0 && (
        <>
          <p class="quiet">
            {words.howSure} {words.tooFewWhy}
          </p>
          <div class="evidence-pair">
            <HowLong group={chosen} />
            <LastInWay group={chosen} />
            <Otherwise group={chosen} />
          </div>
          <Months groups={monthsOf(found.groups, chosen)} />
        </>
      )}
      <Beside compared={found.compared ?? []} />
      <Files query={query} />
    </>
  );
}

function Counts({ found, group }: { found: Found; group: Group }): VNode {
  const [sessions, patients, unknown] = [group.sessions ?? 0, group.patients ?? 0, group.unknown ?? 0];
  return (
    <section class="card" aria-label={words.title}>
      {sessions === 0 ? (
        <p>{words.none}</p>
      ) : (
        <p class="evidence-counts number">
          <span>
            <b>{sessions}</b> {words.counted(sessions)}
          </span>
          <span>
            <b>{patients}</b> {words.patients(patients)}
          </span>
          <span class="quiet">{words.span(found.first_month, found.last_month)}</span>
        </p>
      )}
      {unknown > 0 && <p class="unknown">{words.unknown(unknown)}</p>}
      {group.by === "all" && (found.under_way ?? 0) > 0 && <p class="quiet">{words.underWay(found.under_way ?? 0)}</p>}
    </section>
  );
}

function HowLong({ group }: { group: Group }): VNode {
  const most = Math.max(1, ...group.minutes.flatMap(({ three_quarters, high }) => [three_quarters ?? 0, high ?? 0]));
  return (
    <section class="card" aria-labelledby="how-long">
      <h2 id="how-long">{words.minutes.title}</h2>
      <ul class="evidence-list">
        {group.minutes.map((one) => (
          <li key={one.stretch}>
            <b>{words.minutes.stretches[one.stretch]}</b>
            <span class={one.median === null ? "number quiet" : "number"}>{minutesText(one)}</span>
            {one.median !== null && <Bar most={most} block={[one.quarter ?? 0, one.three_quarters ?? 0]} mark={one.median} from={one.low ?? 0} to={one.high ?? 0} />}
            <span class="label number">
              {one.median !== null && `${words.half(one.quarter ?? 0, one.three_quarters ?? 0)} · `}
              {words.n(one.sessions ?? 0, one.patients ?? 0)}
            </span>
          </li>
        ))}
      </ul>
      <p class="label">{words.minutes.legend}</p>
    </section>
  );
}

function LastInWay({ group }: { group: Group }): VNode {
  return (
    <section class="card" aria-labelledby="last-in-way">
      <h2 id="last-in-way">{words.last.title}</h2>
      <p class="quiet">{group.last_in_way.length === 0 ? words.last.none : words.last.why}</p>
      <ul class="evidence-list">
        {group.last_in_way.map((one) => (
          <Shared key={one.criterion} name={criterion(one.criterion)} one={one} most={1} />
        ))}
      </ul>
    </section>
  );
}

function Otherwise({ group }: { group: Group }): VNode {
  // small shares beside each other: the axis ends where the largest may lie
  const most = Math.max(0.05, ...group.portions.map(({ high }) => high ?? 0));
  return (
    <section class="card" aria-labelledby="otherwise">
      <h2 id="otherwise">{words.portions.title}</h2>
      <ul class="evidence-list">
        {group.portions.map((one) => (
          <Shared key={one.portion} name={words.portions.names[one.portion]} one={one} most={most} why={words.portions.why[one.portion]} />
        ))}
      </ul>
      <p class="label">{words.portions.legend}</p>
    </section>
  );
}

function Shared({ name, one, most, why }: { name: string; one: Share; most: number; why?: string }): VNode {
  return (
    <li>
      <b>{name}</b>
      <span class="number">
        {words.of(one.count ?? 0, one.of ?? 0)} · <span class={one.share === null ? "quiet" : ""}>{shareText(one)}</span>
      </span>
      {one.share !== null && <Bar most={most} block={[0, one.share]} from={one.low ?? 0} to={one.high ?? 0} />}
      {why && <span class="label">{why}</span>}
    </li>
  );
}

function Months({ groups }: { groups: Group[] }): VNode {
  const heads = [...Object.values(words.minutes.stretches), ...Object.values(words.portions.names)];
  return (
    <section class="card" aria-labelledby="months">
      <h2 id="months">{words.table.title}</h2>
      <div class="evidence-months number" role="table" aria-labelledby="months">
        <div class="evidence-month heads" role="row">
          {[words.table.month, words.table.sessions, ...heads].map((head) => (
            <span key={head} role="columnheader">
              {head}
            </span>
          ))}
        </div>
        {groups.map((group) => (
          <div key={group.month} class="evidence-month" role="row">
            <b role="rowheader">{group.month}</b>
            <span role="cell" data-label={words.table.sessions}>
              {group.sessions}
              <span class="label">{words.ofPatients(group.patients ?? 0)}</span>
              {(group.unknown ?? 0) > 0 && <span class="unknown">{words.table.unknown(group.unknown ?? 0)}</span>}
            </span>
            {group.minutes.map((one) => (
              <span key={one.stretch} role="cell" data-label={words.minutes.stretches[one.stretch]} class={one.median === null ? "quiet" : ""}>
                {one.median === null ? words.tooFew : words.min(one.median)}
                {one.median !== null && <span class="label">{words.between(one.low ?? 0, one.high ?? 0)}</span>}
              </span>
            ))}
            {group.portions.map((one) => (
              <span key={one.portion} role="cell" data-label={words.portions.names[one.portion]}>
                {words.of(one.count ?? 0, one.of ?? 0)}
                <span class="label">{shareText(one)}</span>
              </span>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function Beside({ compared }: { compared: Compared[] }): VNode | null {
  if (compared.length === 0) return null;
  const pairOf = ({ protocol, than }: Compared): string => words.compared.than(words.protocol(protocol.id, protocol.version), words.protocol(than.id, than.version));
  const pairs = [...new Set(compared.map(pairOf))];
  return (
    <section class="card" aria-labelledby="beside">
      <h2 id="beside">{words.compared.title}</h2>
      <p class="quiet">{words.compared.why}</p>
      {pairs.map((pair) => (
        <div key={pair}>
          <h3>{pair}</h3>
          {([true, false] as const).map((differs) => {
            const these = compared.filter((one) => pairOf(one) === pair && one.differs === differs);
            return (
              these.length > 0 && (
                <div key={String(differs)}>
                  <p>{differs ? `◆ ${words.compared.seen}` : `◇ ${words.compared.notSeen}`}</p>
                  <ul class="number">
                    {these.map((one) => (
                      <li key={one.measure}>
                        {measureName(one.measure)}: {differs ? <b>{moreText(one)}</b> : moreText(one)}
                      </li>
                    ))}
                  </ul>
                </div>
              )
            );
          })}
        </div>
      ))}
    </section>
  );
}

function Files({ query }: { query: Record<string, string> }): VNode {
  const form = useForm();
  const months = new URLSearchParams(query).toString();
  const save = (name: string, outside: boolean): void =>
    // what leaves the clinic is of months that are over, so which they are the service says
    void form.run(() => takeFile(`/v1/evidence/evidence.${name}?${outside ? "outside=true" : months}`, `${outside ? "evidence-outside" : "evidence"}.${name}`));
  return (
    <section class="card" aria-labelledby="take-along">
      <h2 id="take-along">{words.files.title}</h2>
      {([false, true] as const).map((outside) => (
        <div key={String(outside)}>
          <h3>{outside ? words.files.outside : words.files.here}</h3>
          <p class="quiet">{outside ? words.files.outsideWhy : words.files.hereWhy}</p>
          <p class="row">
            {(["csv", "json"] as const).map((name) => (
              <button key={name} class="button" aria-label={`${words.files[name]}, ${outside ? words.files.outside : words.files.here}`} disabled={form.busy || !connected.value} onClick={() => save(name, outside)}>
                {words.files[name]}
              </button>
            ))}
          </p>
        </div>
      ))}
      {form.busy ? <p role="status">{words.files.saving}</p> : form.fault && <Outcome form={form} />}
    </section>
  );
}
