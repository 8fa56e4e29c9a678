import type { VNode } from "preact";
import type { Typing } from "../typing";
import { INSTRUMENTS, scoreFault } from "../vitals";
import { words } from "../words";

type Dissociation = Typing["draft"]["dissociation"];

/** The total of an instrument, beside the nurse's own grade and never instead of it. */
export function Score({ dissociation, set }: { dissociation: Dissociation; set: (dissociation: Dissociation) => void }): VNode | null {
  if (dissociation === null) return null;
  const { grade } = dissociation;
  const picked = INSTRUMENTS.findIndex((each) => each.instrument === dissociation.instrument && each.version === dissociation.version);
  const used = INSTRUMENTS[picked];
  const fault = scoreFault(dissociation);
  const choose = (place: number): void => {
    const next = INSTRUMENTS[place];
    set(next ? { grade, instrument: next.instrument, version: next.version, score: null } : { grade });
  };
  return (
    <span class="row">
      <label class="field">
        <span>{words.entry.score}</span>
        <select value={picked} onChange={(event) => choose(Number(event.currentTarget.value))}>
          <option value={-1}>{words.entry.none}</option>
          {INSTRUMENTS.map((each, place) => (
            <option key={each.version} value={place}>
              {each.instrument.toUpperCase()} {each.version}
            </option>
          ))}
        </select>
      </label>
      {used && (
        <label class="field">
          <span>0–{used.most}</span>
          <input
            inputMode="numeric"
            autoComplete="off"
            aria-invalid={fault ? "true" : undefined}
            value={dissociation.score ?? ""}
            onInput={(event) => {
              const digits = event.currentTarget.value.replaceAll(/\D/g, "").slice(0, 3);
              const score = digits === "" ? null : Number(digits);
              event.currentTarget.value = score === null ? "" : String(score);
              set({ ...dissociation, score });
            }}
          />
          {fault && (
            <span class="fault" role="alert">
              {fault}
            </span>
          )}
        </label>
      )}
    </span>
  );
}
