/** The page: one file is taken, checked, and shown. */

import { useState } from "preact/hooks";
import { checkPack, type Line, type Report } from "../pack/check";
import { Session } from "./session";
import { words } from "./words";

type Shown = { name: string; report: Report } | { problem: string } | "reading" | null;

export function Page() {
  const [shown, setShown] = useState<Shown>(null);
  const [over, setOver] = useState(false);

  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    setShown("reading");
    try {
      setShown({ name: file.name, report: await checkPack(new Uint8Array(await file.arrayBuffer())) });
    } catch (problem) {
      setShown({ problem: `${words.unreadable} ${problem instanceof Error ? problem.message : String(problem)}` });
    }
  }

  if (!globalThis.crypto?.subtle) return <p class="verdict failed">{words.noCrypto}</p>;
  const done = shown !== null && shown !== "reading" && "report" in shown;
  return (
    <>
      <header>
        <h1>{words.title}</h1>
        <p class="quiet">{words.promise}</p>
      </header>
      <label
        class={`take ${over ? "over" : ""} ${done ? "small" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer?.files[0]);
        }}
      >
        <span class="button">{done ? words.another : words.choose}</span>
        <span class="quiet">{words.drop}</span>
        <input type="file" accept=".zip,application/zip" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      <div role="status">
        {shown === "reading" && <p class="quiet">{words.reading}</p>}
        {shown !== null && shown !== "reading" && "problem" in shown && <p class="verdict failed">{shown.problem}</p>}
        {done && <Verdict name={shown.name} report={shown.report} />}
      </div>
      {done && shown.report.manifest && <Session report={shown.report} />}
      {done && <Checks report={shown.report} />}
    </>
  );
}

function Verdict({ name, report }: { name: string; report: Report }) {
  const failed = report.lines.filter((one) => one.result === "failed");
  const open = report.lines.filter((one) => one.result === "not checked");
  const verdict = report.holds ? "holds" : report.partly ? "partly" : "failed";
  const said = words.verdicts[verdict];
  return (
    <section class={`verdict ${verdict}`}>
      <h2>
        <span class="mark" aria-hidden="true">
          {said.mark}
        </span>
        {said.heading}
      </h2>
      <p class="file">{name}</p>
      <p>{failed.length ? words.failedMore(failed.length) : words.holdsMore(report.derived, report.folded?.assessments.length ?? 0)}</p>
      <Lines lines={failed} />
      {failed.length > 0 && <p class="warning">{words.failedBelow}</p>}
      {!failed.length && open.length > 0 && (
        <>
          <h3>{words.notChecked}</h3>
          <Lines lines={open} />
        </>
      )}
      {!failed.length && (
        <>
          <p class="quiet">{words.cannotKnow}</p>
          <code>{String(report.manifest?.["record_digest"])}</code>
        </>
      )}
    </section>
  );
}

function Lines({ lines }: { lines: readonly Line[] }) {
  if (!lines.length) return null;
  return (
    <ul class="lines">
      {lines.map((one, place) => (
        <li key={place}>
          <strong>{one.part}</strong> <span>{one.words}</span>
        </li>
      ))}
    </ul>
  );
}

function Checks({ report }: { report: Report }) {
  return (
    <details class="card">
      <summary>{words.checks}</summary>
      <ul class="lines">
        {report.lines.map((one, place) => (
          <li key={place}>
            <strong>{one.part}</strong> <em>{words.results[one.result]}</em> <span>{one.words}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
