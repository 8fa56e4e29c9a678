import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { Refused } from "../../api";
import { NotHeard } from "../../parts/asked";
import { Boundary } from "../../parts/boundary";
import { FlowSheet } from "../../parts/flowsheet";
import { said } from "../../parts/form";
import { Signed } from "../../parts/signed";
import { Trend } from "../../parts/trend";
import { project, type View } from "../../project";
import { type Finding, type Session, told } from "../../records";
import { useAsked } from "../../scope";
import { clinicNow, clockText, dayText } from "../../time";
import { criterion, plain, words } from "../../words";
import { elsewhereWords as say } from "./words";

/** Refusals that say that nothing of the patient may be read any more. */
const OVER = new Set(["opening-is-over", "no-such-opening"]);

interface OpenedProps {
  opening: string;
  id: string;
  shut: (why: string) => void;
}

/** One session of the patient who was opened, as the record had it when it was looked at. Nothing of it is kept here. */
export function Opened({ opening: opening_id, id: session_id, shut }: OpenedProps): VNode {
  const asked = useAsked(
    async ({ ask }) => {
      try {
        const { body } = await ask("get", "/v1/break-glass/{opening_id}/sessions/{session_id}", { opening_id, session_id });
        return { body, at: clinicNow() };
      } catch (failure) {
        if (failure instanceof Refused && OVER.has(failure.problem.code)) shut(said(failure));
        throw failure;
      }
    },
    [session_id],
  );
  const found = asked.refused ? null : asked.found;
  const view = useMemo(() => found && viewOf(found.body), [found]);
  if (found === null || view === null) return <NotHeard asked={asked} waiting={words.screenComes} />;
  return (
    <>
      <p class="row">
        <span class="unknown">{say.asOf(dayText(found.at), clockText(found.at))}</span>
        <button class="button" onClick={asked.again}>
          {say.lookAgain}
        </button>
      </p>
      <Facts view={view} />
      <Signed view={view} here="review" />
      {view.notices
        .filter((notice) => notice.acknowledged === null)
        .map((notice) => (
          <p key={notice.id} class="danger">
            &#9888; {notice.text} <span class="label">{clockText(notice.raised_at)}</span>
          </p>
        ))}
      <div class="session-page">
        <Boundary on={view}>{view.readings.length > 0 && <Trend record={view} />}</Boundary>
        <div class="side">
          <Boundary on={view}>
            <Criteria view={view} />
          </Boundary>
        </div>
        <Boundary on={view}>
          <FlowSheet record={view} />
        </Boundary>
      </div>
    </>
  );
}

/** The record as it came: nothing that waits on this tablet is of another clinic. */
function viewOf(body: Omit<Session, "limits" | "known">): View {
  const limits = Object.fromEntries((body.readiness?.findings ?? []).map((each) => [each.criterion, each.limits]));
  return project({ ...body, known: "opened", limits }, []);
}

function Facts({ view }: { view: View }): VNode {
  const { screening, escort } = view;
  const present = Object.entries(screening?.answers ?? {}).flatMap(([name, there]) => (there ? [plain(name)] : []));
  const facts: [string, string][] = [
    [words.titles.session, `${say.routes[view.route]}, ${plain(view.state)}`],
    [say.noted.protocol, `${view.protocol.id} ${view.protocol.version}`],
    ...(view.weight_kg === null ? [] : ([[say.noted.weight, say.noted.kilogram(view.weight_kg)]] as [string, string][])),
    [say.noted.screening, screening === null ? say.noted.notAnswered : present.length === 0 ? say.noted.nothing : present.join(", ")],
    [say.noted.escort, escort === null ? say.noted.noEscort : escort.name],
  ];
  return (
    <dl class="row number">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt class="label">{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const SIGNS = { met: "◎", "not-met": "✕", unknown: "?" } as const;

/** The findings of that assessment, and never a flag: whether the criteria look met now is said where the patient is. */
function Criteria({ view }: { view: View }): VNode | null {
  const { readiness } = view;
  if (readiness === null) return null;
  const open = readiness.findings.filter((each) => each.outcome !== "met").sort((a, b) => a.outcome.localeCompare(b.outcome));
  const met = readiness.findings.filter((each) => each.outcome === "met");
  return (
    <section class="readiness stack" aria-labelledby="criteria-then">
      <h2 id="criteria-then">{words.readiness.title}</h2>
      <p class="unknown">{say.criteria(dayText(readiness.as_of), clockText(readiness.as_of))}</p>
      <Findings view={view} findings={open} />
      {met.length > 0 && (
        <details class="met-ones">
          <summary>{words.readiness.met(met.length)}</summary>
          <Findings view={view} findings={met} />
        </details>
      )}
    </section>
  );
}

function Findings({ view, findings }: { view: View; findings: Finding[] }): VNode {
  return (
    <ul class="findings">
      {findings.map((each) => (
        <li key={each.criterion} class={`finding ${each.outcome}`}>
          <span class="sign" aria-hidden="true">
            {SIGNS[each.outcome] ?? "?"}
          </span>
          <div>
            <b>{criterion(each.criterion)}</b> <span class="label">{words.readiness.outcomes[each.outcome]}</span>
            <p>{told(view, each.because)}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
