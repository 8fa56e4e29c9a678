import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../../api";
import { invitation, keepInvitation } from "../../invited";
import { NotHeard } from "../../parts/asked";
import { Outcome, useForm } from "../../parts/form";
import { go } from "../../place";
import { NewPassword, nothingChosen, passwordFault } from "../../parts/password";
import { useAsked, useScope } from "../../scope";
import { signIn } from "../../store";
import { leave } from "../../provider/leave";
import { accountWords } from "../../words.account";

const words = accountWords.invited;
const SIGNS = new Set(["clinician", "lead"]);

/** Whoever opens an invitation sees whose account it is, and chooses its password. */
export function Invited(): VNode {
  const token = invitation.value;
  const asked = useAsked(async ({ ask }) => (await ask("post", "/v1/invitations/open", {}, { token })).body);
  const [chosen, setChosen] = useState(nothingChosen);
  const form = useForm();
  const scope = useScope();
  const staff = asked.found?.staff ?? null;
  const set = async (): Promise<void> => {
    try {
      await scope.ask("post", "/v1/invitations/accept", {}, { token, password: chosen.password });
    } catch (failure) {
      // used by now, maybe by this very page whose answer was lost: said whole, in place of the form
      if (failure instanceof Refused && failure.problem.status === 404) asked.again();
      throw failure;
    }
    keepInvitation("");
    // whoever signs sees what they sign with before a patient waits for it
    if (SIGNS.has(staff?.role ?? "")) go({ screen: "account" });
    // where signing in fails now, the sign-in takes over
    await signIn(staff?.username ?? "", chosen.password).catch(() => undefined);
  };
  return (
    <main class="page narrow stack">
      <h1>{words.title}</h1>
      {staff === null || asked.refused ? (
        <NotHeard asked={asked} waiting={words.asking} />
      ) : (
        <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ password: passwordFault(chosen) ?? "" }), set)}>
          <p>
            <b>{words.welcome(staff.name, staff.clinic)}</b>
          </p>
          <p>
            {words.username} <b>{staff.username}</b>, {words.role[staff.role]}
          </p>
          <p>{words.why}</p>
          <input type="hidden" name="username" autoComplete="username" value={staff.username} />
          <NewPassword label={words.choose} chosen={chosen} set={setChosen} fault={form.faults.password} />
          <button class="button primary" disabled={form.busy}>
            {words.set}
          </button>
          <Outcome form={form} fields={["password"]} />
          {asked.found?.provider && <Instead name={asked.found.provider} there={() => leave(scope, { invitation: token })} />}
          <p class="quiet">{words.notYou}</p>
        </form>
      )}
      <button class="button plain" onClick={() => keepInvitation("")}>
        {words.leave}
      </button>
    </main>
  );
}

/** Who signs in with the clinic's provider needs no password of their own to chart. The invitation is used there and back. */
function Instead({ name, there }: { name: string; there: () => Promise<void> }): VNode {
  const form = useForm();
  const act = async (): Promise<void> => {
    await there();
    keepInvitation("");
  };
  return (
    <>
      <p class="quiet">{accountWords.insteadOfPassword(name)}</p>
      <button type="button" class="button" disabled={form.busy} onClick={() => void form.run(act)}>
        {accountWords.signInWith(name)}
      </button>
      {form.fault && (
        <p class="fault" role="alert">
          {form.fault}
        </p>
      )}
    </>
  );
}
