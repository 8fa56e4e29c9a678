import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { EXCLUSIONS } from "../missing";
import { Field, Outcome, useForm } from "../parts/form";
import { Sign, useSigner } from "../parts/signer";
import type { View } from "../project";
import { load } from "../records";
import { useScope } from "../scope";
import type { Proof } from "../signing";
import { connected, person } from "../store";
import { words } from "../words";

/** A clinician lets a dose be given although these exclusions are present, and these items answered wrongly: signed, and
 * with a reason. */
export function SignOverride({ record, present, stops }: { record: View; present: (typeof EXCLUSIONS)[number][]; stops: string[] }): VNode {
  const [reason, setReason] = useState("");
  const signer = useSigner();
  const form = useForm();
  const scope = useScope();
  const says = { exclusions: [...present].sort(), reason, same_day: [...stops].sort() };
  const sign = (proof: () => Promise<Proof>): Promise<void> =>
    form.run(async () => {
      try {
        const body = { ...says, ...(await proof()) };
        await scope.ask("post", "/v1/sessions/{session_id}/screening/override", { session_id: record.id }, body);
        await load(record.id);
      } finally {
        signer.clear();
      }
    });
  return (
    <>
      <Field label={words.start.whyNot} lines={2} value={reason} set={setReason} />
      <Sign
        plain
        signer={signer}
        label={words.start.signOverride(person.value?.name ?? "")}
        toSign={{ sign: "screening-override", about: record.id, says }}
        act={sign}
        busy={form.busy}
        disabled={!reason.trim() || !connected.value}
      />
      <Outcome form={form} />
    </>
  );
}
