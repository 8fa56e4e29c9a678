// The cursor of the entry pad: which field the next digit goes to, when it moves on by itself, and what typing a value
// a second time means. Plain states and plain steps, so that every tap can be tried without a screen.

import { complete, impossible, open, ORDER, questions, swapped, values, type Draft, type Field, type Values, type Vital } from "./vitals";

export interface Typing {
  draft: Draft;
  /** The field of the cursor; null: all are filled, or the hand is elsewhere. */
  at: Vital | null;
  /** The next digit begins the field anew. */
  fresh: boolean;
  /** What stood in the field when it was begun anew. */
  again: string;
  /** The field was refused or asked about. Another value then waits for Enter: whoever types without looking must not
   * find every later number one field too early. */
  held: boolean;
  /** The last set in force before this one. */
  last: Values;
}

export type Fault = "impossible" | "swapped" | "asked";

/** What is wrong with a field, once its digits are all there or the cursor has left it. */
export function fault(state: Typing, vital: Vital): Fault | null {
  const digits = state.draft.digits[vital] ?? "";
  if (digits === "" || (vital === state.at && !state.fresh && !complete(vital, digits))) return null;
  return wrong(state, vital);
}

function wrong({ draft, last }: Typing, vital: Vital): Fault | null {
  if (impossible(vital, draft.digits[vital] ?? "")) return "impossible";
  if (vital === "diastolic" && swapped(values(draft))) return "swapped";
  return open(draft, last).has(vital) ? "asked" : null;
}

function done(state: Typing, vital: Vital): boolean {
  if (state.draft.not_measured[vital] !== undefined) return true;
  return (state.draft.digits[vital] ?? "") !== "" && wrong(state, vital) === null;
}

/** One digit. A value typed a second time answers the question about it. */
export function press(state: Typing, digit: string): Typing {
  const { at, draft, last } = state;
  if (at === null) return state;
  const before = draft.digits[at] ?? "";
  const anew = state.fresh || before.length >= 3;
  const typed = (anew ? "" : before) + digit;
  const again = anew ? before : state.again;
  const { [at]: _, ...not_measured } = draft.not_measured;
  const next: Draft = { ...draft, digits: { ...draft.digits, [at]: typed }, not_measured };
  const question = questions(values(next), last).get(at);
  if (question && again === typed) next.confirmed = { ...next.confirmed, [at]: question.key };
  const after: Typing = { ...state, draft: next, fresh: false, again };
  if (!complete(at, typed)) return after;
  if (wrong(after, at) !== null) return { ...after, fresh: true, held: true };
  return state.held && typed !== again ? { ...after, fresh: true } : onward(after);
}

/** To the next field that lacks something, from the cursor on and round; beyond the last one nowhere. */
export function onward(state: Typing): Typing {
  // two pressures that are asked about together are answered one after the other
  if (state.at === "diastolic" && wrong(state, "systolic") === "asked") return moved(state, "systolic");
  const from = state.at === null ? 0 : ORDER.indexOf(state.at) + 1;
  const round = [...ORDER.slice(from), ...ORDER.slice(0, from)];
  const next = round.find((vital) => !done(state, vital)) ?? null;
  return next === null ? nowhere(state) : moved(state, next);
}

const nowhere = (state: Typing): Typing => ({ ...state, at: null, fresh: false, again: "", held: false });

/** The cursor to one field. What stands there is begun anew by the next digit, and edited by Backspace. */
export function moved(state: Typing, to: Vital): Typing {
  if (state.at === to) return state;
  const filled = (state.draft.digits[to] ?? "") !== "";
  return { ...state, at: to, fresh: filled, again: "", held: filled && wrong(state, to) !== null };
}

/** Enter: on to the next field, unless this one is asked again or cannot be. */
export function enter(state: Typing): Typing {
  const { at, draft } = state;
  if (at === null) return onward(state);
  if ((draft.digits[at] ?? "") === "") {
    const next = ORDER[ORDER.indexOf(at) + 1];
    return next ? moved(state, next) : nowhere(state);
  }
  return wrong(state, at) === null ? onward(state) : { ...state, fresh: true, held: true };
}

/** Backspace: one digit back, or what was not measured, or one field back. */
export function erase(state: Typing): Typing {
  const { at, draft } = state;
  if (at === null) return moved(state, "spo2");
  const before = draft.digits[at] ?? "";
  if (draft.not_measured[at] !== undefined) {
    const { [at]: _, ...not_measured } = draft.not_measured;
    return { ...state, draft: { ...draft, not_measured } };
  }
  if (before !== "") return { ...state, fresh: false, again: "", draft: { ...draft, digits: { ...draft.digits, [at]: before.slice(0, -1) } } };
  const previous = ORDER[ORDER.indexOf(at) - 1];
  return previous ? moved(state, previous) : state;
}

/** Not measured, with the reason. A pressure that was not taken is both its numbers. */
export function notMeasured(state: Typing, field: Field, reason: string): Typing {
  const { draft } = state;
  const both = field === "systolic" && (draft.digits.diastolic ?? "") === "";
  const fields: Field[] = both ? ["systolic", "diastolic"] : [field];
  const next: Draft = { ...draft, digits: { ...draft.digits }, not_measured: { ...draft.not_measured } };
  for (const each of fields) {
    next.not_measured[each] = reason;
    if (isVital(each)) delete next.digits[each];
    else next[each] = null;
  }
  const after = { ...state, draft: next };
  return isVital(field) ? onward({ ...after, at: field }) : after;
}

/** A field that is not a number gets its value; a reason why it had none goes. */
export function chosen<F extends Exclude<Field, Vital>>(state: Typing, field: F, value: Draft[F]): Typing {
  const { [field]: _, ...not_measured } = state.draft.not_measured;
  return { ...state, draft: { ...state.draft, [field]: value, not_measured } };
}

export const isVital = (field: Field): field is Vital => (ORDER as Field[]).includes(field);
