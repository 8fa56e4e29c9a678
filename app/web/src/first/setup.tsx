import type { ComponentChildren, VNode } from "preact";
import { ask, type Schemas } from "../api";
import { Who } from "../parts/person";
import { address, go } from "../place";
import { own, signOut } from "../store";
import { clinic } from "../time";
import { words as everywhere } from "../words";
import { firstWords } from "../words.first";
import { useAsked, type Asked } from "./asked";
import { Colleagues } from "./colleagues";
import { ProtocolScreen } from "./protocol";
import { ProtocolList } from "./protocols";

const words = firstWords.setup;
export type Protocol = Schemas["ProtocolListedOut"];
export type Colleague = Schemas["StaffOut"];

export const useProtocols = (): Asked<Protocol[]> => useAsked(async () => (await ask("get", "/v1/protocols", {}, undefined, own())).body.items);
export const useColleagues = (): Asked<Colleague[]> => useAsked(async () => (await ask("get", "/v1/staff", {}, undefined, own())).body.items);

/** The lead's way from an empty clinic to its first session. */
export function Setup({ part }: { part: string }): VNode {
  if (part === "protocols") return <ProtocolList />;
  if (part === "colleagues") return <Colleagues />;
  const [id, version] = part.split(":");
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

/** What stands in for an answer that is not there. */
export function NotHeard({ asked }: { asked: Asked<unknown> }): VNode {
  if (asked.refused) return <p class="fault">{asked.refused}</p>;
  return (
    <p class="unknown" role="status">
      {words.asking}
    </p>
  );
}

function Overview(): VNode {
  const protocols = useProtocols();
  const colleagues = useColleagues();
  const approved = protocols.found?.filter((each) => each.approvals.length > 0).length ?? 0;
  const count = (role: string): number => colleagues.found?.filter((each) => each.active && each.role === role).length ?? 0;
  const missing = (["nurse", "clinician"] as const).filter((role) => count(role) === 0);
  const known = protocols.found !== null && colleagues.found !== null;
  const next = !known ? null : approved === 0 ? "protocols" : missing.length > 0 ? "colleagues" : "leave";
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
        {next !== "protocols" && <Go part="protocols" label={words.toProtocols} />}
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
        {next !== "colleagues" && <Go part="colleagues" label={words.toColleagues} />}
      </Task>
      <Task title={words.begin} done={null}>
        <ol class="ways">
          {words.steps.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ol>
      </Task>
    </Screen>
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
