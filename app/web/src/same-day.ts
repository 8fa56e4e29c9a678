// The same-day check as the session's protocol asks it, and how it was answered. The service's start gate decides; this is
// what a screen needs to ask, to show, and to say what waits where the service cannot be heard.

import type { View } from "./project";
import { neededOf, type Item, type SameDay } from "./protocols";
import { clinicNow } from "./time";

export type Answer = "right" | "wrong";
const HOUR = 3_600_000;

/** Answers that hold now. One that was given too long before is none. */
export function heldAnswers({ screening }: View, { hours }: SameDay): Record<string, Answer> {
  const asked = screening?.asked_at;
  return screening && asked && clinicNow() <= Date.parse(asked) + hours * HOUR ? screening.same_day : {};
}

/** Whether it was asked, and too long before. */
export const isOld = (view: View, check: SameDay): boolean => view.screening?.asked_at != null && Object.keys(heldAnswers(view, check)).length === 0;

export interface OfToday {
  unanswered: Item[];
  /** Shown, and no more. */
  noted: Item[];
  /** Waits for a clinician's word; `cleared`: has it. */
  asking: Item[];
  cleared: Item[];
  stopping: Item[];
}

/** The items by what their answers come to; null where the protocol asks for none, or is not known on this tablet. */
export function ofToday(view: View): OfToday | null {
  const check = neededOf(view.protocol)?.same_day;
  if (!check || view.screening === null) return null;
  const held = heldAnswers(view, check);
  const signed = new Set(view.overrides.flatMap((each) => each.same_day));
  const wrong = check.items.filter(({ name }) => held[name] === "wrong");
  const open = wrong.filter(({ name }) => !signed.has(name));
  const asks = open.filter(({ if_wrong }) => if_wrong === "ask-clinician");
  const isCleared = ({ name }: Item): boolean => view.clearance?.same_day.includes(name) ?? false;
  return {
    unanswered: check.items.filter(({ name }) => held[name] === undefined),
    noted: wrong.filter(({ if_wrong }) => if_wrong === "note"),
    asking: asks.filter((item) => !isCleared(item)),
    cleared: asks.filter(isCleared),
    stopping: open.filter(({ if_wrong }) => if_wrong === "stop"),
  };
}

/** A wrong answer with its question. */
export const saidOf = ({ question, wrong }: Item): string => `${question} ${wrong}`;
