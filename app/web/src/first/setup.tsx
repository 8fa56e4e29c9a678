import type { ComponentChildren, VNode } from "preact";
import type { Schemas } from "../api";
import { NotHeard as Waiting } from "../parts/asked";
import { later } from "../parts/later";
import { Who } from "../parts/person";
import { address, go, type Place } from "../place";
import { useAsked, type Asked } from "../scope";
import { factors, signsNothing } from "../signing";
import { signOut } from "../store";
import { clinic } from "../time";
import { words as everywhere } from "../words";
import { firstWords } from "../words.first";
import { words as signing } from "../words.signing";
import { Colleagues } from "./colleagues";
import { ProtocolScreen } from "./protocol";
import { ProtocolList } from "./protocols";
import { SignedInScreen } from "./signed-in";

const Draft = later<{ id: string; version: string; change: boolean }>(() => import("./draft").then((found) => found.DraftScreen));

const words = firstWords.setup;
export type Protocol = Schemas["ProtocolListedOut"];
export type Colleague = Schemas["StaffOut"];

export const useProtocols = (): Asked<Protocol[]> => useAsked(async ({ ask }) => (await ask("get", "/v1/protocols", {})).body.items);
export const useColleagues = (): Asked<Colleague[]> => useAsked(async ({ ask }) => (await ask("get", "/v1/staff", {})).body.items);

/** The lead's way from an empty clinic to its first session. */
export function Setup({ part }: { part: string }): VNode {
  if (part === "protocols") return <ProtocolList />;
  if (part === "colleagues") return <Colleagues />;
  if (part === "signed-in") return <SignedInScreen />;
  const [id, version, doing] = part.split(":");
  if (id && version && doing) return <Draft key={part} id={id} version={version} change={doing === "change"} />;
  if (id && version) return <ProtocolScreen key={part} id={id} version={version} />;
  return <Overview />;
}

/** A screen of the set-up: its bar leads back, its foot holds the one thing to do. */
export function Screen({ title, back, children, foot }: { title: string; back: string | null; children: ComponentChildren; foot?: ComponentChildren }): VNode {
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={back === null ? address({ screen: "board" }) : address({ screen: "setup", part: back })} aria-label={everywhere.back}>
          &#8592;
        </a>
        <h1>{title}</h1>
        <Who />
      </header>
      <main class="page narrow stack">{children}</main>
      {foot && <footer class="foot">{foot}</footer>}
    </div>
  );
}

export const NotHeard = ({ asked }: { asked: Asked<unknown> }): VNode => <Waiting asked={asked} waiting={words.asking} />;

function Overview(): VNode {
  const protocols = useProtocols();
  const colleagues = useColleagues();
  const approved = protocols.found?.filter((each) => each.approvals.length > 0).length ?? 0;
  const count = (role: string): number => colleagues.found?.filter((each) => each.active && each.role === role).length ?? 0;
  const missing = (["nurse", "clinician"] as const).filter((role) => count(role) === 0);
  const own = useAsked(factors);
  const known = protocols.found !== null && colleagues.found !== null && own.found !== null;
  // whoever cannot sign reads that before a protocol is read to its end
  const unsigned = known && approved === 0 ? signsNothing(own.found!) : "";
  // no link stands anywhere before it is known which is the next one: it would move to the foot from under a hand
  const next = !known ? null : unsigned ? "signing" : approved === 0 ? "protocols" : missing.length > 0 ? "colleagues" : "leave";
  const end = (): void => {
    // whoever comes next begins at the board
    go({ screen: "board" });
    void signOut();
  };
  return (
    <Screen
      title={words.title(clinic.value.name)}
      back={null}
      foot={
        <>
          {next === "signing" && (
            <a class="button primary" href={address({ screen: "account" })}>
              {signing.toAccount}
            </a>
          )}
          {next === "protocols" && <Go part="protocols" label={words.toProtocols} primary />}
          {next === "colleagues" && <Go part="colleagues" label={words.toColleagues} primary />}
          {next === "leave" && (
            <button class="button primary" onClick={end}>
              {words.leave}
            </button>
          )}
        </>
      }
    >
      <Task title={words.protocols} done={protocols.found && approved > 0}>
        {protocols.found === null ? <NotHeard asked={protocols} /> : <p>{approved === 0 ? words.noneApproved : words.approved(approved)}</p>}
        {unsigned && <p class="concern">&#9650; {unsigned}</p>}
        {known && next !== "protocols" && <Go part="protocols" label={words.toProtocols} />}
      </Task>
      <Task title={words.colleagues} done={colleagues.found && missing.length === 0}>
        <p>{words.nobody}</p>
        {colleagues.found === null ? (
          <NotHeard asked={colleagues} />
        ) : (
          <>
            {missing.length < 2 && <p>{words.people(count("nurse"), count("clinician"))}</p>}
            {missing.map((role) => (
              <p key={role}>{words.missing[role]}</p>
            ))}
          </>
        )}
        {known && next !== "colleagues" && <Go part="colleagues" label={words.toColleagues} />}
      </Task>
      <Task title={words.begin} done={null}>
        <ol class="ways">
          {words.steps.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ol>
      </Task>
      <Whenever />
    </Screen>
  );
}

/** Everything else that a lead settles or looks at: by what it is about, in words that say which. */
const GROUPS: Record<keyof typeof words.headings, [keyof typeof words.to, Place][]> = {
  people: [
    ["colleagues", { screen: "setup", part: "colleagues" }],
    ["signedIn", { screen: "setup", part: "signed-in" }],
    ["signing", { screen: "clinic", part: "signing" }],
    ["provider", { screen: "clinic", part: "provider" }],
  ],
  tablets: [
    ["tablets", { screen: "clinic", part: "tablets" }],
    ["calling", { screen: "clinic" }],
    ["walls", { screen: "clinic", part: "walls" }],
  ],
  papers: [
    ["protocols", { screen: "setup", part: "protocols" }],
    ["papers", { screen: "clinic", part: "papers" }],
  ],
  files: [
    ["import", { screen: "clinic", part: "import" }],
    ["exports", { screen: "clinic", part: "exports" }],
    ["machines", { screen: "desk", part: "machines" }],
    ["webhooks", { screen: "desk", part: "webhooks" }],
  ],
  back: [
    ["evidence", { screen: "evidence" }],
    ["audit", { screen: "desk", part: "audit" }],
    ["openings", { screen: "clinic", part: "break-glass" }],
    ["restored", { screen: "desk", part: "restored" }],
  ],
};

function Whenever(): VNode {
  return (
    <section class="stack" aria-labelledby="whenever">
      <h2 id="whenever">{words.whenever}</h2>
      <div class="whenever">
        {Object.entries(GROUPS).map(([group, links]) => (
          <nav key={group} class="card" aria-labelledby={`to-${group}`}>
            <h3 id={`to-${group}`}>{words.headings[group as keyof typeof words.headings]}</h3>
            {links.map(([to, there]) => (
              <a key={to} class="button" href={address(there)}>
                {words.to[to]}
              </a>
            ))}
          </nav>
        ))}
      </div>
    </section>
  );
}

function Task({ title, done, children }: { title: string; done: boolean | null; children: ComponentChildren }): VNode {
  return (
    <section class="card task">
      <h2 class="row spread">
        {title}
        {done !== null && <span class="badge">{done ? `✓ ${words.done}` : `○ ${words.open}`}</span>}
      </h2>
      {children}
    </section>
  );
}

export function Go({ part, label, primary = false }: { part: string; label: string; primary?: boolean }): VNode {
  return (
    <a class={primary ? "button primary" : "button"} href={address({ screen: "setup", part })}>
      {label}
    </a>
  );
}
