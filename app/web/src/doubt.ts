// Whether the service's word about a patient is fresh enough to be shown. The board's stream is the pulse: a service that
// answers other questions while its stream is silent has not said that nothing changed.

import { effect, signal } from "@preact/signals";
import { type Session, waiting } from "./records";
import { board, silentSince, token } from "./store";
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
  if (readiness.lapses_at !== null && Date.parse(readiness.lapses_at) <= clinicNow()) return { text: words.readiness.lapsed(clockText(readiness.lapses_at)), all: false };
  const live = board.value.get(record.id);
  if (live && live.digest !== readiness.digest) return { text: words.readiness.catchingUp, all: true };
  return null;
}
