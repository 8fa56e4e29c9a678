// A big screen for everybody who comes by: chairs and phases, no name. Fetched by such a screen alone.

import "./wall.css";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { flagOf, silence } from "../fresh";
import { Boundary } from "../parts/boundary";
import { inOrder } from "../tiles";
import { clinicNow, clockText, minutesBetween, tick } from "../time";
import { wallToken } from "../walls";
import { words } from "../words";
import { wallWords } from "../words.wall";
import { asLine, beginWall, called, ended, lines, type WallLine } from "./following";

export function Wall(): VNode {
  tick.value;
  useEffect(() => {
    document.title = `${wallWords.title} · ${words.app}`;
    return beginWall();
  }, [wallToken.value]);
  const since = silence();
  if (ended.value || wallToken.value === "") return <Large text={ended.value ? wallWords.ended : wallWords.noLink} more={wallWords.askLead} />;
  const chairs = lines.value;
  if (chairs === null) return <Large text={since === null ? wallWords.asking : wallWords.deaf(since)} more={since === null ? "" : wallWords.deafMore} />;
  return (
    <div class="wall">
      <header class="wall-bar">
        <h1>{called.value.clinic}</h1>
        <span class="quiet">{called.value.name}</span>
        <b class="number">{clockText(clinicNow())}</b>
      </header>
      {since !== null && (
        <p class="wall-deaf" role="alert">
          <b>{wallWords.deaf(since)}</b> {wallWords.deafMore}
        </p>
      )}
      <main>
        {chairs.length === 0 && since === null && <p class="wall-none">{words.noSessions}</p>}
        <ul class={`wall-chairs${chairs.length > 12 ? " many" : chairs.length <= 6 ? " few" : ""}`}>
          {inOrder(chairs).map((line) => (
            <Boundary key={line.id} on={line}>
              <Chair line={line} known={since === null} />
            </Boundary>
          ))}
        </ul>
      </main>
    </div>
  );
}

function Large({ text, more }: { text: string; more: string }): VNode {
  return (
    <main class="wall wall-large">
      <div role="status">
        <h1>{text}</h1>
        <p>{more}</p>
      </div>
    </main>
  );
}

/** One chair. Where the service cannot be heard only its name is left. */
function Chair({ line, known }: { line: WallLine; known: boolean }): VNode {
  const now = clinicNow();
  const grave = known && line.concern === "severe";
  return (
    <li class={`wall-chair${grave ? " grave" : ""}${known ? "" : " unknown"}`}>
      <span class="wall-name">
        <b>{line.chair ?? "–"}</b>
        {line.initials && <span>{line.initials}</span>}
      </span>
      {known ? (
        <>
          <span class="wall-phase number">
            {line.phase && line.phase_since ? `${words.phases[line.phase]} ${words.onBoard.plus(minutesBetween(line.phase_since, now))}` : wallWords.states[line.state]}
            {line.phase === "infusion" && line.planned_minutes ? words.onBoard.of(line.planned_minutes) : ""}
          </span>
          <Due line={line} now={now} />
          {line.concern !== "no" && <b class={grave ? "danger" : "concern"}>{grave ? `\u26a0 ${wallWords.severe}` : `\u25b2 ${wallWords.concern}`}</b>}
          <Flag line={line} />
        </>
      ) : (
        <span>{wallWords.unknown}</span>
      )}
    </li>
  );
}

function Due({ line, now }: { line: WallLine; now: number }): VNode | null {
  if (line.due_at === null) return null;
  if (line.overdue_at !== null && Date.parse(line.overdue_at) < now) return <b class="over number">&#9719; {words.onBoard.over(minutesBetween(line.due_at, now))}</b>;
  return <span class="number">{words.dueIn(Math.ceil((Date.parse(line.due_at) - now) / 60_000))}</span>;
}

/** A flag only while the service's word is fresh, by the one rule of every screen. */
function Flag({ line }: { line: WallLine }): VNode | null {
  if (line.failed) return <span class="unknown">{wallWords.failed}</span>;
  if (line.phase !== "recovery") return null;
  const flag = flagOf(asLine(line));
  if (!flag.known) return <span class="unknown">{flag.text}</span>;
  if (flag.value.met !== null) return <b class="wall-met">&#9678; {wallWords.met}</b>;
  return <span class="quiet">{flag.value.status === "not-met" ? words.notMet : words.cannotTell}</span>;
}
