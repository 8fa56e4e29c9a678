// The session on the screen: as the service has it, with what this tablet has typed and not yet sent laid over it.
// Readiness is never worked out here: without the service it is unknown.

import { computed, effect, signal } from "@preact/signals";
import { ask, Refused, type Schemas } from "./api";
import { items, type Kept } from "./outbox";
import { clear, shelve, sweep, unshelve } from "./shelf";
import { board, connected, demo, noticeFailure, openSessions, outbox, own, person, sealingKey } from "./store";

/** `readiness` and `baseline` are null for a session that was made on this tablet and is not in the record yet. */
export type Session = Omit<Schemas["SessionOut"], "readiness" | "baseline"> & {
  readiness: Schemas["ReadinessOut"] | null;
  baseline: Schemas["BaselineOut"] | null;
};
export type Reading = Schemas["ReadingOut"];
export type Event = Schemas["EventOut"];
export type Finding = Schemas["FindingOut"];

const held = signal<Map<string, Session>>(new Map());
/** What was wrong with the last look at a session, for its screen. */
export const missing = signal<string | null>(null);

export function session(id: string): Session | undefined {
  return held.value.get(id);
}

/** Items of this session that the service does not have yet, oldest first. */
export function waiting(id: string): Kept[] {
  return items.value.filter((kept) => kept.item.session_id === id && kept.state !== "in the record");
}

/** Loads one session anew. Keeps what was there where the service cannot be heard. */
export async function load(id: string): Promise<void> {
  const asked = own();
  try {
    const answer = await ask("get", "/v1/sessions/{session_id}", { session_id: id }, undefined, asked);
    demo.value = answer.body.demo;
    if (person.value === null) return; // locked meanwhile
    hold(id, answer.body);
    missing.value = null;
  } catch (failure) {
    noticeFailure(failure, asked.token);
    if (failure instanceof Refused) missing.value = failure.problem.detail;
  }
}

const CLOSED = new Set(["discharged", "cancelled", "transferred", "left-against-advice"]);

/** Holds a session: as the service has it, or as it was made on this tablet until the service has it. */
export function hold(id: string, made: Session): void {
  held.value = new Map(held.value).set(id, made);
  const key = sealingKey.value;
  // what cannot be kept for a start without a network is only missed then
  if (key !== null) void (CLOSED.has(made.state) ? clear(id) : shelve(key, id, { ...made, readiness: null }, Date.now())).catch(() => undefined);
}

/** Puts a session on the screen as it was last seen here, where the service cannot be asked. */
async function recall(id: string): Promise<void> {
  const key = sealingKey.value;
  const kept = key === null ? null : await unshelve<Session>(key, id).catch(() => null);
  if (kept !== null && person.value !== null && !held.value.has(id)) held.value = new Map(held.value).set(id, kept);
}

/** Opens a session on the screen: the service is told, and it is loaded again whenever it moves. */
export function watch(id: string): () => void {
  openSessions.value = [...new Set([...openSessions.value, id])];
  void recall(id);
  void load(id);
  const version = computed(() => {
    const item = board.value.get(id);
    return item ? JSON.stringify(item) : "";
  });
  const stopFollowing = effect(() => {
    version.value;
    if (connected.value && person.value) void load(id);
  });
  return () => {
    stopFollowing();
    openSessions.value = openSessions.value.filter((open) => open !== id);
  };
}

outbox.onRecorded((item) => {
  if (item.session_id && held.value.has(item.session_id)) void load(item.session_id);
});
effect(() => {
  // locked: nothing of a patient stays in memory
  if (person.value === null) held.value = new Map();
});
void sweep(Date.now()).catch(() => undefined);
