import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { listed } from "../names";
import { Outcome, useForm } from "../parts/form";
import { useAsked, useScope } from "../scope";
import { clockText, dayText } from "../time";
import { actionWords } from "../words.actions";
import { auditWords as words } from "../words.desk";
import { NotHeard } from "./frame";

type Page = Schemas["AuditPageOut"];
type Event = Schemas["AuditEventOut"];

/** What answers a question, the newest first; what was before when it is asked for. `whose`: whether it can be asked. */
export function Lines({ query, whose }: { query: Record<string, string>; whose: boolean }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/audit", {}, undefined, { query })).body);
  const [older, setOlder] = useState<Page | null>(null);
  const form = useForm();
  const scope = useScope();
  const first = asked.found;
  const next = older === null ? (first?.next ?? null) : older.next;
  const further = async (): Promise<void> => {
    const { body } = await scope.ask("get", "/v1/audit", {}, undefined, { query: { ...query, after: next ?? "" } });
    setOlder({ items: [...(older?.items ?? []), ...body.items], tablets: { ...older?.tablets, ...body.tablets }, next: body.next });
  };
  if (first === null) return <NotHeard asked={asked} />;
  const events = [...first.items, ...(older?.items ?? [])];
  const tablets = { ...older?.tablets, ...first.tablets };
  return (
    <section class="card">
      <p role="status">{events.length === 0 ? words.none : words.shown(events.length)}</p>
      <ul>
        {events.map((event) => (
          <Line key={event.id} event={event} tablets={tablets} whose={whose} />
        ))}
      </ul>
      {next !== null && (
        <span>
          <button class="button" disabled={form.busy} onClick={() => void form.run(further)}>
            {words.further}
          </button>
        </span>
      )}
      {form.fault && <Outcome form={form} />}
    </section>
  );
}

function onWhat(event: Event, tablets: Record<string, string>): string {
  if (event.tablet_id === null) return words.noTablet;
  const name = tablets[event.tablet_id];
  return name === undefined ? words.otherTablet(event.tablet_id.slice(0, 8)) : words.tablet(name);
}

function Line({ event, tablets, whose }: { event: Event; tablets: Record<string, string>; whose: boolean }): VNode {
  return (
    <li class="audit-line">
      <span class="number">
        {dayText(event.at)} {clockText(event.at)}
      </span>
      <span>
        <b>{actionWords[event.action] ?? event.action}</b>
        <br />
        {words.by(event.actor.name, words.roles[event.actor.role] ?? event.actor.role)}, {onWhat(event, tablets)}
        {event.reason !== null && (
          <>
            <br />
            {words.why(event.reason)}
          </>
        )}
      </span>
      <div class="rest row">
        {whose && event.patient_id !== null && <Whose id={event.patient_id} />}
        <details>
          <summary>{words.all}</summary>
          <pre>{JSON.stringify(event, null, 2)}</pre>
        </details>
      </div>
    </li>
  );
}

/** A look at a patient like any other: only when it is asked for, and on record. */
function Whose({ id: patient_id }: { id: string }): VNode {
  const [told, setTold] = useState("");
  const form = useForm();
  const scope = useScope();
  const look = async (): Promise<void> => {
    const { body } = await scope.ask("get", "/v1/patients/{patient_id}", { patient_id });
    setTold(`${listed(body)} · ${body.birth_date} · ${body.record_number}`);
  };
  if (told !== "") return <b>{told}</b>;
  return (
    <>
      <button class="button" disabled={form.busy} onClick={() => void form.run(look)}>
        {words.whose}
      </button>
      {form.fault && <Outcome form={form} />}
    </>
  );
}
