// What somebody has said "seen" of. It is told to the service, so that no other tablet calls for it any more; a tablet
// that cannot be heard keeps it, and says it when it can.

import { effect, signal, untracked } from "@preact/signals";
import { ask, NoAnswer } from "./api";
import { noticeFailure, own, token } from "./store";
import { tick } from "./time";

/** Here or elsewhere: until the app is started anew, whoever is signed in. */
export const seen = signal<ReadonlySet<string>>(new Set());
export const isSeen = (ids: string[]): boolean => ids.every((id) => seen.value.has(id));

/** By session, what the service has not heard yet. */
const untold = new Map<string, Set<string>>();
const AGAIN_SECONDS = 5;
const PATIENCE_MS = 2_000;

export function say(session: string, ids: string[]): void {
  seen.value = new Set([...seen.value, ...ids]);
  untold.set(session, new Set([...(untold.get(session) ?? []), ...ids]));
  void tell();
}

async function tell(): Promise<void> {
  const bearer = token.value;
  if (bearer === null) return;
  for (const [session_id, ids] of [...untold]) {
    const alerts = [...ids];
    try {
      await ask("post", "/v1/alerts/seen", {}, { session_id, alerts }, own());
    } catch (failure) {
      noticeFailure(failure, bearer);
      // whoever only looks says it for this tablet alone
      if (failure instanceof NoAnswer) return;
    }
    for (const id of alerts) ids.delete(id);
    if (ids.size === 0) untold.delete(session_id);
  }
}

/** Takes what was seen elsewhere. Without an answer nothing was. */
export async function hearSeen(): Promise<void> {
  const answer = await ask("get", "/v1/alerts/seen", {}, undefined, { ...own(), timeout: PATIENCE_MS }).catch(() => null);
  if (answer !== null) seen.value = new Set([...seen.value, ...answer.body.items.map((each) => each.alert)]);
}

/** Says again what was not heard. */
export function followSeen(): void {
  effect(() => {
    if (tick.value % AGAIN_SECONDS === 0) untracked(() => void tell());
  });
}
