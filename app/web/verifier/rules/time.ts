/** Instants as whole microseconds of UTC: exact in a number, and never a float in between. */

export type Instant = number;

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?Z$/;

/** Throws where the text is not an instant as the pack spells one: UTC, with six decimal places or none. */
export function instant(text: string): Instant {
  const found = FORM.exec(text);
  if (!found) throw new Error(`${text} is no instant of UTC`);
  const [, year, month, day, hour, minute, second, fraction] = found.map(Number) as number[];
  const milliseconds = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  const back = new Date(milliseconds);
  if (back.getUTCMonth() !== month! - 1 || back.getUTCDate() !== day! || back.getUTCHours() !== hour!) {
    throw new Error(`${text} is no instant of UTC`);
  }
  return milliseconds * 1000 + (found[7] === undefined ? 0 : fraction!);
}

/** The same instant as text. */
export function text(at: Instant): string {
  const micros = ((at % SECOND) + SECOND) % SECOND;
  const whole = new Date((at - micros) / 1000).toISOString().slice(0, 19);
  return micros === 0 ? `${whole}Z` : `${whole}.${String(micros).padStart(6, "0")}Z`;
}
