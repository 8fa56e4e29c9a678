import type { VNode } from "preact";
import { useId } from "preact/hooks";
import { words } from "../words";

export interface Option<V> {
  value: V;
  label: string;
  /** Said by a screen reader instead of the label. */
  long?: string;
}

interface ChoiceProps<V> {
  label: string;
  options: Option<V>[];
  picked: V | null;
  pick: (value: V) => void;
  /** What it was in the last set, beside and never inside. */
  was?: string | undefined;
  notMeasured?: string | undefined;
  /** Offers n/m: the reason is asked next. */
  skip?: (() => void) | undefined;
  fault?: string | undefined;
  name: string;
}

/** One of a few, in one tap: native radio buttons, so that arrows, screen readers and voice find what they know. */
export function Radios<V extends string | number | boolean>({ options, picked, pick }: Pick<ChoiceProps<V>, "options" | "picked" | "pick">): VNode {
  const group = useId();
  return (
    <>
      {options.map((option) => (
        <label class="button pick" key={String(option.value)}>
          <input type="radio" name={group} aria-label={option.long} checked={option.value === picked} onChange={() => pick(option.value)} />
          {option.label}
        </label>
      ))}
    </>
  );
}

/** A row of a form: its label, one of a few, and what it was. */
export function Choice<V extends string | number | boolean>({ label, options, picked, pick, was, notMeasured, skip, fault, name }: ChoiceProps<V>): VNode {
  return (
    <div class="choice" data-field={name}>
      <span class="choice-label" id={`${name}-label`}>
        {label}
        {was !== undefined && <span class="label number">{was}</span>}
      </span>
      <span class="choice-options" role="radiogroup" aria-labelledby={`${name}-label`} aria-describedby={fault ? `${name}-fault` : undefined}>
        <Radios options={options} picked={picked} pick={pick} />
      </span>
      {skip && (
        <button type="button" class="button skip" aria-pressed={notMeasured !== undefined} aria-label={`n/m: ${label} ${words.entry.notMeasured}`} onClick={skip}>
          n/m
        </button>
      )}
      {notMeasured !== undefined && <span class="quiet choice-note">n/m: {notMeasured}</span>}
      {fault && (
        <span class="fault choice-note" id={`${name}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}
