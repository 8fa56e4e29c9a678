// What a wall board shows, asked for again and again by the token of its link. It goes through the same signals as the
// board of a tablet, so that `fresh` says of both alike what may be shown.

import { batch, signal } from "@preact/signals";
import { ask, Refused, type Schemas } from "../api";
import { spokeAsOf } from "../fresh";
import { board, boardHeard, lifeSign, lock, person, silentSince, type BoardItem } from "../store";
import { hear, notBefore, standsIn } from "../time";
import { keepWall, wallToken } from "../walls";

export type WallLine = Schemas["WallItemOut"];

/** The chairs as they were last heard; null before the first word. */
export const lines = signal<WallLine[] | null>(null);
/** Its own name, and the clinic's. */
export const called = signal({ clinic: "", name: "" });
/** Whether the lead has ended its link. */
export const ended = signal(false);

const EVERY_MS = 1_500;
const PATIENCE_MS = 3_000;

/** Nothing of a person is on a wall. */
const NOTHING = {
  patient: { id: "", family_name: "", given_name: "", given_names: [], birth_date: null, record_number: "" },
  ...{ route: null, planned_at: null, had_left_at: null, last_set: null, overdue: false, status_because: null, digest: null },
  ...{ concerns: [], peaks: null, signed: null, open_notices: 0, not_met: [], unknown: [], failed: [], to_start: [] },
};
/** A line as `fresh` knows lines. */
export const asLine = ({ concern: _concern, failed: _failed, initials: _initials, ...line }: WallLine): BoardItem => ({ ...NOTHING, ...line });

async function look(): Promise<void> {
  const sentAt = performance.now();
  try {
    const { body } = await ask("get", "/v1/wall", {}, undefined, { token: wallToken.value, timeout: PATIENCE_MS });
    hear(body.now, body.wall, body.pace, sentAt);
    const as_of = Date.parse(body.as_of);
    notBefore(as_of);
    standsIn({ name: body.clinic, timezone: body.timezone });
    batch(() => {
      called.value = { clinic: body.clinic, name: body.name };
      lines.value = body.items;
      board.value = new Map(body.items.map((line) => [line.id, asLine(line)]));
      // an answer that was overtaken makes nothing older
      spokeAsOf.value = Math.max(as_of, spokeAsOf.peek() ?? -Infinity);
      boardHeard.value = true;
    });
    lifeSign();
  } catch (failure) {
    silentSince.value ??= Date.now();
    if (failure instanceof Refused && failure.problem.status === 401) end();
  }
}

/** The link is worth nothing any more: nothing of it stays on the screen. */
function end(): void {
  keepWall("");
  batch(() => {
    ended.value = true;
    lines.value = null;
    board.value = new Map();
    boardHeard.value = false;
    spokeAsOf.value = null;
  });
}

/** Asks until the screen goes, one question at a time. A person who is signed in here is no wall: the tablet is locked. */
export function beginWall(): () => void {
  let here = true;
  if (person.peek() !== null) lock();
  const round = async (): Promise<void> => {
    while (here && wallToken.value !== "") {
      await look();
      await new Promise((on) => setTimeout(on, EVERY_MS));
    }
  };
  void round();
  return () => {
    here = false;
    boardHeard.value = false;
    board.value = new Map();
    spokeAsOf.value = null;
  };
}
