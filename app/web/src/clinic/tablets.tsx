import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused, type Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Field, Outcome, useForm } from "../parts/form";
import { heldKeys } from "../proving";
import { enrol } from "../renewal";
import { type Scope, useAsked, useScope } from "../scope";
import { here, tabletId } from "../store";
import { clockText } from "../time";
import { clinicWords } from "../words.clinic";

const words = clinicWords.tablets;
type Line = Schemas["TabletLineOut"];

/** Every page: a clinic has a few hundred at most. */
async function all({ ask }: Scope): Promise<Line[]> {
  const found: Line[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: Schemas["TabletListOut"] = (await ask("get", "/v1/tablets", {}, undefined, after === "" ? {} : { query: { after } })).body;
    found.push(...page.items);
    after = page.next;
  }
  return found;
}

/** The clinic's tablets: this one is enrolled here, any of them taken out of use. */
export function TabletsScreen(): VNode {
  const asked = useAsked(all);
  const enrolled = asked.found?.filter((each) => each.name !== null) ?? null;
  return (
    <Screen title={words.title} back="">
      {enrolled && <This key={enrolled.length} line={enrolled.find((each) => each.id === tabletId) ?? null} again={asked.again} />}
      <section class="card stack">
        <h2>{words.which}</h2>
        {enrolled === null ? (
          <NotHeard asked={asked} />
        ) : enrolled.length === 0 ? (
          <p class="quiet">{words.none}</p>
        ) : (
          <ul class="stack">
            {enrolled.map((each) => (
              <One key={each.id} line={each} again={asked.again} />
            ))}
          </ul>
        )}
      </section>
    </Screen>
  );
}

function This({ line, again }: { line: Line | null; again: () => void }): VNode {
  const [name, setName] = useState(line?.name ?? "");
  const [mine, setMine] = useState<string[] | null>(null);
  const form = useForm();
  useEffect(() => void heldKeys().then(setMine, () => setMine([])), [line]);
  const act = async (): Promise<void> => {
    await enrol(name.trim(), line?.revision ?? 0);
    here.value = { name: name.trim(), trouble: null };
    again();
  };
  // after an older backup was brought back the service may know a key that is no longer here
  const known = line !== null && line.public_key !== null && (mine === null || mine.includes(line.public_key));
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ name: name.trim() ? "" : words.nameMissing }), act)}>
      <h2>{words.this}</h2>
      {line === null ? <p>{words.not}</p> : <p>{!line.in_use ? words.out(line.name!) : known ? words.known(line.name!) : <span class="concern">{words.lost(line.name!)}</span>}</p>}
      {!(known && line.in_use) && (
        <>
          <Field label={words.name} value={name} set={setName} fault={form.faults.name} />
          <button class="button primary" disabled={form.busy || mine === null}>
            {line === null ? words.enrol : words.again}
          </button>
        </>
      )}
      <Outcome form={form} fields={["name"]} />
    </form>
  );
}

function One({ line, again }: { line: Line; again: () => void }): VNode {
  const [sure, setSure] = useState(false);
  const form = useForm();
  const scope = useScope();
  const end = async (): Promise<void> => {
    const body = { name: line.name!, in_use: false };
    await scope.ask("put", "/v1/tablets/{tablet_id}", { tablet_id: line.id }, body, { headers: { "If-Match": `"${line.revision}"` } });
    again();
  };
  const facts = [line.heard_at === null ? words.never : words.heard(clockText(line.heard_at)), line.unsent ? words.unsent(line.unsent) : "", line.public_key ? "" : words.noKey];
  return (
    <li>
      <div class="row spread">
        <span>
          <b>{line.name}</b> <span class="quiet">{facts.filter(Boolean).join(" \u00b7 ")}</span>
          {!line.in_use && <b> {words.ended}</b>}
        </span>
        {line.in_use && (
          <button type="button" class="button" disabled={form.busy} aria-label={`${sure ? words.endSure : words.end}: ${line.name}`} onClick={() => (sure ? void form.run(end) : setSure(true))}>
            {sure ? words.endSure : words.end}
          </button>
        )}
      </div>
      {sure && line.in_use && <p>{words.endMeans}</p>}
      <Outcome form={form} />
      {line.in_use && <Rename line={line} again={again} />}
    </li>
  );
}

/** Another name for an enrolled tablet: its key and its PINs stay. */
function Rename({ line, again }: { line: Line; again: () => void }): VNode {
  const [name, setName] = useState("");
  const form = useForm();
  const scope = useScope();
  const save = async (): Promise<void> => {
    const body = { name: name.trim(), in_use: line.in_use };
    try {
      await scope.ask("put", "/v1/tablets/{tablet_id}", { tablet_id: line.id }, body, { headers: { "If-Match": `"${line.revision}"` } });
    } catch (failure) {
      // somebody else was first: the list shows what they said
      if (failure instanceof Refused && failure.problem.status === 412) again();
      throw failure;
    }
    if (line.id === tabletId) here.value = { ...here.value, name: body.name };
    setName("");
    again();
  };
  return (
    <details>
      <summary aria-label={`${words.rename}: ${line.name}`}>{words.rename}</summary>
      <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ name: name.trim() ? "" : words.nameMissing }), save)}>
        <Field label={words.newName} value={name} set={setName} fault={form.faults.name} most={200} />
        <span>
          <button class="button" disabled={form.busy}>
            {words.saveName(line.name!)}
          </button>
        </span>
        <Outcome form={form} fields={["name"]} />
      </form>
    </details>
  );
}
