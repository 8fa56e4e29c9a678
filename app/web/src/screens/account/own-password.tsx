import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Field, Outcome, useForm } from "../../parts/form";
import { NewPassword, nothingChosen, passwordFault } from "../../parts/password";
import { useScope } from "../../scope";
import { pinIsOver } from "../../store";
import { accountWords } from "../../words.account";

const words = accountWords.own;

/** Another password, by whoever knows the one there is. */
export function OwnPassword(): VNode {
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState(nothingChosen);
  const [changed, setChanged] = useState(false);
  const form = useForm();
  const scope = useScope();
  const change = async (): Promise<void> => {
    setChanged(false);
    await scope.ask("post", "/v1/account/password", {}, { password: old, new_password: chosen.password });
    await pinIsOver();
    setOld("");
    setChosen(nothingChosen);
    setChanged(true);
  };
  const check = () => ({ password: old ? "" : words.old, new_password: passwordFault(chosen) ?? "" });
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, change)}>
      <h2>{words.title}</h2>
      <p>{words.why}</p>
      <Field label={words.old} kind="password" complete="current-password" value={old} set={setOld} fault={form.faults.password} />
      <NewPassword label={words.choose} chosen={chosen} set={setChosen} fault={form.faults.new_password} />
      <button class="button primary" disabled={form.busy}>
        {words.set}
      </button>
      {changed ? <p role="status">&#10003; {words.changed}</p> : <Outcome form={form} fields={["password", "new_password"]} />}
    </form>
  );
}
