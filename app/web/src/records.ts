// The session on the screen: as the service has it, with what this tablet has typed and not yet sent laid over it.
// Readiness is never worked out here: without the service it is unknown.

import { computed, effect, signal, untracked } from "@preact/signals";
import { ask, NoAnswer, Refused, type Schemas } from "./api";
import { items, type Kept } from "./outbox";
import { reaches, replaces, saysMore } from "./looks";
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
   * was last looked at; no more of it than its line on the board; or opened in another clinic, to be read alone. */
  known: "heard" | "made" | "kept" | "line" | "opened";
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

/** The tablets that hold this session's flag back, by the service's last word: silent, or with something unsent. */
export const behind = (record: Session): string[] => (record.readiness?.findings.find(({ criterion, outcome }) => criterion === "tablets-in-step" && outcome !== "met")?.params.behind as string[] | undefined) ?? [];

/** A sentence of the service about this session: times as the clinic's clock shows them, tablets by their names. */
export function told(record: Session, sentence: string): string {
  return spoken(sentence).replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (id) => `“${tabletName(record, id)}”`);
}

/** What somebody wants of a look: whether the one that is held lacks it. */
type Lacks = (held: Session | undefined) => boolean;

/** A look at a session that is under way: one at a time, however many want it. */
interface Asking {
  over: AbortController;
  since: number;
  done: Promise<void>;
  /** Wants that came while it was under way: it may have been answered before what they are about. */
  later: Lacks[];
  hurry: ReturnType<typeof setTimeout> | undefined;
}
const asking = new Map<string, Asking>();
/** So long a want waits for a look that is under way; then it is asked for anew, in place of that one. */
const HURRY_MS = 5_000;

/** Looks at a session, unless the look that is held has what is wanted of it. One that is under way is waited for; what it
 * lacks in the end is asked for once more. */
export function want(id: string, lacks: Lacks): Promise<void> {
  if (!lacks(held.value.get(id))) return Promise.resolve();
  const now = asking.get(id);
  if (now === undefined) {
    const begun: Asking = { over: new AbortController(), since: performance.now(), done: Promise.resolve(), later: [], hurry: undefined };
    asking.set(id, begun);
    return (begun.done = askFor(id, begun));
  }
  now.later.push(lacks);
  now.hurry ??= setTimeout(() => now.over.abort(), Math.max(0, now.since + HURRY_MS - performance.now()));
  return now.done;
}

async function askFor(id: string, now: Asking): Promise<void> {
  for (let again = true; again && asking.get(id) === now; ) {
    await look(id, now.over.signal);
    clearTimeout(now.hurry);
    const later = now.later.splice(0);
    again = later.some((lacks) => lacks(held.value.get(id)));
    Object.assign(now, { over: new AbortController(), since: performance.now(), hurry: undefined });
  }
  if (asking.get(id) === now) asking.delete(id);
}

/** Looks at a session anew, whatever is held. Keeps what was there where the service cannot be heard. */
export const load = (id: string): Promise<void> => want(id, () => true);

/** The ETags of looks, as long as they are held here. */
const tags = new WeakMap<Session, string>();

async function look(id: string, signal: AbortSignal): Promise<void> {
  const asked = own();
  const before = held.value.get(id);
  try {
    if (asked.token === null) throw new NoAnswer("nobody is signed in with the service");
    const { status, body, etag } = await ask("get", "/v1/sessions/{session_id}", { session_id: id }, undefined, { ...asked, signal, held: before && tags.get(before) });
    if (signal.aborted || person.value === null) return; // locked meanwhile, or asked for anew
    missing.value = null;
    // the held look is still what the service would tell
    if (status === 304) return outbox.letGo(id, before!.version);
    // somebody else's word, a proxy's maybe: as good as none, so that it is asked for again
    if (body?.id !== id || !Number.isInteger(body.version) || !body.readiness?.findings) throw new NoAnswer("it is no record of this session");
    isDemo(body.demo);
    const limits = Object.fromEntries(body.readiness.findings.map((each) => [each.criterion, each.limits]));
    const found: Session = { ...body, known: "heard", limits };
    if (etag !== null) tags.set(found, etag);
    // an answer from before what is held takes no place
    if (replaces(found, held.value.get(id))) hold(found);
    // what was typed here and is in it needs no place of its own any more
    outbox.letGo(id, found.version);
  } catch (failure) {
    if (signal.aborted) return;
    noticeFailure(failure, asked.token);
    if (failure instanceof Refused) missing.value = failure.problem.detail;
    // no record of it will be held here; a service that is busy, or wants another sign-in, has one
    if (failure instanceof Refused && NEVER.has(failure.problem.status)) outbox.letGo(id, Number.MAX_SAFE_INTEGER);
    else await recall(id, true);
  }
}

/** Refusals of a look that no time mends. */
const NEVER = new Set([403, 404, 410]);
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
  const found = kept ? { ...kept, limits: kept.limits ?? {}, tablets: kept.tablets ?? {}, known: kept.known === "made" ? kept.known : ("kept" as const) } : silent && line ? fromLine(line) : null;
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
    // a heartbeat moves the lapse, which is not asked for again; the version is moved by whatever was kept, a signature too
    return item ? JSON.stringify({ ...item, lapses_at: null }) : "";
  });
  let followed = false;
  const stopFollowing = effect(() => {
    const moved = line.value;
    const heard = connected.value && person.value !== null;
    const goesOn = followed && heard;
    followed = heard;
    if (!heard) return;
    untracked(() => {
      const item = moved === "" ? undefined : board.value.get(id);
      // opened, or heard again, or gone from the board: whatever is held, it is looked at. Each look is on record
      void (goesOn && item ? want(id, (here) => saysMore(item, here)) : load(id));
    });
  });
  const stopHearing = effect(() => {
    const word = toldOf.value.get(id);
    untracked(() => {
      const digest = word?.readiness?.digest;
      if (!word || !digest || !held.value.get(id)?.readiness) return;
      void want(id, (here) => saysMore({ version: word.version ?? here?.version ?? 0, digest }, here));
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

/** What has arrived is in a record of this version. */
const wantVersion = (id: string, version: number): Promise<void> => want(id, (here) => !reaches(here, version));
outbox.onRecorded(({ session_id }, version) => {
  if (session_id !== null && version !== null) void wantVersion(session_id, version);
});
const SUCCESSOR_SECONDS = 5;
effect(() => {
  // what has arrived stays on the screen until a record shows it: one that could not be had is asked for again
  if (tick.value % SUCCESSOR_SECONDS !== 0) return;
  untracked(() => {
    if (!connected.value || person.value === null) return;
    for (const { state, version, item } of items.value) {
      const id = item.session_id ?? "";
      // one that is under way is waited for: it was asked for when this arrived, or after it
      if (state === "in the record" && version !== null && !asking.has(id)) void wantVersion(id, version);
    }
  });
});
effect(() => {
  if (person.value !== null) return;
  // locked: nothing of a patient stays in memory, and nobody who comes next waits for what was asked before
  held.value = new Map();
  for (const { over, hurry } of asking.values()) over.abort(), clearTimeout(hurry);
  asking.clear();
});
