import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Choice } from "../parts/choice";
import { faultsOf, Field, useForm } from "../parts/form";
import { useScope } from "../scope";
import { person } from "../store";
import { firstWords } from "../words.first";
import { Change, ROLES } from "./change";
import { Invitation, invite, InviteAgain, invitedBy, type Invited } from "./invitation";
import { Go, NotHeard, Screen, useColleagues } from "./setup";

const words = firstWords.colleagues;

/** Who can sign in, and one more. */
export function Colleagues(): VNode {
  const colleagues = useColleagues();
  const roles = new Set(colleagues.found?.filter((each) => each.active).map((each) => each.role));
  const [invited, setInvited] = useState<Invited | null>(null);
  const enough = roles.has("nurse") && roles.has("clinician");
  return (
    <Screen title={words.title} back="" foot={<Go part="" label={firstWords.setup.toSetup} primary={enough} />}>
      <section class="card">
        <h2>{words.who}</h2>
        {colleagues.found === null ? (
          <NotHeard asked={colleagues} />
        ) : (
          <ul class="stack">
            {colleagues.found.map((each) => (
              <li key={each.id}>
                {each.name}, {words.short[each.role]} <span class="quiet">{each.username}</span>
                {!each.active && <b> {words.inactive}</b>}
                {each.id !== person.value?.staff_id && (
                  <div class="row under-name">
                    {each.active && <InviteAgain colleague={each} invited={setInvited} />}
                    <Change key={each.revision} colleague={each} changed={colleagues.again} />
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
      {invited && <Invitation key={invited.link} {...invited} />}
      <Adding
        added={(made) => {
          setInvited(made);
          colleagues.again();
        }}
      />
    </Screen>
  );
}

function Adding({ added }: { added: (made: Invited) => void }): VNode {
  // one id for each colleague: the same request again, after an answer that was lost, makes nobody twice
  const [id, setId] = useState(() => crypto.randomUUID());
  const [name, setName] = useState("");
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<(typeof ROLES)[number]["value"] | null>(null);
  const [busy, setBusy] = useState(false);
  const { faults, setFaults, ref: form } = useForm();
  const scope = useScope();
  const clear = (): void => {
    setId(crypto.randomUUID());
    setName("");
    setUsername("");
    setRole(null);
  };
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const wrong = [
      ["name", name.trim() ? "" : words.nameMissing],
      ["username", username.trim() ? "" : firstWords.usernameMissing],
      ["role", role ? "" : words.roleMissing],
    ].filter(([, fault]) => fault);
    setFaults(Object.fromEntries(wrong));
    if (wrong.length > 0 || role === null) return;
    setBusy(true);
    try {
      const body = { name: name.trim(), username: username.trim(), role, active: true };
      const made = await scope.ask("put", "/v1/staff/{staff_id}", { staff_id: id }, body);
      // made before, and that answer with its link was lost: another link
      const invitation = made.body.invitation ?? (await invite(scope, id));
      clear();
      added(invitedBy(body.name, invitation));
    } catch (failure) {
      setFaults(faultsOf(failure));
    }
    setBusy(false);
  };
  return (
    <form class="card adding" noValidate ref={form} onSubmit={(event) => void add(event)}>
      <h2>{words.add}</h2>
      <Field label={words.name} value={name} set={setName} fault={faults.name} />
      <Choice label={words.role} name="role" options={ROLES} picked={role} pick={setRole} fault={faults.role} />
      <Field label={firstWords.username} kind="username" value={username} set={setUsername} fault={faults.username} />
      <p>{words.invites}</p>
      <button class="button primary" disabled={busy}>
        {words.save(name.trim())}
      </button>
      <p role="alert" class={faults[""] ? "fault" : ""}>
        {faults[""] ?? ""}
      </p>
    </form>
  );
}
