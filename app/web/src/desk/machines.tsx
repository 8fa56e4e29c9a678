import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Ask, Field, type Faults, type Form, Outcome, useForm } from "../parts/form";
import { ToCopy } from "../parts/to-copy";
import { type Scope, useAsked, useScope } from "../scope";
import { clockText, dayText } from "../time";
import { deskWords, machineWords as words } from "../words.desk";
import { Ending, NotHeard, Screen, Several } from "./frame";

type Machine = Schemas["ClientOut"];
interface Listed {
  items: Machine[];
  token_url: string | null;
}

/** Every page: a clinic has a handful. */
async function all({ ask }: Scope): Promise<Listed> {
  const items: Machine[] = [];
  let token_url: string | null = null;
  for (let after: string | null = ""; after !== null; ) {
    const page: Schemas["ClientsOut"] = (await ask("get", "/v1/clients", {}, undefined, after === "" ? {} : { query: { after } })).body;
    items.push(...page.items);
    token_url = page.token_url;
    after = page.next;
  }
  return { items, token_url };
}

/** The machines that may sign in, and one more. */
export function MachinesScreen(): VNode {
  const asked = useAsked(all);
  const found = asked.found;
  return (
    <Screen {...deskWords.machines} back={{ screen: "setup" }}>
      <section class="card stack">
        <h2>{words.which}</h2>
        {found === null ? (
          <NotHeard asked={asked} />
        ) : (
          <>
            {found.token_url === null ? <p class="concern">{words.noAddress}</p> : <p>{`${words.signsInAt} ${found.token_url}`}</p>}
            {found.items.length === 0 && <p class="quiet">{words.none}</p>}
            <ul class="stack">
              {[...found.items].sort((a, b) => Number(b.in_use) - Number(a.in_use)).map((each) => (
                <One key={each.id} machine={each} again={asked.again} />
              ))}
            </ul>
          </>
        )}
      </section>
      <Registering made={asked.again} />
    </Screen>
  );
}

/** `system/Observation.rs` as a person would say it; what is not known is said as it is. */
function inWords(scope: string): string {
  const [, kind = "", letters = ""] = /^system\/(\*|\w+)\.(\w+)$/.exec(scope) ?? [];
  const what = kind === "*" ? words.every : words.resources[kind];
  return what === undefined ? scope : `${what} (${words.access[letters] ?? letters})`;
}

function One({ machine, again }: { machine: Machine; again: () => void }): VNode {
  const [open, setOpen] = useState(false);
  const form = useForm();
  const scope = useScope();
  const end = async (): Promise<void> => {
    await scope.ask("post", "/v1/clients/{client_id}/end", { client_id: machine.id });
    again();
  };
  const used = machine.last_used_at === null ? words.unused : words.used(`${dayText(machine.last_used_at)} ${clockText(machine.last_used_at)}`);
  const keys = machine.jwks_url === null ? words.keysHere : words.keysAt(machine.jwks_url);
  return (
    <li class="listed stack">
      <span>
        <b>{machine.name}</b> {!machine.in_use && <b>{words.ended}</b>}
        <br />
        <span class="quiet">{[used, keys, ...(machine.of_all ? [words.ofAll] : [])].join(" \u00b7 ")}</span>
        <br />
        {words.reads} {machine.scopes.split(" ").map(inWords).join(", ")}
        <br />
        {words.id}: <span class="number">{machine.id}</span>
      </span>
      {machine.in_use && !machine.of_all && (
        <span class="row">
          <button type="button" class="button" aria-expanded={open} aria-label={`${open ? words.cancel : words.newKeys}: ${machine.name}`} onClick={() => setOpen(!open)}>
            {open ? words.cancel : words.newKeys}
          </button>
          <Ending label={words.end} name={machine.name} means={words.endMeans} busy={form.busy} end={() => void form.run(end)} />
        </span>
      )}
      {open && <OtherKeys machine={machine} done={() => (setOpen(false), again())} />}
      <Outcome form={form} />
    </li>
  );
}

type How = "address" | "pasted";
interface Keys {
  how: How | null;
  text: string;
}
const NO_KEYS: Keys = { how: null, text: "" };
const keysBody = ({ how, text }: Keys) => (how === "address" ? { jwks_url: text.trim() } : { jwks: text.trim() });
const keysFaults = ({ how, text }: Keys): Faults => ({ how: how === null ? words.keysMissing : "", jwks: how !== null && !text.trim() ? words.missing : "" });

/** How its keys are known: one of two ways. */
function KeysOf({ keys, set, form }: { keys: Keys; set: (keys: Keys) => void; form: Form }): VNode {
  const field = { value: keys.text, set: (text: string) => set({ ...keys, text }), fault: form.faults.jwks ?? form.faults.jwks_url, kind: "username" as const };
  return (
    <Ask
      label={words.keys}
      options={[
        { value: "address" as How, label: words.byAddress },
        { value: "pasted" as How, label: words.pasted },
      ]}
      picked={keys.how}
      pick={(how) => set({ how, text: "" })}
      fault={form.faults.how}
    >
      {keys.how === "address" && <Field label={words.address} hint={words.addressHint} most={500} {...field} />}
      {keys.how === "pasted" && <Field label={words.jwks} hint={words.jwksHint} lines={6} {...field} />}
    </Ask>
  );
}

function OtherKeys({ machine, done }: { machine: Machine; done: () => void }): VNode {
  const [keys, setKeys] = useState(NO_KEYS);
  const form = useForm();
  const scope = useScope();
  const change = async (): Promise<void> => {
    await scope.ask("post", "/v1/clients/{client_id}/keys", { client_id: machine.id }, keysBody(keys));
    done();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(() => keysFaults(keys), change)}>
      <p>{words.newKeysWhy}</p>
      <KeysOf keys={keys} set={setKeys} form={form} />
      <button class="button primary" disabled={form.busy}>
        {words.saveKeys}
      </button>
      <Outcome form={form} fields={["how", "jwks", "jwks_url"]} />
    </form>
  );
}

function Registering({ made }: { made: () => void }): VNode {
  const [name, setName] = useState("");
  const [every, setEvery] = useState<boolean | null>(null);
  const [kinds, setKinds] = useState<ReadonlySet<string>>(new Set());
  const [keys, setKeys] = useState(NO_KEYS);
  const [registered, setRegistered] = useState<Machine | null>(null);
  const form = useForm();
  const scope = useScope();
  const check = (): Faults => ({
    name: name.trim() ? "" : words.nameMissing,
    scopes: every === null ? words.scopesMissing : !every && kinds.size === 0 ? words.kindsMissing : "",
    ...keysFaults(keys),
  });
  const register = async (): Promise<void> => {
    const scopes = every ? "system/*.rs" : [...kinds].map((kind) => `system/${kind}.rs`).join(" ");
    setRegistered(null);
    setRegistered((await scope.ask("post", "/v1/clients", {}, { name: name.trim(), scopes, ...keysBody(keys) })).body);
    setName("");
    setEvery(null);
    setKinds(new Set());
    setKeys(NO_KEYS);
    made();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, register)}>
      <h2>{words.add}</h2>
      <Field label={words.name} value={name} set={setName} fault={form.faults.name} most={200} />
      <Ask
        label={words.scopes}
        options={[
          { value: true, label: words.every },
          { value: false, label: words.some },
        ]}
        picked={every}
        pick={setEvery}
        fault={every === false ? undefined : form.faults.scopes}
      />
      {every === false && <Several label={words.kinds} options={Object.entries(words.resources)} picked={kinds} set={setKinds} fault={form.faults.scopes} />}
      <KeysOf keys={keys} set={setKeys} form={form} />
      <button class="button primary" disabled={form.busy}>
        {words.register}
      </button>
      <Outcome form={form} fields={["name", "scopes", "how", "jwks", "jwks_url"]} />
      {registered && <ToCopy label={words.registered(registered.name)} text={registered.id} />}
    </form>
  );
}
