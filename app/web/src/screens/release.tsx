import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Banner } from "../parts/banner";
import { Field, Outcome, useForm } from "../parts/form";
import { address } from "../place";
import { behind, load, missing, session, type Session, tabletName } from "../records";
import { type Scope, useAsked, useScope } from "../scope";
import { connected, person } from "../store";
import { clinicNow, clockText, minutesBetween, tick } from "../time";
import { words } from "../words";
import { releaseWords as say } from "../words.release";

type Line = Schemas["TabletLineOut"];

/** Which tablets hold a session's flag back, what each last said, and a lead's release of one, with the reason. */
export function Release({ id }: { id: string }): VNode {
  const record = session(id);
  return (
    <div class="screen">
      <Banner id={id} back="session" />
      <main class="page narrow stack">
        <h2>{say.title}</h2>
        {record?.readiness ? <Behind record={record} /> : <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>}
      </main>
      <footer class="foot">
        <a class="button link" href={address({ screen: "session", id })}>
          {words.start.toSession}
        </a>
      </footer>
    </div>
  );
}

function Behind({ record }: { record: Session }): VNode {
  const these = behind(record);
  const isLead = person.value?.role === "lead";
  const asked = useAsked((scope) => (isLead && connected.value && these.length > 0 ? lines(scope, these) : null), [these.join()]);
  if (!connected.value) return <p class="unknown">{say.notKnown}</p>;
  if (these.length === 0) return <p role="status">{say.none}</p>;
  return (
    <>
      <p>{isLead ? say.first : say.leadOnly}</p>
      {asked.refused && <p class="fault">{asked.refused}</p>}
      {these.map((tablet) => (
        <Held key={tablet} record={record} tablet={tablet} line={asked.found?.find((line) => line.id === tablet) ?? null} asking={isLead && asked.found === null} />
      ))}
    </>
  );
}

/** What the service knows of these tablets: it tells of all, page by page. */
async function lines({ ask }: Scope, these: string[]): Promise<Line[]> {
  const found: Line[] = [];
  let after: string | null = null;
  do {
    const page: Schemas["TabletListOut"] = (await ask("get", "/v1/tablets", {}, undefined, after === null ? {} : { query: { after } })).body;
    found.push(...page.items.filter((line) => these.includes(line.id)));
    after = page.next;
  } while (after !== null && found.length < these.length);
  return found;
}

function Held({ record, tablet, line, asking }: { record: Session; tablet: string; line: Line | null; asking: boolean }): VNode {
  tick.value;
  const [reason, setReason] = useState("");
  const form = useForm();
  const scope = useScope();
  const name = `“${tabletName(record, tablet)}”`;
  const who = person.value;
  const release = async (): Promise<void> => {
    await scope.ask("post", "/v1/tablets/{tablet_id}/release", { tablet_id: tablet }, { session_id: record.id, reason: reason.trim() });
    await load(record.id);
  };
  return (
    <section class="card stack" aria-label={name}>
      <h3>{name}</h3>
      {asking && <p role="status">{say.asking}</p>}
      {line?.heard_at && (
        <p class="number">
          {say.heard(clockText(line.heard_at), minutesBetween(line.heard_at, clinicNow()))} {line.unsent ? say.unsent(line.unsent) : say.nothingUnsent}
        </p>
      )}
      {line !== null && line.heard_at === null && <p class="unknown">{say.never}</p>}
      {who?.role === "lead" && (
        <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ reason: reason.trim() === "" ? say.reasonNeeded : "" }), release)}>
          <ul class="concern">
            <li>{say.means(name)}</li>
            <li>{say.lost}</li>
            <li>{say.again}</li>
          </ul>
          <Field label={say.reason} lines={2} most={2000} value={reason} set={setReason} fault={form.faults.reason} />
          <Outcome form={form} fields={["reason"]} />
          <span class="row acts">
            <button class="button primary" disabled={form.busy || !connected.value}>
              {say.release(name, who.name)}
            </button>
          </span>
        </form>
      )}
    </section>
  );
}
