// Whether the service's word about a patient is fresh enough to be shown. The board's stream is the pulse: a service that
// answers other questions while its stream is silent has not said that nothing changed.

import { effect, signal } from "@preact/signals";
import { newest, type Word } from "./looks";
import { session, type Session, waiting } from "./records";
import { board, boardHeard, silentSince, toldOf, token } from "./store";
import { clinicNow, clockText, heard, tick } from "./time";
import { words } from "./words";

/** Longer than the service ever keeps quiet. */
const PULSE_MS = 25_000;

/** When the stream was last heard: by the monotonic clock, and by the tablet's, which goes on while the tablet sleeps. */
const pulse = signal<{ ticks: number; date: number } | null>(null);
effect(() => {
  // every sign of life makes the board anew
  board.value;
  pulse.value = token.peek() === null ? null : { ticks: performance.now(), date: Date.now() };
});

/** Whole seconds since the stream was heard; null before it has spoken. */
export function heardAgo(): number | null {
  tick.value;
  return pulse.value === null ? null : Math.max(0, Math.floor((performance.now() - pulse.value.ticks) / 1000));
}

/** Since when nothing is heard, as the clinic's clock shows it; null while the stream is alive. */
export function silence(): string | null {
  tick.value;
  const last = pulse.value;
  const gone = last === null ? 0 : Math.max(performance.now() - last.ticks, Date.now() - last.date);
  const quiet = silentSince.value === null ? 0 : Math.max(1, Date.now() - silentSince.value);
  if (quiet === 0 && gone <= PULSE_MS) return null;
  return clockText(clinicNow() - Math.max(quiet, gone > PULSE_MS ? gone : 0) * (heard.value?.pace ?? 1));
}

/** Looks that were on the screen while the stream was silent, or while the tablet slept: never trusted again. */
export const doubted = new WeakSet<Session>();

/** Every word of the service about a flag that this tablet has, besides the one that is to be shown. */
function others(id: string): (Word | undefined)[] {
  const told = toldOf.value.get(id);
  const look = session(id);
  return [
    board.value.get(id),
    told?.readiness && told.version !== undefined ? { ...told.readiness, version: told.version } : undefined,
    look?.known === "heard" && look.readiness ? { ...look.readiness, version: look.version } : undefined,
  ];
}

/** Why a flag that was said to be met may not be shown so now; null while it may. One rule for every screen, so that the
 * board, the session and the review never differ. `moved`: the findings behind it are not the newest. */
export function whyNotMet(id: string, word: Word): { text: string; moved: boolean } | null {
  // the stream is what tells of a change: before it has spoken nothing says that there was none
  if (!boardHeard.value) return { text: words.readiness.catchingUp, moved: true };
  const now = newest(word, ...others(id));
  if (now.digest !== word.digest) return { text: words.readiness.catchingUp, moved: true };
  // a line whose lapse has passed by the service's clock has the version it had
  const line = board.value.get(id);
  if (line !== undefined && line.version >= now.version && line.status !== "met") return { text: words.readiness.catchingUp, moved: true };
  if (now.lapses_at !== null && Date.parse(now.lapses_at) <= clinicNow()) return { text: words.readiness.lapsed(clockText(now.lapses_at)), moved: false };
  return null;
}

/** Why nothing can be said now; null while the service's word is fresh. `all`: its findings are worth nothing either. */
export function whyUnknown(record: Session): { text: string; all: boolean } | null {
  const { readiness } = record;
  if (record.known === "made") return { text: words.readiness.notHere, all: true };
  const since = silence();
  if (since !== null) return { text: words.unknownOffline(since), all: true };
  if (readiness === null || doubted.has(record)) return { text: words.readiness.catchingUp, all: true };
  const here = waiting(record.id).length;
  if (here > 0) return { text: words.readiness.unsent(here), all: false };
  if (readiness.status !== "met" || readiness.closed) return null;
  const why = whyNotMet(record.id, { ...readiness, version: record.version });
  return why && { text: why.text, all: why.moved };
}
