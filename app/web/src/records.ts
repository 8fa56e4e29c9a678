// The session on the screen: as the service has it, with what this tablet has typed and not yet sent laid over it.
// Readiness is never worked out here: without the service it is unknown.

import { computed, effect, signal, untracked } from "@preact/signals";
import { ask, NoAnswer, Refused, type Schemas } from "./api";
import { items, type Kept } from "./outbox";
import { replaces } from "./looks";
import { fromLine } from "./outlines";
import { clearSession, lastBoard, shelveSession, unshelveSession } from "./shelf";
import { board, connected, isDemo, noticeFailure, openSessions, outbox, own, person, toldOf } from "./store";
import { spoken, tick } from "./time";

export type Finding = Schemas["FindingOut"];

/** `readiness` and `baseline` are null where the service has not been asked. */
export type Session = Omit<Schemas["SessionOut"], "readiness" | "baseline"> & {
  readiness: Schemas["ReadinessOut"] | null;
  baseline: Schemas["BaselineOut"] | null;
  /** The protocol's numbers by criterion, as this tablet last heard them: what a set is asked for hangs on them. */
  limits: Partial<Record<Schemas["Criterion"], Finding["limits"]>>;
  /** How this tablet knows it: from the service in this sign-in; made here and not in the record yet; kept here since it
   * was last looked at; or no more of it than its line on the board. */
  known: "heard" | "made" | "kept" | "line";
  /** Which of this page's questions it answers, in their order; 0: none. */
  asked: number;
};
export type Reading = Schemas["ReadingOut"];
export type Event = Schemas["EventOut"];

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

/** What people call a tablet: the name it is enrolled under, else the beginning of its id. */
export const tabletName = (record: Session, id: string): string => record.tablets[id] ?? id.slice(0, 8);

/** A sentence of the service about this session: times as the clinic's clock shows them, tablets by their names. */
export function told(record: Session, sentence: string): string {
  return spoken(sentence).replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (id) => `“${tabletName(record, id)}”`);
}

let questions = 0;

/** Loads one session anew. Keeps what was there where the service cannot be heard. */
export async function load(id: string): Promise<void> {
  const asked = own();
  const question = (questions += 1);
  try {
    if (asked.token === null) throw new NoAnswer("nobody is signed in with the service");
    const { body } = await ask("get", "/v1/sessions/{session_id}", { session_id: id }, undefined, asked);
    isDemo(body.demo);
    if (person.value === null) return; // locked meanwhile
    missing.value = null;
    const limits = Object.fromEntries(body.readiness.findings.map((each) => [each.criterion, each.limits]));
    const found: Session = { ...body, known: "heard", asked: question, limits };
    // two looks may come back in the other order: the newer one stays
    if (replaces(found, held.value.get(id))) hold(found);
    // what was typed here and is in it needs no place of its own any more
    outbox.letGo(id, found.version);
  } catch (failure) {
    noticeFailure(failure, asked.token);
    if (failure instanceof Refused) {
      missing.value = failure.problem.detail;
      // no record of it will be held here
      outbox.letGo(id, Number.MAX_SAFE_INTEGER);
    }
    else await recall(id, true);
  }
}

const CLOSED = new Set(["discharged", "cancelled", "transferred", "left-against-advice"]);

/** Holds a session: as the service has it, or as it was made on this tablet until the service has it. */
export function hold(made: Session): void {
  held.value = new Map(held.value).set(made.id, made);
  if (CLOSED.has(made.state)) clearSession(made.id);
  else shelveSession(made);
}

/** Puts a session on the screen as it was last seen here, until the service is asked; `silent`: it cannot be, so that
 * its line on the board has to do where nothing else is known. */
async function recall(id: string, silent = false): Promise<void> {
  const kept = await unshelveSession(id);
  const line = board.value.get(id) ?? lastBoard.value?.items.find((item) => item.id === id);
  // an older version kept neither limits nor tablets
  const found = kept ? { ...kept, limits: kept.limits ?? {}, tablets: kept.tablets ?? {}, asked: 0, known: kept.known === "made" ? kept.known : ("kept" as const) } : silent && line ? fromLine(line) : null;
  if (found !== null && person.value !== null && !held.value.has(id)) held.value = new Map(held.value).set(id, found);
}

const CLOSED_SECONDS = 15;

/**
 * Opens a session on the screen: the service is told, and it is loaded again whenever it moves on the board. One that is
 * closed is on no board, and what arrives late may raise a notice there: it is loaded again now and then.
 */
export function watch(id: string): () => void {
  openSessions.value = [...new Set([...openSessions.value, id])];
  void recall(id);
  // heard, it is loaded below: once
  if (!connected.value) void load(id);
  const line = computed(() => {
    const item = board.value.get(id);
    // a heartbeat moves the version and the lapse, and nothing that is asked for again
    return item ? JSON.stringify({ ...item, version: 0, lapses_at: null }) : "";
  });
  let before: string | null = null;
  const stopFollowing = effect(() => {
    const first = before === "" && line.value !== "";
    before = line.value;
    if (!connected.value || !person.value) return;
    untracked(() => {
      const [here, item] = [held.value.get(id), board.value.get(id)];
      // the board is only now heard, and has nothing newer: each look is on record
      const known = first && here?.known === "heard" && item !== undefined && here.version >= item.version && here.readiness?.digest === item.digest;
      if (!known) void load(id);
    });
  });
  const stopHearing = effect(() => {
    const word = toldOf.value.get(id);
    untracked(() => {
      const shown = held.value.get(id)?.readiness;
      if (word && shown && word.readiness?.digest && word.readiness.digest !== shown.digest) void load(id);
    });
  });
  const opened = tick.peek();
  const stopLooking = effect(() => {
    if (tick.value === opened || tick.value % CLOSED_SECONDS !== 0) return;
    untracked(() => {
      if (connected.value && person.value && !board.value.has(id)) void load(id);
    });
  });
  return () => {
    stopFollowing();
    stopHearing();
    stopLooking();
    openSessions.value = openSessions.value.filter((open) => open !== id);
  };
}

outbox.onRecorded((item) => {
  if (item.session_id) void load(item.session_id);
});
const SUCCESSOR_SECONDS = 5;
effect(() => {
  // what has arrived stays on the screen until a record shows it: one that could not be had is asked for again
  if (tick.value % SUCCESSOR_SECONDS !== 0) return;
  untracked(() => {
    if (!connected.value || person.value === null) return;
    const arrived = items.value.filter(({ state, version, item }) => {
      const here = held.value.get(item.session_id ?? "");
      return state === "in the record" && version !== null && !(here?.known === "heard" && here.version >= version);
    });
    for (const id of new Set(arrived.map(({ item }) => item.session_id!))) void load(id);
  });
});
effect(() => {
  // locked: nothing of a patient stays in memory
  if (person.value === null) held.value = new Map();
});
