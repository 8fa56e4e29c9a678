import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask, type Schemas } from "../api";
import { Choice } from "../parts/choice";
import { faultsOf, Field, useForm } from "../parts/form";
import { noticeFailure, own, token } from "../store";
import { firstWords } from "../words.first";
import { NewPassword, nothingChosen, passwordFault } from "./fields";
import { Go, NotHeard, Screen, useColleagues } from "./setup";

const words = firstWords.colleagues;
type Role = Schemas["Role"];
const ROLES = Object.entries(words.roles).map(([value, label]) => ({ value: value as Role, label }));

/** Who can sign in, and one more. */
export function Colleagues(): VNode {
  const colleagues = useColleagues();
  const roles = new Set(colleagues.found?.filter((each) => each.active).map((each) => each.role));
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
              </li>
            ))}
          </ul>
        )}
      </section>
      <Adding added={colleagues.again} />
    </Screen>
  );
}

function Adding({ added }: { added: () => void }): VNode {
  // one id for each colleague: the same request again, after an answer that was lost, makes nobody twice
  const [id, setId] = useState(() => crypto.randomUUID());
  const [name, setName] = useState("");
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role | null>(null);
  const [chosen, setChosen] = useState(nothingChosen);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState("");
  const { faults, setFaults, ref: form } = useForm();
  const clear = (): void => {
    setId(crypto.randomUUID());
    setName("");
    setUsername("");
    setRole(null);
    setChosen(nothingChosen);
  };
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setDone("");
    const wrong = [
      ["name", name.trim() ? "" : words.nameMissing],
      ["username", username.trim() ? "" : firstWords.usernameMissing],
      ["role", role ? "" : words.roleMissing],
      ["password", passwordFault(chosen) ?? ""],
    ].filter(([, fault]) => fault);
    setFaults(Object.fromEntries(wrong));
    if (wrong.length > 0 || role === null) return;
    setBusy(true);
    const bearer = token.value;
    try {
      const body = { name: name.trim(), username: username.trim(), role, active: true, password: chosen.password };
      await ask("put", "/v1/staff/{staff_id}", { staff_id: id }, body, own());
      setDone(words.added(body.name));
      clear();
      added();
    } catch (failure) {
      noticeFailure(failure, bearer);
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
      <NewPassword label={words.password} hint={words.tell} chosen={chosen} set={setChosen} fault={faults.password} />
      <button class="button primary" disabled={busy}>
        {words.save(name.trim())}
      </button>
      <p role="alert" class={faults[""] ? "fault" : ""}>
        {faults[""] ?? ""}
      </p>
      <p role="status">{done && <>&#10003; {done}</>}</p>
    </form>
  );
}
