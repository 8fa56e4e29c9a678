/** Instants as the clinic's clock showed them. */

export interface Show {
  /** Day and time. */
  whole(text: unknown): string;
  /** The time alone where it is of the session's day. */
  time(text: unknown): string;
}

export function showIn(zone: string, day: unknown): Show {
  const form = (options: Intl.DateTimeFormatOptions) => {
    try {
      return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    } catch {
      // a zone that this browser does not know: the times as the pack has them
      return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    }
  };
  const [date, clock] = [form({ dateStyle: "medium" }), form({ timeStyle: "short", hourCycle: "h23" })];
  const at = (text: unknown) => {
    const found = new Date(String(text));
    return Number.isNaN(found.getTime()) ? null : found;
  };
  const whole = (text: unknown) => {
    const found = at(text);
    return found ? `${date.format(found)}, ${clock.format(found)}` : String(text ?? "");
  };
  const same = at(day);
  const time = (text: unknown) => {
    const found = at(text);
    return found && same && date.format(found) === date.format(same) ? clock.format(found) : whole(text);
  };
  return { whole, time };
}
