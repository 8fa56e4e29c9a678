import { effect } from "@preact/signals";
import type { VNode } from "preact";
import type { Schemas } from "../../api";
import { address } from "../../place";
import { type Scope, useAsked } from "../../scope";
import { connected, person } from "../../store";
import { clinicNow, dayText } from "../../time";
import { words } from "../../words";
import { Noted } from "./lines";
import { daysBetween, dissociationOf, doseOf, type Line, notedOf, peakOf, whenOf } from "./told";
import { pastWords } from "./words";
import "./past.css";

const say = pastWords.last;
type Found = Schemas["SessionBeforeOut"];
const FRESH_MS = 600_000;

/** What was found lately, so that going to and fro is one read and not many; gone with the lock. */
const kept = new Map<string, { found: Found; at: number }>();
effect(() => {
  if (person.value === null) kept.clear();
});

async function lastTime(session_id: string, scope: Scope): Promise<Found> {
  const held = kept.get(session_id);
  if (held && (!connected.peek() || performance.now() - held.at < FRESH_MS)) return held.found;
  const found = (await scope.ask("get", "/v1/sessions/{session_id}/before", { session_id })).body;
  kept.set(session_id, { found, at: performance.now() });
  return found;
}

/** The patient's last session with a dose, to be looked at before the next one. It is read and shown, and goes nowhere else.
 * `made`: the service has not heard of this session yet, and can tell none before it. */
export function LastTime({ id: session_id, made }: { id: string; made: boolean }): VNode {
  const asked = useAsked((scope) => (made ? null : lastTime(session_id, scope)), [session_id, made]);
  const found = asked.found;
  return (
    <section class="card last-time" aria-labelledby="last-time">
      <h2 id="last-time">
        {say.title}
        {found?.before && `: ${whenText(found.before)}`}
      </h2>
      {found === null ? (
        <p class="unknown">{asked.refused || (connected.value ? say.asking : say.notHeard)}</p>
      ) : found.before === null ? (
        <p class="quiet">{say.none}</p>
      ) : (
        <Told line={found.before} />
      )}
    </section>
  );
}

function whenText(line: Line): string {
  const day = dayText(whenOf(line));
  return say.when(day, say.ago(daysBetween(day, dayText(clinicNow()))));
}

function Told({ line }: { line: Line }): VNode {
  const { routes } = pastWords;
  const said = [
    [line.route ? routes[line.route] : pastWords.unknown, doseOf(line)].join(", "),
    say.peak(peakOf(line)),
    say.dissociation(dissociationOf(line)),
    ...(line.minutes_to_flag === null ? [] : [say.flag(line.minutes_to_flag)]),
    ...(line.minutes_to_leaving === null ? [] : [say.leaving(line.minutes_to_leaving)]),
  ];
  return (
    <>
      <p class="number">{said.join(" · ")}</p>
      <p class="noted">{notedOf(line)?.length === 0 ? pastWords.noted.nothing : <Noted line={line} />}</p>
      <p class="quiet">
        {say.notToday}{" "}
        <a class="line-link" href={address({ screen: "session", id: line.id })}>
          {say.open}
        </a>{" "}
        <a class="line-link" href={address({ screen: "past", patient: line.patient.id })}>
          {words.titles.past}
        </a>
      </p>
    </>
  );
}
