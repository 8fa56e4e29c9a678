// Which of two words of the service about one session is the newer. They come by several ways (a whole look, the board's
// line, the answer to a heartbeat) and in any order; the instant a verdict is judged at is no order: it goes back when a
// session closes. The version is: it only grows.

import type { Schemas } from "./api";

/** What is said of a flag beside its findings. */
export interface Word {
  version: number;
  digest: string | null;
  lapses_at: string | null;
}

/** A look as it is held here. */
export interface Look {
  version: number;
  known: "heard" | "made" | "kept" | "line" | "opened";
  readiness: { status: Schemas["Status"] | null; digest: string | null } | null;
}

/** Whether what is held came from the service in this sign-in and is of this version at least; else it is no look at all. */
export const reaches = (held: Look | undefined, version: number): boolean => held?.known === "heard" && held.version >= version;

/** Whether a look that has just come back takes the place of the held one: of equal ones the later, as only one is asked for
 * at a time. */
export const replaces = (found: Look, held: Look | undefined): boolean => !reaches(held, found.version + 1);

/** Whether a word about a flag says what the held look does not: of an older version it says nothing new. Of the same one
 * it does where it was judged later, by the clock alone. */
export function saysMore(word: { version: number; digest: string | null; status?: Schemas["Status"] | null }, held: Look | undefined): boolean {
  if (held === undefined || !reaches(held, word.version)) return true;
  const { digest, status } = held.readiness ?? { digest: null, status: null };
  return held.version === word.version && (digest !== word.digest || (word.status !== undefined && status !== word.status));
}

/** The newest of several words; of equal ones the one that lasts longest: a tablet that goes on being heard moves the
 * lapse and no version, and that it has fallen silent is said by the service. */
export function newest(first: Word, ...others: (Word | undefined)[]): Word {
  return others.reduce<Word>((best, each) => (each !== undefined && takesOver(each, best) ? each : best), first);
}

function takesOver(each: Word, best: Word): boolean {
  if (each.version !== best.version || each.digest !== best.digest) return each.version > best.version;
  return each.lapses_at !== null && best.lapses_at !== null && Date.parse(each.lapses_at) > Date.parse(best.lapses_at);
}

/** What the answer to a heartbeat says of a session that is open here. */
export interface Told {
  id: string;
  version?: number;
  readiness: { status: Schemas["Status"] | null; as_of: string | null; lapses_at: string | null; digest: string | null } | null;
}
