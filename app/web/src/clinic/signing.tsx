import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Ask, Outcome, useForm } from "../parts/form";
import { Sign, useSigner } from "../parts/signer";
import { useAsked, useScope } from "../scope";
import type { Proof } from "../signing";
import { clinic } from "../time";
import { clinicWords } from "../words.clinic";
import { firstWords } from "../words.first";

const words = clinicWords.signing;
const ASKED = firstWords.signing;
const OPTIONS = (["second-factor", "password"] as const).map((value) => ({ value, label: ASKED[value] }));

/** What a signature takes from now on: the lead signs for it, by what holds now. */
export function SigningScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/clinic/signing", {})).body);
  return (
    <Screen title={ASKED.asked} back="">
      {asked.found === null ? <NotHeard asked={asked} /> : <Form key={asked.found.revision} policy={asked.found} again={asked.again} />}
    </Screen>
  );
}

function Form({ policy, again }: { policy: Schemas["SigningOut"]; again: () => void }): VNode {
  const [signing, setSigning] = useState(policy.signing);
  const signer = useSigner();
  const form = useForm();
  const scope = useScope();
  const save = (proof: () => Promise<Proof>): Promise<void> =>
    form.run(async () => {
      try {
        await scope.ask("put", "/v1/clinic/signing", {}, { signing, ...(await proof()) }, { headers: { "If-Match": `"${policy.revision}"` } });
      } finally {
        signer.clear();
      }
      again();
    });
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={(event) => event.preventDefault()}>
      <p>{words.why}</p>
      <Ask label={ASKED.asked} options={OPTIONS} picked={signing} pick={setSigning} />
      <p>{words.means[signing]}</p>
      {signing !== policy.signing && <Sign signer={signer} label={words.save} toSign={{ sign: "signing-policy", about: clinic.value.id ?? "", says: { signing } }} act={save} busy={form.busy} />}
      <Outcome form={form} />
    </form>
  );
}
