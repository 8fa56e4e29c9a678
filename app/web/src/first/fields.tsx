import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Refused } from "../api";
import { said } from "../parts/saving";
import { firstWords as words } from "../words.first";

/** As the service asks for it; a test holds the two together. */
export const SHORTEST_PASSWORD = 15;

/** What is wrong, by field; "" for what concerns none. */
export type Faults = Record<string, string>;

/** A refusal by its fields, else as one sentence. */
export function faultsOf(failure: unknown): Faults {
  const fields = failure instanceof Refused ? (failure.problem.errors ?? []) : [];
  return fields.length === 0 ? { "": said(failure) } : Object.fromEntries(fields.map((each) => [each.field, each.message]));
}

interface FieldProps {
  label: string;
  value: string;
  set: (text: string) => void;
  fault?: string | undefined;
  hint?: string | undefined;
  kind?: "text" | "username" | "password";
  complete?: string;
}

/** One line to type into, its hint and its fault said with it. */
export function Field({ label, value, set, fault, hint, kind = "text", complete = "off" }: FieldProps): VNode {
  const id = useId();
  const told = [...(hint ? [`${id}-hint`] : []), ...(fault ? [`${id}-fault`] : [])].join(" ");
  const input = {
    id,
    autoComplete: complete,
    autoCapitalize: kind === "text" ? ("words" as const) : ("none" as const),
    spellcheck: false,
    value,
    "aria-invalid": fault ? ("true" as const) : undefined,
    "aria-describedby": told || undefined,
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement }) => set(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <span class="quiet" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {kind === "password" ? <input type="password" {...input} /> : <input type="text" {...input} />}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

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

interface Faulty {
  faults: Faults;
  setFaults: (faults: Faults) => void;
  form: { current: HTMLFormElement | null };
}

/** The faults that a form shows; the first field at fault gets the focus, so that it is seen and read out. */
export function useFaults(): Faulty {
  const [faults, setFaults] = useState<Faults>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("[aria-invalid], .choice:has(.fault) [role=radio]")?.focus(), [faults]);
  return { faults, setFaults, form };
}
