import type { VNode } from "preact";
import type { Schemas } from "../api";
import { firstWords } from "../words.first";
import { MovedFlags } from "./moved";

const words = firstWords.protocols;
type Whole = Schemas["ProtocolChangesOut"];

/** What reads otherwise than in the version that was approved last, both ways beside each other. */
export function New({ since }: { since: Whole["since"] }): VNode {
  if (since === null) return <p>{words.firstOne}</p>;
  return (
    <section class="card told">
      <h2>{words.newTitle(since.version, since.approvals[0]?.by.name ?? "")}</h2>
      {since.in_words.length === 0 && <p>{words.nothingNew}</p>}
      {since.in_words.map((each) => (
        <div key={each.table}>
          <h3>{each.title}</h3>
          <Side title={words.was} says={each.before} />
          <Side title={words.is} says={each.after} />
        </div>
      ))}
    </section>
  );
}

function Side({ title, says }: { title: string; says: readonly string[] }): VNode {
  return (
    <>
      <p class="quiet">{title}</p>
      {says.length === 0 && <p>{words.notThere}</p>}
      {says.map((line) => (
        <p key={line} class="number">
          {line}
        </p>
      ))}
    </>
  );
}

const SHIFTS = ["same", "neither", "earlier", "later", "never", "new"] as const;

/** When past sessions would have looked ready under this version: counts, and what was not looked at. */
export function Replay({ replay }: { replay: Whole["replay"] }): VNode {
  return (
    <section class="card">
      <h2>{words.replayTitle}</h2>
      {replay.sessions === 0 && replay.not_looked_at === 0 && <p class="unknown">{words.replayNone}</p>}
      {replay.sessions > 0 && (
        <>
          <p>{words.replayed(replay.sessions)}</p>
          <ul>
            {SHIFTS.filter((shift) => replay[shift] > 0).map((shift) => (
              <li key={shift}>
                <b class="number">{replay[shift]}</b> {words.shifts[shift]}
              </li>
            ))}
          </ul>
          <MovedFlags moved={replay.moved} />
        </>
      )}
      {replay.not_looked_at > 0 && <p class="unknown">{words.left(replay.not_looked_at)}</p>}
    </section>
  );
}
