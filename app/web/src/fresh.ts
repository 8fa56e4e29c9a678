// What the service's word about a patient is worth on a screen now. It is judged by what the word says of itself (as of
// when, of which version, until when) against the clinic's clock, never by when it arrived. The board's stream is the
// pulse: a service that answers other questions while its stream is silent has not said that nothing changed.
//
// Only here is a "met" made that a screen can draw: `Met` and `Fresh` cannot be built anywhere else.

import { signal } from "@preact/signals";
import type { Schemas } from "./api";
import { newest, type Word } from "./looks";
import { type Finding, session, type Session, waiting } from "./records";
import { board, boardHeard, silentSince, toldOf, type BoardItem } from "./store";
import { clinicNow, clockText, latest, pace, tick } from "./time";
import { words } from "./words";

class MetFlag {
  // a member that no object from elsewhere can have
  protected readonly made = true;
  constructor(readonly since: string | null) {}
}
/** The criteria are met now, on the service's word. `since`: when they first were. */
export type Met = MetFlag;

class FreshWord<T> {
  protected readonly made = true;
  readonly known = true;
  constructor(readonly value: T) {}
}
/** What the service said, and it holds now. */
export type Fresh<T> = FreshWord<T>;

/** Nothing may be said of it now, and why. `all`: the findings behind it are worth nothing either. */
export interface Unknown {
  readonly known: false;
  readonly text: string;
  readonly all: boolean;
}
const unknown = (text: string, all: boolean): Unknown => ({ known: false, text, all });

/** A stream that says this little for so long (real time) is not heard. */
const SILENT_MS = 25_000;
/** A flag is shown on a word that is this old at most. The service gives a sign of life every two seconds. */
const FLAG_MS = 4_000;

/** As of when the stream last spoke, by the clinic's clock: everything kept until then is on the board here. Null before
 * it has spoken in this sign-in, and once it is known that something of it was lost. */
export const spokeAsOf = signal<number | null>(null);

/** How old the stream's last word may be in real milliseconds, at most; null: not known. */
function age(): number | null {
  tick.value;
  const now = latest();
  return spokeAsOf.value === null || now === null ? null : Math.max(0, (now - spokeAsOf.value) / pace());
}

/** Whole seconds since the last word of the stream, by what it says; null before it has spoken. */
export function heardAgo(): number | null {
  const old = age();
  return old === null ? null : Math.floor(old / 1000);
}

/** Since when nothing is heard, as the clinic's clock shows it; null while the stream is alive. */
export function silence(): string | null {
  const old = age() ?? 0;
  const quiet = silentSince.value === null ? 0 : Math.max(1, Date.now() - silentSince.value);
  if (quiet === 0 && old <= SILENT_MS) return null;
  return clockText(clinicNow() - Math.max(quiet, old > SILENT_MS ? old : 0) * pace());
}

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

/** Why a flag that was said to be met may not be shown so now; null while it may. One rule for every screen. */
function whyNotMet(id: string, word: Word): Unknown | null {
  const old = age();
  // the stream is what tells of a change: before it has spoken, and while it is late, nothing says that there was none
  if (!boardHeard.value || old === null) return unknown(words.readiness.catchingUp, true);
  if (old > FLAG_MS) return unknown(words.readiness.late(Math.floor(old / 1000)), true);
  const now = newest(word, ...others(id));
  const line = board.value.get(id);
  // a line whose lapse has passed by the service's clock has the version it had
  const moved = now.digest !== word.digest || line === undefined || (line.version >= now.version && line.status !== "met");
  if (moved) return unknown(words.readiness.catchingUp, true);
  if (now.lapses_at !== null && Date.parse(now.lapses_at) <= latest()!) return unknown(words.readiness.lapsed(clockText(now.lapses_at)), false);
  return null;
}

/** Why nothing can be said of a session now, whatever its word is; null while something can. */
function whySilent(): Unknown | null {
  const since = silence();
  return since === null ? null : unknown(words.unknownOffline(since), true);
}

function whyUnsent(id: string): Unknown | null {
  const here = waiting(id).length;
  return here === 0 ? null : unknown(words.readiness.unsent(here), false);
}

/** How a session stands. A status that this app does not know is no "met". */
export interface Flag {
  met: Met | null;
  status: "not-met" | "cannot-tell" | null;
}

/** What a line of the board says of the flag. */
export function flagOf(item: BoardItem): Fresh<Flag> | Unknown {
  const silent = whySilent() ?? (boardHeard.value ? whyUnsent(item.id) : unknown(words.readiness.catchingUp, true));
  if (silent !== null) return silent;
  if (item.status !== "met" || !item.status_since) return new FreshWord({ met: null, status: item.status === "not-met" ? "not-met" : "cannot-tell" });
  return whyNotMet(item.id, item) ?? new FreshWord<Flag>({ met: new MetFlag(item.status_since), status: null });
}

/** The assessment of a session on the screen, with its findings. `met`: also that it is not closed, nor charted afterwards. */
export interface Judged extends Flag {
  readiness: Schemas["ReadinessOut"];
  good: Finding[];
}

/** What a whole look says. */
export function judged(record: Session): Fresh<Judged> | Unknown {
  const { id, readiness } = record;
  if (record.known === "made") return unknown(words.readiness.notHere, true);
  const silent = whySilent() ?? (readiness === null ? unknown(words.readiness.catchingUp, true) : whyUnsent(id));
  if (silent !== null || readiness === null) return silent!;
  const good = readiness.findings.filter((finding) => finding.outcome === "met");
  const up = readiness.status === "met" && !readiness.closed && readiness.had_left_at === null;
  if (!up) return new FreshWord({ met: null, status: readiness.status === "not-met" ? "not-met" : "cannot-tell", readiness, good });
  const why = whyNotMet(id, { ...readiness, version: record.version });
  return why ?? new FreshWord<Judged>({ met: new MetFlag(board.value.get(id)?.status_since ?? null), status: null, readiness, good });
}

