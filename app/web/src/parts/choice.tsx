import type { VNode } from "preact";
import { useRef } from "preact/hooks";
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

/** One of a few, in one tap; with a keyboard by the arrows. */
export function Choice<V extends string | number | boolean>({ label, options, picked, pick, was, notMeasured, skip, fault, name }: ChoiceProps<V>): VNode {
  const group = useRef<HTMLSpanElement>(null);
  const step = (event: KeyboardEvent, place: number): void => {
    const way = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    if (way === 0) return;
    event.preventDefault();
    const next = (place + way + options.length) % options.length;
    pick(options[next]!.value);
    group.current?.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  const stop = options.findIndex((option) => option.value === picked);
  return (
    <div class="choice" data-field={name}>
      <span class="choice-label" id={`${name}-label`}>
        {label}
        {was !== undefined && <span class="label number">{was}</span>}
      </span>
      <span class="choice-options" role="radiogroup" ref={group} aria-labelledby={`${name}-label`} aria-describedby={fault ? `${name}-fault` : undefined}>
        {options.map((option, place) => (
          <button
            type="button"
            class="button"
            role="radio"
            key={String(option.value)}
            aria-checked={option.value === picked}
            aria-label={option.long}
            tabIndex={place === Math.max(0, stop) ? 0 : -1}
            onClick={() => pick(option.value)}
            onKeyDown={(event) => step(event, place)}
          >
            {option.label}
          </button>
        ))}
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
