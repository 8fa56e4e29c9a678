// What needs a person now, for every screen alike, and when it is heard. An alert is heard when it is new and nobody has
// said "seen" of it on this tablet; again, louder, as often as the clinic has settled, until somebody has. What is unknown is shown as unknown and
// never heard: a sound that means nothing is soon not listened to.

import { computed, effect, signal } from "@preact/signals";
import { type Loudness, type Voice, VOICES } from "./calling";
import { flagOf, silence } from "./fresh";
import { lastBoard } from "./shelf";
import { board, boardHeard, onWard, person } from "./store";
import { inOrder, letsLeave, type Tile, tileOf } from "./tiles";
import { clinicNow, tick } from "./time";

/** Why a chair needs a person, the gravest first. `unknown`: the service could not work it out. */
const ORDER = ["concern", "notice", "overdue", "unknown", "review"] as const;
export type Why = (typeof ORDER)[number];

export interface Alert {
  tile: Tile;
  why: Why;
  /** What it is made of. One that is new among them makes it an alert that nobody has seen. */
  ids: string[];
}

/** Who needs a person now, the gravest first, then by chair. `isMet`: whether a chair's flag is up, and may be shown. */
export function alertsOf(tiles: Tile[], now: number, isMet: (tile: Tile) => boolean): Alert[] {
  const found = inOrder(tiles).flatMap((tile): Alert[] => {
    const { id, due_at, overdue_at, open_notices, failed, digest } = tile;
    const severe = tile.concerns.filter((concern) => concern.acknowledge).map((concern) => concern.id);
    const each: [Why, boolean, string[]][] = [
      ["concern", severe.length > 0, severe],
      ["notice", open_notices > 0, [`${id}/notices/${open_notices}`]],
      ["overdue", overdue_at !== null && Date.parse(overdue_at) < now, [`${id}/due/${Date.parse(due_at ?? "")}`]],
      ["unknown", failed.length > 0, [`${id}/failed/${failed.join()}`]],
      ["review", isMet(tile) && letsLeave(tile, now) === null, [`${id}/met/${digest}`]],
    ];
    return each.filter(([, is]) => is).map(([why, , ids]) => ({ tile, why, ids }));
  });
  return found.sort((a, b) => ORDER.indexOf(a.why) - ORDER.indexOf(b.why));
}

/** Whether the service is heard: else what is shown is as it was last told, and what is not shown is not known. */
export const alertsHeard = computed(() => boardHeard.value && silence() === null);

/** What needs a person now, as this tablet knows it. */
export const alerts = computed((): Alert[] => {
  tick.value;
  if (!onWard.value) return [];
  const lines = boardHeard.value ? [...board.value.values()] : (lastBoard.value?.items ?? []);
  return alertsOf(lines.map(tileOf), clinicNow(), (tile) => {
    const flag = flagOf(tile);
    return flag.known && flag.value.met !== null;
  });
});

/** The alerts of a tablet as they stood when it was locked: chairs without names. Null before anybody was here. */
export const atLock = signal<{ at: number; alerts: { chair: string | null; why: Why }[] } | null>(null);
effect(() => {
  // by the second: the last that is noted before the lock is what the lock screen tells
  if (person.value !== null) atLock.value = { at: clinicNow(), alerts: alerts.value.map(({ tile, why }) => ({ chair: tile.chair, why })) };
});

// --- what is heard ---------------------------------------------------------------------------------------------------

export const isVoice = (why: Why): why is Voice => (VOICES as readonly Why[]).includes(why);

/** How often something was called out here, and when last, by a clock that never goes back (milliseconds). */
export interface Called {
  times: number;
  at: number;
}
export interface Call {
  why: Voice;
  times: number;
}

/** What is to be heard now, as one call however much is new, and the list of calls that is kept. `heard`: whether the
 * service is: else nothing is new, and what may have been done elsewhere since is not called again; a severe concern is,
 * for no connection mends it. `againMs`: after how many milliseconds it is called again, louder. */
export function callsFor(now: Alert[], seen: ReadonlySet<string>, before: ReadonlyMap<string, Called>, at: number, heard: boolean, againMs: number): { called: Map<string, Called>; call: Call | null } {
  const called = new Map<string, Called>();
  let call: Call | null = null;
  for (const { why, ids } of now) {
    if (!isVoice(why)) continue;
    for (const id of ids.filter((each) => !seen.has(each))) {
      const last = before.get(id);
      const due = last === undefined ? heard : at - last.at >= againMs && (heard || why === "concern");
      const times = (last?.times ?? 0) + 1;
      if (due) called.set(id, { times, at });
      else if (last !== undefined) called.set(id, last);
      // the gravest come first
      if (due && (call === null || (call.why === why && call.times < times))) call = { why, times };
    }
  }
  return { called, call };
}

/** How loud a call is, from 0 to 1: each time twice as loud as before. */
export function volume(loudness: Loudness, times: number): number {
  return loudness === "off" ? 0 : Math.min(1, (loudness === "quiet" ? 0.1 : 0.5) * 2 ** (times - 1));
}
