import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { NoAnswer, Refused } from "../api";
import { refusalOf } from "../refusals";
import { words } from "../words";
import { type Option, Radios } from "./choice";

/** What is wrong, by field; "" for what concerns none. */
export type Faults = Record<string, string>;

export interface Form {
  busy: boolean;
  done: boolean;
  faults: Faults;
  /** What concerns no field. */
  fault: string;
  /** The form element: where the first field at fault is looked for. */
  ref: { current: HTMLFormElement | null };
  setFaults: (faults: Faults) => void;
  /** One act at a time, with what came of it. */
  run: (act: () => Promise<unknown>) => Promise<void>;
  /** Of a form: acts only where nothing is at fault. */
  submit: (check: () => Faults, act: () => Promise<unknown>) => (event: Event) => void;
}

/** What a refusal or failure says, for a person: every field at fault is named. */
export function said(failure: unknown): string {
  if (failure instanceof Refused) {
    const fields = (failure.problem.errors ?? []).map((each) => `${each.field}: ${each.message}`);
    return [refusalOf(failure.problem), ...fields].join(" · ");
  }
  if (failure instanceof NoAnswer) return words.notHeard;
  return words.notKeptHere;
}

/** A refusal by its fields, else as one sentence. */
export function faultsOf(failure: unknown): Faults {
  const fields = failure instanceof Refused ? (failure.problem.errors ?? []) : [];
  return fields.length === 0 ? { "": said(failure) } : Object.fromEntries(fields.map((each) => [each.field, each.message]));
}

/** The first field at fault gets the focus, in the middle of the screen: above the footer, below the patient's name. */
function toFault(within: ParentNode): void {
  const found = within.querySelector<HTMLElement>("[aria-invalid=true], .choice:has(.fault) input");
  const field = found?.matches("input, textarea, select") ? found : (found?.querySelector("input") ?? found);
  field?.focus({ preventScroll: true });
  (field ?? within.querySelector(".fault"))?.scrollIntoView({ block: "center" });
}

/** What every form and every button that saves has: one act at a time, faults beside their fields, the focus on the first. */
export function useForm(): Form {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const ref = useRef<HTMLFormElement>(null);
  const running = useRef(false);
  useEffect(() => {
    if (ref.current && Object.keys(faults).length > 0) toFault(ref.current);
  }, [faults]);
  const run = async (act: () => Promise<unknown>): Promise<void> => {
    // two quick taps come before the picture says that it is busy
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFaults({});
    setDone(false);
    try {
      await act();
      setDone(true);
    } catch (failure) {
      setFaults(faultsOf(failure));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const submit = (check: () => Faults, act: () => Promise<unknown>) => (event: Event): void => {
    event.preventDefault();
    const wrong = Object.fromEntries(Object.entries(check()).filter(([, fault]) => fault));
    if (Object.keys(wrong).length > 0) {
      setDone(false);
      setFaults(wrong);
    } else void run(act);
  };
  // what is at fault in a field that is not on the form is said with the rest
  const fault = faults[""] ?? "";
  return { busy, done, faults, fault, ref, setFaults, run, submit };
}

/** What came of the last act. */
export function Outcome({ form, fields = [] }: { form: Form; fields?: readonly string[] }): VNode {
  const elsewhere = Object.entries(form.faults).filter(([field]) => field !== "" && !fields.includes(field));
  const fault = [form.fault, ...elsewhere.map(([field, what]) => `${field}: ${what}`)].filter(Boolean).join(" · ");
  return (
    <p role="status" class={fault ? "fault" : "quiet"}>
      {form.busy ? words.saving : fault || (form.done ? words.kept : "")}
    </p>
  );
}

interface FieldProps {
  /** Where something else has to find it. */
  id?: string;
  label: string;
  value: string;
  set: (text: string) => void;
  fault?: string | undefined;
  hint?: string | undefined;
  kind?: "text" | "number" | "username" | "password" | "date";
  complete?: string;
  lines?: number;
  most?: number;
}

/** Something to type into, its hint and its fault said with it. */
export function Field({ id: given, label, value, set, fault, hint, kind = "text", complete = "off", lines, most }: FieldProps): VNode {
  const made = useId();
  const id = given ?? made;
  const told = [...(hint ? [`${id}-hint`] : []), ...(fault ? [`${id}-fault`] : [])].join(" ");
  const input = {
    id,
    autoComplete: complete,
    autoCapitalize: kind === "text" ? (lines ? ("sentences" as const) : ("words" as const)) : ("none" as const),
    spellcheck: false,
    maxLength: most,
    value,
    "aria-invalid": fault ? ("true" as const) : undefined,
    "aria-describedby": told || undefined,
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => set(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <span class="quiet" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {lines ? (
        <textarea rows={lines} {...input} />
      ) : kind === "password" || kind === "date" ? (
        <input type={kind} {...input} />
      ) : (
        <input type="text" inputMode={kind === "number" ? "decimal" : "text"} {...input} />
      )}
      {fault && (
        <span class="fault" role="alert" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

interface AskProps<V> {
  label: string;
  options: Option<V>[];
  picked: V | null;
  pick: (value: V) => void;
  fault?: string | undefined;
  /** One question a line: its answers stand beside it. */
  line?: boolean;
  children?: ComponentChildren;
}

/** One question with a few answers, none given beforehand. */
export function Ask<V extends string | number | boolean>({ label, options, picked, pick, fault, line, children }: AskProps<V>): VNode {
  const id = useId();
  return (
    <div class={line ? "ask" : "field"}>
      <span id={id}>{label}</span>
      <span class={line ? "row answers" : "picks"} role="radiogroup" aria-labelledby={id} aria-invalid={fault ? "true" : undefined} aria-describedby={fault ? `${id}-fault` : undefined}>
        <Radios options={options} picked={picked} pick={pick} />
      </span>
      {fault && (
        <span class="fault" role="alert" id={`${id}-fault`}>
          {fault}
        </span>
      )}
      {children}
    </div>
  );
}

interface FromListProps {
  label: string;
  list: Option<string>[];
  value: string;
  set: (value: string) => void;
  /** The label of the field for what is not on the list. */
  other: string;
  hint?: string | undefined;
  fault?: string | undefined;
}

/** From a list, and only as "other" in words of one's own. */
export function FromList({ label, list, value, set, other, hint, fault }: FromListProps): VNode {
  const listed = list.some((each) => each.value === value);
  const [free, setFree] = useState(value !== "" && !listed);
  const pick = (picked: string): void => {
    setFree(picked === OTHER);
    set(picked === OTHER ? "" : picked);
  };
  return (
    <Ask label={label} options={[...list, { value: OTHER, label: words.other }]} picked={free ? OTHER : listed ? value : null} pick={pick} fault={free ? undefined : fault}>
      {free && <Field label={other} value={value} set={set} most={80} hint={hint} fault={fault} />}
    </Ask>
  );
}
const OTHER = "\0other";
