import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Vital } from "../vitals";
import { words } from "../words";

interface VitalFieldProps {
  vital: Vital;
  label: string;
  unit: string;
  digits: string;
  at: boolean;
  notMeasured: string | undefined;
  was: string | null;
  fault: string | null;
  hint: string | null;
  focus: () => void;
  press: (digit: string) => void;
  erase: () => void;
  enter: () => void;
  /** Digits that came in one piece: pasted or dictated. */
  whole: (digits: string) => void;
}

/** One number. The tablet's own keyboard stays away; a real one, and a screen reader, find a plain text field. */
export function VitalField(props: VitalFieldProps): VNode {
  const { vital, label, unit, digits, at, notMeasured, was, fault, hint } = props;
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) props.press(event.key);
    else if (event.key === "Backspace") props.erase();
    else if (event.key === "Enter") props.enter();
    else if (event.key.length === 1) return event.preventDefault();
    else return;
    event.preventDefault();
  };
  const input = (event: InputEvent & { currentTarget: HTMLInputElement }): void => {
    const typed = event.currentTarget.value.replaceAll(/\D/g, "").slice(0, 3);
    event.currentTarget.value = digits;
    props.whole(typed);
  };
  const notes = [`${vital}-was`, ...(fault || hint ? [`${vital}-note`] : [])].join(" ");
  return (
    <div class={`vital vital-${vital}${at ? " at" : ""}${fault ? " faulty" : ""}`}>
      <label class="vital-label" for={vital}>
        {label} <span class="label">{unit}</span>
      </label>
      <input
        id={vital}
        class="vital-value number"
        inputMode="none"
        autoComplete="off"
        autoCorrect="off"
        spellcheck={false}
        enterKeyHint="next"
        value={notMeasured === undefined ? digits : "n/m"}
        aria-invalid={fault !== null}
        aria-describedby={notes}
        onFocus={props.focus}
        onKeyDown={key}
        onInput={input}
      />
      <span class="label number" id={`${vital}-was`}>
        {notMeasured === undefined ? was : `n/m: ${notMeasured}`}
      </span>
      {(fault ?? hint) && (
        <span class={fault ? "fault vital-note" : "concern vital-note"} id={`${vital}-note`}>
          {fault ?? hint}
        </span>
      )}
    </div>
  );
}

interface PadProps {
  disabled: boolean;
  press: (digit: string) => void;
  erase: () => void;
  enter: () => void;
  skip: () => void;
}

/** The number pad. A tap leaves the focus in its field. */
export function Pad({ disabled, press, erase, enter, skip }: PadProps): VNode {
  const still = (event: Event): void => event.preventDefault();
  const key = (label: string, tap: () => void, name?: string, wide = ""): VNode => (
    <button type="button" key={label} class={`button key ${wide}`} tabIndex={-1} aria-label={name} disabled={disabled} onPointerDown={still} onMouseDown={still} onClick={tap}>
      {label}
    </button>
  );
  return (
    <div class="pad" role="group" aria-label={words.entry.pad}>
      {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => key(digit, () => press(digit)))}
      {key("n/m", skip, `n/m: ${words.entry.notMeasured}`, "small")}
      {key("0", () => press("0"))}
      {key("⌫", erase, words.entry.erase)}
      {key(words.entry.next, enter, undefined, "wide")}
    </div>
  );
}

/** Why a field has no value: one tap on a reason. */
export function Reasons({ title, reasons, pick, cancel }: { title: string; reasons: readonly string[]; pick: (reason: string) => void; cancel: () => void }): VNode {
  const [other, setOther] = useState("");
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector("button")?.focus({ preventScroll: true }), []);
  return (
    <div class="reasons stack" role="group" aria-label={title}>
      <h2>{title}</h2>
      <div class="reason-list" ref={list}>
        {reasons.map((reason) => (
          <button type="button" key={reason} class="button" onClick={() => pick(reason)}>
            {reason}
          </button>
        ))}
      </div>
      <label class="field">
        <span class="quiet">{words.entry.otherReason}</span>
        <input maxLength={200} autoComplete="off" value={other} onInput={(event) => setOther(event.currentTarget.value)} />
      </label>
      <span class="row">
        <button type="button" class="button" disabled={other.trim() === ""} onClick={() => pick(other.trim())}>
          {words.entry.keepReason}
        </button>
        <button type="button" class="button plain" onClick={cancel}>
          {words.back}
        </button>
      </span>
    </div>
  );
}
