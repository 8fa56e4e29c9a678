import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { ToCopy } from "../parts/to-copy";
import { useAsked, useScope } from "../scope";
import { clinic } from "../time";
import { clinicWords } from "../words.clinic";

const words = clinicWords.provider;
type Settled = Schemas["ProviderOut"];

/** Who vouches for the clinic's people, as a lead settles it. */
export function ProviderScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/clinic/provider", {})).body);
  return (
    <Screen title={words.title} back="">
      {asked.found === null ? <NotHeard asked={asked} /> : <Settling key={asked.found.revision} settled={asked.found} again={asked.again} />}
    </Screen>
  );
}

function Settling({ settled, again }: { settled: Settled; again: () => void }): VNode {
  const [name, setName] = useState(settled.name ?? "");
  const [issuer, setIssuer] = useState(settled.issuer ?? "");
  const [clientId, setClientId] = useState(settled.client_id ?? "");
  const [secret, setSecret] = useState("");
  const [inUse, setInUse] = useState(settled.in_use || settled.revision === 0);
  const form = useForm();
  const scope = useScope();
  const there = settled.revision > 0;
  const save = async (): Promise<void> => {
    const body = { name: name.trim(), issuer: issuer.trim(), client_id: clientId.trim(), client_secret: secret.trim() || null, in_use: inUse };
    await scope.ask("put", "/v1/clinic/provider", {}, body, there ? { headers: { "If-Match": `"${settled.revision}"` } } : {});
    again();
  };
  const needed = (text: string): string => (text.trim() ? "" : words.missing);
  const check = () => ({ name: needed(name), issuer: needed(issuer), client_id: needed(clientId), client_secret: there ? "" : needed(secret) });
  return (
    <>
      <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
        <p>{words.why}</p>
        <Field label={words.name} hint={words.nameHint} value={name} set={setName} most={80} fault={form.faults.name} />
        <Field label={words.issuer} hint={words.issuerHint} kind="username" value={issuer} set={setIssuer} most={500} fault={form.faults.issuer} />
        <Field label={words.clientId} kind="username" value={clientId} set={setClientId} most={500} fault={form.faults.client_id} />
        <Field label={words.secret} hint={there ? words.secretStays : words.secretHint} kind="password" value={secret} set={setSecret} most={500} fault={form.faults.client_secret} />
        <Ask
          label={words.uses}
          options={[
            { value: true, label: words.inUse },
            { value: false, label: words.notInUse },
          ]}
          picked={inUse}
          pick={setInUse}
        />
        <button class="button primary" disabled={form.busy}>
          {words.save}
        </button>
        <Outcome form={form} fields={["name", "issuer", "client_id", "client_secret"]} />
      </form>
      <section class="card stack">
        {settled.redirect_uri === null ? (
          <p class="unknown">{words.noAddress}</p>
        ) : (
          <>
            <ToCopy label={words.redirect} text={settled.redirect_uri} />
            {settled.logout_uri !== null && <ToCopy label={words.logout} text={settled.logout_uri} />}
          </>
        )}
        {clinic.value.id && <ToCopy label={words.forNew} text={`${location.origin}/#clinic=${clinic.value.id}`} />}
      </section>
    </>
  );
}
