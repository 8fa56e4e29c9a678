// When something was, as one fact: the time and the doubt about it are taken together, at the first touch. Which of them
// is worth more can turn out later: a tablet that hears the service again knows how long ago the touch was.

import { clocks, type Clocks } from "./reckoning";
import { clinicNow, offsetOfStamp, pace } from "./time";

/** A touch: what this tablet took the clinic's time to be, how far that may be off, and its own clocks then. */
export interface Touch extends Clocks {
  clinic: number;
  offset: number;
  /** Which run of the page: only within one do its clocks go on. */
  run: string;
}

const RUN = crypto.randomUUID();
/** The two clocks of the page went on alike, as far as a second counts. */
const ALIKE_MS = 1_000;

export const touch = (): Touch => ({ clinic: clinicNow(), offset: offsetOfStamp(), run: RUN, ...clocks() });

const MOST = 50;
const touches = new Map<number, Touch>();
/** The clinic's time at this touch. What is known of it is remembered by that very number. */
export function touched(): number {
  const made = touch();
  touches.set(made.clinic, made);
  if (touches.size > MOST) touches.delete(touches.keys().next().value!);
  return made.clinic;
}
/** What is known of a time that `touched` gave; null: a person set it, or it is from an earlier run. */
export const touchAt = (at: number): Touch | null => touches.get(at) ?? null;

/** The instant a person meant, and how far the tablet's stamp may be off. `at`: what stands on the screen; where a person
 * set it, it stays. */
export function meant(at: number, first: Touch | null = touchAt(at)): { at: number; offset: number } {
  if (first === null) return { at, offset: offsetOfStamp() };
  if (first.clinic !== at) return { at, offset: first.offset };
  const now = clocks();
  const [steady, wall] = [now.ticks - first.ticks, now.date - first.date];
  // the tablet slept, or its clock was set, or the page began anew: what was taken then is all that is known
  if (first.run !== RUN || Math.abs(steady - wall) > ALIKE_MS) return { at, offset: first.offset };
  return { at: clinicNow() - steady * pace(), offset: offsetOfStamp() };
}
