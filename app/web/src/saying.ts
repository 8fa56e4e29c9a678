// What a heartbeat says of this tablet, and what is said when its page goes.

import type { Asked, Schemas } from "./api";
import { countDrafts, sessionsOf } from "./drafts";
import { known } from "./epoch";
import { items } from "./outbox";
import { prove, reserve } from "./proving";
import { offset } from "./time";

/** The most sessions that one heartbeat names. */
const MOST_NAMED = 20;

/** `shown`: the sessions that are open on the screen; `count`: of what lies here and is not in the record. */
export async function whatToSay(shown: readonly string[], count: () => Promise<number>): Promise<{ said: Schemas["ContactIn"]; unfinished: readonly string[] }> {
  // a session of which something still lies here counts as open, whatever the screen shows
  const waiting = items.value.flatMap((kept) => (kept.state !== "in the record" && kept.item.session_id ? [kept.item.session_id] : []));
  const open_sessions = [...new Set([...shown, ...waiting])].slice(0, MOST_NAMED);
  // counted where it lies: another tab may have put something there
  const unfinished = await countDrafts();
  const drafts = sessionsOf(unfinished).slice(0, MOST_NAMED);
  return { said: { unsent: await count(), open_sessions, drafts, clock_offset_ms: offset() ?? 0, epoch: known() }, unfinished };
}

let goodbye: { bearer: string; number: number; url: string; request: RequestInit } | null = null;

/** Makes ready what is said when the page goes: nothing is open here any more. There is no time then to sign it. Of this and
 * the heartbeat the later number counts, whichever comes first: the number for the heartbeat, to be sent only now. */
export async function prepareGoodbye(asked: Asked, tablet_id: string, said: Schemas["ContactIn"]): Promise<number | undefined> {
  const bearer = asked.token!;
  const url = `/v1/tablets/${tablet_id}/contact`;
  const body = JSON.stringify({ ...said, open_sessions: [] });
  const headers: Record<string, string> = { ...asked.headers, Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" };
  const number = await reserve(2);
  if (number !== null) {
    const proof = await prove("PUT", url, body, headers, number);
    if (proof !== null) headers["X-Tablet-Proof"] = proof;
  }
  // another heartbeat may have been made ready meanwhile
  const later = goodbye?.bearer === bearer && goodbye.number > (number ?? 0);
  if (!later) goodbye = { bearer, number: number ?? 0, url, request: { method: "PUT", keepalive: true, credentials: "omit", headers, body } };
  return number === null ? undefined : number - 1;
}

/** What the browser still sends for a page that is gone. */
export function sayGoodbye(bearer: string): void {
  if (goodbye?.bearer === bearer) void fetch(goodbye.url, goodbye.request).catch(() => undefined);
}
