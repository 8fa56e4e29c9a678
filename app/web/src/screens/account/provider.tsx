import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { NotHeard } from "../../parts/asked";
import { Field, Outcome, useForm } from "../../parts/form";
import { leave } from "../../provider/leave";
import { useAsked, useScope } from "../../scope";
import { pinIsOver } from "../../store";
import { accountWords } from "../../words.account";

const words = accountWords.identity;

/** One's identity at the clinic's provider: linked, or unlinked, by whoever knows the password. */
export function OwnIdentity(): VNode | null {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/account", {})).body);
  const [password, setPassword] = useState("");
  const form = useForm();
  const scope = useScope();
  const own = asked.found;
  if (own === null)
    return (
      <section class="card">
        <NotHeard asked={asked} waiting={words.notHeard} />
      </section>
    );
  const name = own.provider;
  if (name === null) return null;
  const link = async (): Promise<void> => {
    const { ticket } = (await scope.ask("post", "/v1/account/identity/begin", {}, { password })).body;
    await leave(scope, { ticket });
  };
  const unlink = async (): Promise<void> => {
    await scope.ask("post", "/v1/account/identity/unlink", {}, { password });
    await pinIsOver();
    setPassword("");
    asked.again();
  };
  const check = () => ({ password: password ? "" : words.passwordMissing });
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, own.linked ? unlink : link)}>
      <h2>{words.title(name)}</h2>
      <p>{own.linked ? words.linked(name) : words.notLinked(name)}</p>
      <p class="quiet">{words.signsNothing}</p>
      {own.has_password ? (
        <>
          {own.linked && <p class="quiet">{words.unlinkWhy}</p>}
          <Field label={words.password} kind="password" complete="current-password" value={password} set={setPassword} fault={form.faults.password} />
          <button class={own.linked ? "button" : "button primary"} disabled={form.busy}>
            {own.linked ? words.unlink : words.begin(name)}
          </button>
          <Outcome form={form} fields={["password"]} />
        </>
      ) : (
        <p>{words.noPassword}</p>
      )}
    </form>
  );
}
