import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { takeFile } from "../../files";
import { NotHeard, Screen } from "../../first/setup";
import { Ask, Outcome, useForm } from "../../parts/form";
import { type Asked, useAsked, useScope } from "../../scope";
import { person } from "../../store";
import { clockText, dayText } from "../../time";
import { exportWords as words } from "./words";

type Ordered = Schemas["OrderedExportOut"];
const AT_WORK = new Set<Ordered["state"]>(["waiting", "running"]);
const AGAIN_MS = 2000;

/** Everything that can be taken out as files, by whoever may. */
export function ExportScreen(): VNode {
  return (
    <Screen title={words.title} back={person.value?.role === "lead" ? "" : null}>
      <p>{words.why}</p>
      <Resources />
      <Tables />
    </Screen>
  );
}

function Resources(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/exports", {})).body.items);
  const form = useForm();
  const scope = useScope();
  const isAtWork = asked.found?.some((each) => AT_WORK.has(each.state)) ?? false;
  useEffect(() => {
    if (!isAtWork) return;
    const soon = setTimeout(asked.again, AGAIN_MS);
    return () => clearTimeout(soon);
  }, [asked.found]);
  const order = (path: "/fhir/$export" | "/fhir/Patient/$export") => async (): Promise<void> => {
    await scope.ask("post", path, {}, undefined, { headers: { Prefer: "respond-async" } });
    asked.again();
  };
  return (
    <section class="card stack" aria-labelledby="fhir">
      <h2 id="fhir">{words.fhir}</h2>
      <p>{words.fhirWhy}</p>
      <span class="row">
        <button class="button primary" disabled={form.busy} onClick={() => void form.run(order("/fhir/$export"))}>
          {words.order.system}
        </button>
        <button class="button" disabled={form.busy} onClick={() => void form.run(order("/fhir/Patient/$export"))}>
          {words.order.patient}
        </button>
      </span>
      {form.fault && <Outcome form={form} />}
      <h3 class="orders">{words.ordered}</h3>
      <List asked={asked} />
    </section>
  );
}

function List({ asked }: { asked: Asked<Ordered[]> }): VNode {
  if (asked.found === null) return <NotHeard asked={asked} />;
  if (asked.found.length === 0) return <p class="quiet">{words.none}</p>;
  return (
    <ul class="stack">
      {asked.found.map((each) => (
        <One key={each.id} ordered={each} again={asked.again} />
      ))}
    </ul>
  );
}

function One({ ordered, again }: { ordered: Ordered; again: () => void }): VNode {
  const [sure, setSure] = useState(false);
  const form = useForm();
  const scope = useScope();
  const remove = async (): Promise<void> => {
    await scope.ask("delete", "/fhir/$export/{export_id}", { export_id: ordered.id });
    again();
  };
  const name = words.levels[ordered.level];
  return (
    <li class="ordered stack">
      <span role="status">
        <b>{name}</b> <span class="number">{words.at(dayText(ordered.asked_at), clockText(ordered.asked_at))}</span>: {words.states[ordered.state]}
        {ordered.state === "running" && ` (${words.so(ordered.count)})`}
      </span>
      {ordered.state === "done" && (
        <>
          {ordered.files.length === 0 && <p>{words.empty}</p>}
          <span class="row">
            {ordered.files.map((file) => (
              <button key={file.address} class="button" aria-label={words.take(words.file(file.type, file.count, file.size))} disabled={form.busy} onClick={() => void form.run(() => takeFile(file.address, `${file.type}.ndjson`))}>
                &#8595; {words.file(file.type, file.count, file.size)}
              </button>
            ))}
          </span>
          {ordered.expires_at && <span class="quiet">{words.until(dayText(ordered.expires_at), clockText(ordered.expires_at))}</span>}
        </>
      )}
      <span>
        <button class="button" disabled={form.busy} aria-label={`${sure ? words.removeSure : words.remove}: ${name}`} onClick={() => (sure ? void form.run(remove) : setSure(true))}>
          {sure ? words.removeSure : words.remove}
        </button>
      </span>
      {form.fault && <Outcome form={form} />}
    </li>
  );
}

const TABLES = ["sessions", "readings", "revisions", "events", "findings"] as const;
const FORMS = ["csv", "ndjson", "parquet"] as const;

function Tables(): VNode {
  const [written, setWritten] = useState<(typeof FORMS)[number]>("csv");
  const [named, setNamed] = useState(true);
  const [told, setTold] = useState("");
  const form = useForm();
  const take = async (table: (typeof TABLES)[number]): Promise<void> => {
    const name = `${table}.${written}`;
    setTold("");
    try {
      await takeFile(`/v1/export/${name}?identifiers=${named}`, name, (bytes) => setTold(words.heard(bytes)));
      setTold(words.saved(name));
    } catch (failure) {
      setTold("");
      throw failure;
    }
  };
  return (
    <section class="card stack" aria-labelledby="tables">
      <h2 id="tables">{words.tables}</h2>
      <p>{words.tablesWhy}</p>
      <Ask label={words.form} options={FORMS.map((value) => ({ value, label: words.forms[value] }))} picked={written} pick={setWritten} />
      <Ask
        label={words.names}
        options={[
          { value: true, label: words.with },
          { value: false, label: words.without },
        ]}
        picked={named}
        pick={setNamed}
      />
      <span class="row">
        {TABLES.map((table) => (
          <button key={table} class="button" disabled={form.busy} aria-label={words.save(words.table[table])} onClick={() => void form.run(() => take(table))}>
            &#8595; {words.table[table]}
          </button>
        ))}
      </span>
      {form.fault ? (
        <Outcome form={form} />
      ) : (
        <p role="status" class="number">
          {told}
        </p>
      )}
    </section>
  );
}
