import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Choice } from "../parts/choice";
import { Outcome, useForm } from "../parts/form";
import { useScope } from "../scope";
import { firstWords } from "../words.first";
import type { Colleague } from "./setup";

const words = firstWords.colleagues;
type Role = Schemas["Role"];
export const ROLES = Object.entries(words.roles).map(([value, label]) => ({ value: value as Role, label }));
const MAY = [
  { value: true, label: words.may },
  { value: false, label: words.mayNot },
];

/** What a colleague does, and whether they may sign in: said first what a change ends. */
export function Change({ colleague, changed }: { colleague: Colleague; changed: () => void }): VNode {
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState(colleague.role);
  const [active, setActive] = useState(colleague.active);
  const form = useForm();
  const scope = useScope();
  const { id, name, username, revision } = colleague;
  const save = async (): Promise<void> => {
    await scope.ask("put", "/v1/staff/{staff_id}", { staff_id: id }, { name, username, role, active }, { headers: { "If-Match": `"${revision}"` } });
    setOpen(false);
    changed();
  };
  if (!open)
    return (
      <button type="button" class="button" onClick={() => setOpen(true)}>
        {words.change(name)}
      </button>
    );
  return (
    <form class="adding stack whole" noValidate ref={form.ref} onSubmit={form.submit(() => ({}), save)}>
      <Choice label={words.role} name={`role-${id}`} options={ROLES} picked={role} pick={setRole} />
      <Choice label={words.mayAsked(name)} name={`may-${id}`} options={MAY} picked={active} pick={setActive} />
      <p>{words.changeEnds(name)}</p>
      <span class="row acts">
        <button type="button" class="button plain" onClick={() => setOpen(false)}>
          {words.keep}
        </button>
        <button class="button primary" disabled={form.busy || (role === colleague.role && active === colleague.active)}>
          {words.saveChange(name)}
        </button>
      </span>
      <Outcome form={form} />
    </form>
  );
}
