import type { VNode } from "preact";
import { accountWords as words } from "../words.account";
import { Field } from "./form";

/** As the service asks for it; a test holds the two together. */
export const SHORTEST_PASSWORD = 15;

export interface Chosen {
  password: string;
  again: string;
  shown: boolean;
}
export const nothingChosen: Chosen = { password: "", again: "", shown: false };

/** What is wrong with a new password before the service is asked; it knows the rest. */
export function passwordFault({ password, again, shown }: Chosen): string | undefined {
  const has = [...password].length;
  if (has < SHORTEST_PASSWORD) return words.password.short(has, SHORTEST_PASSWORD);
  return shown || password === again ? undefined : words.password.differ;
}

/** A new password: typed twice, or shown. */
export function NewPassword({ label, chosen, set, fault, hint }: { label: string; chosen: Chosen; set: (chosen: Chosen) => void; fault?: string | undefined; hint?: string }): VNode {
  const rule = [words.password.rule(SHORTEST_PASSWORD), hint].filter(Boolean).join(" ");
  return (
    <>
      <Field
        label={label}
        hint={rule}
        kind={chosen.shown ? "username" : "password"}
        complete="new-password"
        value={chosen.password}
        set={(password) => set({ ...chosen, password })}
        fault={fault}
      />
      {!chosen.shown && <Field label={words.password.again} kind="password" complete="new-password" value={chosen.again} set={(again) => set({ ...chosen, again })} />}
      <span>
        <button type="button" class="button" aria-pressed={chosen.shown} onClick={() => set({ ...chosen, shown: !chosen.shown })}>
          {words.password.show}
        </button>
      </span>
    </>
  );
}
