import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Outcome, useForm } from "../../parts/form";
import { NewPassword, nothingChosen, passwordFault } from "../../parts/password";
import { changeGiven, leaveGiven } from "../../store";
import { accountWords } from "../../words.account";

const words = accountWords.given;

/** Somebody signed in with a password that somebody else had chosen: their own comes first. */
export function GivenPassword(): VNode {
  const [chosen, setChosen] = useState(nothingChosen);
  const form = useForm();
  const check = () => ({ new_password: passwordFault(chosen) ?? "" });
  return (
    <main class="page narrow stack">
      <h1>{words.title}</h1>
      <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, () => changeGiven(chosen.password))}>
        <p>{words.why}</p>
        <NewPassword label={words.choose} chosen={chosen} set={setChosen} fault={form.faults.new_password} />
        <button class="button primary" disabled={form.busy}>
          {words.set}
        </button>
        <Outcome form={form} fields={["new_password"]} />
      </form>
      <button class="button plain" onClick={leaveGiven}>
        {words.leave}
      </button>
    </main>
  );
}
