import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Outcome, useForm } from "../parts/form";
import { address } from "../place";
import { useAsked, useScope } from "../scope";
import { person } from "../store";
import { clockText, dayText } from "../time";
import { accountWords } from "../words.account";
import { firstWords } from "../words.first";
import { NotHeard, Screen } from "./setup";

const words = firstWords.signedIn;
const where = accountWords.signIns;
type Somebody = Schemas["SignedInOut"];

/** Who of the clinic is signed in, where and since when; a lead ends all that is one person's. */
export function SignedInScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/sign-ins", {})).body.items);
  return (
    <Screen title={words.title} back="">
      <p>{words.why}</p>
      {asked.found === null ? <NotHeard asked={asked} /> : asked.found.map((each) => <One key={each.staff_id} somebody={each} ended={asked.again} />)}
      <p>
        <button type="button" class="button" onClick={asked.again}>
          {words.again}
        </button>
      </p>
    </Screen>
  );
}

function One({ somebody, ended }: { somebody: Somebody; ended: () => void }): VNode {
  const { staff_id, name, role } = somebody;
  const [sure, setSure] = useState(false);
  const form = useForm();
  const scope = useScope();
  const end = async (): Promise<void> => {
    await scope.ask("post", "/v1/staff/{staff_id}/sign-ins/end", { staff_id });
    setSure(false);
    ended();
  };
  return (
    <section class="card" aria-labelledby={`in-${staff_id}`}>
      <h2 id={`in-${staff_id}`}>
        {name}, {firstWords.colleagues.short[role]}
      </h2>
      <ul class="stack">
        {somebody.sign_ins.map((one) => (
          <li key={one.id} class="number">
            <b>
              {where.at(one.tablet_name)}
              {one.here && ` (${where.here})`}
            </b>
            <br />
            {[where.begun(dayText(one.begun_at), clockText(one.begun_at)), one.last_used_at === null ? where.locked : where.used(clockText(one.last_used_at)), ...(one.pin ? [where.pin] : [])].join(" \u00b7 ")}
          </li>
        ))}
      </ul>
      {staff_id === person.value?.staff_id ? (
        <a class="button" href={address({ screen: "account" })}>
          {words.own}
        </a>
      ) : (
        <>
          {sure && <p>{words.means(name)}</p>}
          <button type="button" class="button" disabled={form.busy} onClick={() => (sure ? void form.run(end) : setSure(true))}>
            {sure ? words.sure(name) : words.end(name)}
          </button>
          {form.fault && <Outcome form={form} />}
        </>
      )}
    </section>
  );
}
