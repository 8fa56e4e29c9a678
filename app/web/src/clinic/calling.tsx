import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { LOUDNESS, settle } from "../calling";
import { NotHeard, Screen } from "../first/setup";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { useAsked, useScope } from "../scope";
import { clinicWords } from "../words.clinic";

const words = clinicWords.calling;
type Settings = Schemas["ClinicSettingsOut"];

/** How every tablet of the clinic calls. */
export function CallingScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/clinic/settings", {})).body);
  return (
    <Screen title={words.title} back="">
      {asked.found === null ? <NotHeard asked={asked} /> : <Form key={asked.found.revision} found={asked.found} again={asked.again} />}
    </Screen>
  );
}

function Form({ found, again }: { found: Settings; again: () => void }): VNode {
  const [loudest, setLoudest] = useState(found.loudest);
  const [quietest, setQuietest] = useState(found.quietest);
  const [vibration, setVibration] = useState(found.vibration);
  const [seconds, setSeconds] = useState(String(found.escalate_seconds));
  const form = useForm();
  const scope = useScope();
  const top = LOUDNESS.indexOf(loudest);
  const labelled = (labels: Record<(typeof LOUDNESS)[number], string>) => LOUDNESS.map((value) => ({ value, label: labels[value] }));
  const check = () => ({ escalate_seconds: /^\d{1,3}$/.test(seconds.trim()) ? "" : words.secondsFault });
  const save = async (): Promise<void> => {
    const bounds = { loudest, quietest: LOUDNESS.indexOf(quietest) > top ? loudest : quietest };
    const body = { ...bounds, vibration, escalate_seconds: Number(seconds) };
    const headers: Record<string, string> = found.revision > 0 ? { "If-Match": `"${found.revision}"` } : {};
    settle((await scope.ask("put", "/v1/clinic/settings", {}, body, { headers })).body);
    again();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
      <p>{words.why}</p>
      <Ask label={words.loudest} options={labelled(words.louds)} picked={loudest} pick={setLoudest} />
      {top > 0 && <Ask label={words.quietest} options={labelled(words.quiets).slice(0, top + 1)} picked={LOUDNESS.indexOf(quietest) > top ? loudest : quietest} pick={setQuietest} fault={form.faults.quietest} />}
      <Ask
        label={words.vibration}
        options={[
          { value: true, label: words.vibrates },
          { value: false, label: words.still },
        ]}
        picked={vibration}
        pick={setVibration}
      />
      <Field label={words.seconds} hint={words.secondsWhy} kind="number" most={3} value={seconds} set={setSeconds} fault={form.faults.escalate_seconds} />
      <button class="button primary" disabled={form.busy}>
        {words.save}
      </button>
      <Outcome form={form} fields={["quietest", "escalate_seconds"]} />
      <p class="quiet">{found.recorded_by ? words.by(found.recorded_by.name) : words.usual}</p>
    </form>
  );
}
