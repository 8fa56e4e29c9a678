import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { headed } from "../../names";
import { address } from "../../place";
import { clockText, dayText } from "../../time";
import { plain, words } from "../../words";
import { dissociationOf, doseOf, isGrave, type Line, minutesOf, notedOf, peakOf, signedOf, whenOf } from "./told";
import { pastWords } from "./words";

const { columns } = pastWords;
/** So many lines fill a screen: they are drawn at once, the others as soon as these can be read. */
const FIRST = 12;
const SOON_MS = 150;

/** Sessions, each in one line; on a narrow screen each value says what it is. `named`: whose each one is.
 * The lines out of sight are not laid out until they are scrolled to, which no table of the browser's own can do. */
export function Lines({ lines, label, named = false }: { lines: readonly Line[]; label: string; named?: boolean }): VNode {
  const [whole, setWhole] = useState(lines.length <= FIRST);
  useEffect(() => {
    if (whole) return;
    const soon = setTimeout(() => setWhole(true), SOON_MS);
    return () => clearTimeout(soon);
  }, [whole]);
  const heads = [columns.when, ...(named ? [columns.patient] : []), columns.dose, columns.peak, columns.dissociation, columns.flag, columns.leaving, columns.signed, columns.noted];
  return (
    <div class={`lines number${named ? " named" : ""}`} role="table" aria-label={label}>
      <div class="line heads" role="row">
        {heads.map((head) => (
          <span key={head} role="columnheader">
            {head}
          </span>
        ))}
      </div>
      {(whole ? lines : lines.slice(0, FIRST)).map((line) => (
        <One key={line.id} line={line} named={named} />
      ))}
    </div>
  );
}

function One({ line, named }: { line: Line; named: boolean }): VNode {
  const at = whenOf(line);
  const { patient } = line;
  return (
    <div class="line" role="row">
      <span class="when" role="rowheader">
        <a class="line-link" href={address({ screen: "session", id: line.id })}>
          {dayText(at)} {clockText(at)}
        </a>
        <span class="label">
          {[line.route ? pastWords.routes[line.route] : pastWords.unknown, line.chair && words.chair(line.chair), plain(line.state)].filter(Boolean).join(" · ")}
        </span>
      </span>
      {named && (
        <span role="cell" data-label={columns.patient}>
          <a class="line-link" href={address({ screen: "past", patient: patient.id })}>
            {headed(patient)}
          </a>
          <span class="label">
            {patient.birth_date} · {patient.record_number}
          </span>
        </span>
      )}
      <Value label={columns.dose} value={doseOf(line)} />
      <Value label={columns.peak} value={peakOf(line)} />
      <Value label={columns.dissociation} value={dissociationOf(line)} />
      <Value label={columns.flag} value={minutesOf(line, line.minutes_to_flag)} />
      <Value label={columns.leaving} value={minutesOf(line, line.minutes_to_leaving)} />
      <Value label={columns.signed} value={signedOf(line)} />
      <span role="cell" class={notedOf(line)?.length === 0 ? "noted blank" : "noted"}>
        <Noted line={line} />
      </span>
    </div>
  );
}

function Value({ label, value }: { label: string; value: string }): VNode {
  return (
    <span role="cell" data-label={label} class={value === pastWords.none ? "blank" : undefined}>
      {value}
    </span>
  );
}

/** What was out of the ordinary. */
export function Noted({ line }: { line: Line }): VNode {
  const noted = notedOf(line);
  if (noted === null) return <span class="unknown">{pastWords.notTold}</span>;
  if (noted.length === 0) return <span class="quiet">{pastWords.none}</span>;
  return (
    <span class={isGrave(line) ? "danger" : "concern"}>
      {isGrave(line) ? "\u26a0" : "\u25b2"} {noted.join("; ")}
    </span>
  );
}
