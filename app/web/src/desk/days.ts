// A day of the clinic's calendar as the service asks for it: the instant at which it begins.

import { clinic } from "../time";

const at = (epoch: number): number => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: clinic.value.timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(epoch);
  const told = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return Date.UTC(told("year"), told("month") - 1, told("day"), told("hour"), told("minute"), told("second"));
};

/** The instant at which a day (year-month-day) begins in the clinic, or one `after` it. */
export function dayBegins(day: string, after: number): string {
  const wanted = Date.parse(`${day}T00:00:00Z`) + after * 86_400_000;
  // twice: the first guess may lie on the other side of a change of the clocks
  const guess = wanted - (at(wanted) - wanted);
  return new Date(guess - (at(guess) - wanted)).toISOString();
}
