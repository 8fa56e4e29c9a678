import type { ComponentChildren, VNode } from "preact";
import { listed } from "../../names";
import { clockText, dayText } from "../../time";
import type { Report } from "./imports";
import { importWords as words } from "./words";

type Line = Report["lines"][number];

/** What a commit would leave otherwise than it is. */
export const toTake = ({ counts }: Report): number => counts.new + counts.revised;

export function Tick({ label, on, tap }: { label: string; on: boolean; tap: () => void }): VNode {
  return (
    <button type="button" class="button tick" role="checkbox" aria-checked={on} onClick={tap}>
      <span aria-hidden="true">{on ? "\u2611" : "\u2610"}</span> {label}
    </button>
  );
}

/** Every row of a file: counts first, then what keeps it out, then what is passed over, then what it comes to. */
export function ReportShown({ report, children }: { report: Report; children: ComponentChildren }): VNode {
  const { of, unit, counts } = report;
  const left = report.lines.filter((line) => line.what === "left");
  const taken = report.lines.filter((line) => line.what === "new" || line.what === "revised");
  const told = [
    counts.wrong ? <b class="fault">{words.counts.wrong(counts.wrong, unit)}</b> : null,
    toTake(report) ? counts.wrong ? words.counts.good(toTake(report), unit) : <b>{words.counts.take[of](toTake(report))}</b> : null,
    counts.same ? words.counts.same(counts.same) : null,
    counts.left ? words.counts.left(counts.left) : null,
    counts.passed ? words.counts.passed(counts.passed) : null,
  ].filter((each) => each !== null);
  return (
    <>
      <ul class="card report">
        {told.length === 0 ? <li>{words.counts.nothing}</li> : told.map((each, place) => <li key={place}>{each}</li>)}
      </ul>
      {report.wrong.length > 0 && (
        <section class="card stack" aria-labelledby="wrong">
          <h2 id="wrong">&#9650; {words.wrong}</h2>
          <p>{words.wrongWhy}</p>
          <div class="wrong-rows" role="table" aria-labelledby="wrong">
            <div class="heads" role="row">
              {[words.columns.where, words.columns.column, words.columns.message].map((head) => (
                <span key={head} role="columnheader">
                  {head}
                </span>
              ))}
            </div>
            {report.wrong.map((each, place) => (
              <div key={place} role="row">
                <span class="number" role="cell">
                  {words.unit(unit, each.row)}
                </span>
                <b role="cell">{each.column}</b>
                <span role="cell">{each.message}</span>
              </div>
            ))}
          </div>
        </section>
      )}
      {report.passed.length > 0 && (
        <section class="card stack" aria-labelledby="passed">
          <h2 id="passed">{words.passed}</h2>
          <ul class="stack">
            {report.passed.map((each) => (
              <li key={each.because}>
                <span class="number">{words.spans(unit, each.rows, each.count)}</span>: {each.because}
              </li>
            ))}
          </ul>
        </section>
      )}
      {left.length > 0 && (
        <section class="card stack" aria-labelledby="left">
          <h2 id="left">{words.left}</h2>
          <ul class="stack">
            {left.map((line) => (
              <li key={line.row}>
                <span class="number">{words.unit(unit, line.row)}</span>: {line.because}
              </li>
            ))}
          </ul>
        </section>
      )}
      {taken.length > 0 && (
        <section class="card stack" aria-labelledby="taken">
          <h2 id="taken">{counts.wrong ? words.good : (report.kept ? words.kept : words.taken)[of]}</h2>
          {children}
          <ul class="stack">
            {taken.map((line) => (
              <Taken key={line.row} line={line} unit={unit} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Taken({ line, unit }: { line: Line; unit: Report["unit"] }): VNode {
  const { patient, session } = line;
  const planned = session?.planned_at;
  return (
    <li class="taken">
      <span class="quiet number">
        {words.unit(unit, line.row)} &middot; {words.what[line.what]}
      </span>
      <span>
        {session && <b class="number">{[...(planned ? [dayText(planned), clockText(planned)] : []), ...(session.chair ? [words.chair(session.chair)] : [])].join(" ")} </b>}
        {patient && (
          <>
            <b>{listed(patient)}</b> <span class="number">{[words.born(patient.birth_date), patient.record_number].join(" \u00b7 ")}</span>
          </>
        )}
      </span>
      {session && (
        <span class="quiet">
          {words.routes[session.route]} &middot; {session.protocol} {session.version}
        </span>
      )}
      {line.look_alikes.map(({ patient: other }, place) => (
        <span key={place} class="concern">
          &#9650; {other ? words.looksLike(listed(other), other.birth_date, other.record_number, other.because.join("; ")) : words.looksLikeRow}
        </span>
      ))}
      {line.notes.map((note) => (
        <span key={note}>{words.note(note)}</span>
      ))}
    </li>
  );
}
