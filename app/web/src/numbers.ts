// The one reader of numbers that are typed outside the entry pad: decimal comma or point, no exponent, bounds in words.

import { words } from "./words";

export interface Bounds {
  /** The lowest and the highest that can be; 0 as the lowest of a decimal means above 0. */
  low: number;
  high: number;
  whole?: boolean;
  unit: string;
}

/** What the service takes, by the name of the field; a test holds the two together. */
export const BOUNDS = {
  dose_mg: { low: 0, high: 1000, unit: "mg" },
  planned_minutes: { low: 1, high: 1440, whole: true, unit: "min" },
  rate_ml_h: { low: 0, high: 2000, unit: "ml/h" },
  dose: { low: 0, high: 1_000_000, unit: "" },
  flow_l_min: { low: 0, high: 100, unit: "l/min" },
  weight_kg: { low: 20, high: 400, unit: "kg" },
  planned_sessions: { low: 1, high: 200, whole: true, unit: "sessions" },
  interval_days: { low: 1, high: 366, whole: true, unit: "days" },
} satisfies Record<string, Bounds>;

export type Read = { value: number; fault: null } | { value: null; fault: string | null };
const wrong = (fault: string): Read => ({ value: null, fault });

/** The number in a text. Nothing typed is neither a number nor a fault. */
export function readNumber(text: string, bounds: Bounds): Read {
  const typed = text.trim();
  if (typed === "") return { value: null, fault: null };
  const parts = /^(\d{1,9})(?:([.,])(\d{1,9}))?$/.exec(typed);
  if (parts === null) return wrong(words.numbers.notOne(typed));
  const [, integer = "", sign, places = ""] = parts;
  // 1,250 is a thousand and more to one reader and a little more than one to another
  if (sign && places.length === 3 && /^[1-9]\d{0,2}$/.test(integer)) return wrong(words.numbers.twoWays(typed, `${integer}${places}`, `${integer}${sign}${places.slice(0, 2)}`));
  if (bounds.whole && sign) return wrong(words.numbers.whole(typed));
  if (places.length > 3) return wrong(words.numbers.places(typed));
  const value = Number(`${integer}.${places || 0}`);
  const tooLow = bounds.whole || bounds.low > 0 ? value < bounds.low : value <= 0;
  if (tooLow || value > bounds.high) return wrong(words.numbers.outside(typed, bounds));
  return { value, fault: null };
}

/** A number as it is put back into a field. */
export const written = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
