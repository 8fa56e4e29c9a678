// What this tablet goes on with after a lock or a start without a network: the sessions that were looked at here, the
// board's lines, the protocols that were chosen from. No readiness is among them: without the service it is unknown. A
// closed session is taken away at once, anything else after a day.

import { effect, signal, untracked } from "@preact/signals";
import type { Schemas } from "./api";
import { drafts } from "./drafts";
import { items as typedHere } from "./outbox";
import type { Session } from "./records";
import { Sealed } from "./sealed";
import { board, boardHeard, person, sealingKey, type BoardItem } from "./store";
import { heard, tick, wallNow } from "./time";

const shelf = new Sealed("sessions");
const BOARD = "board";
const PROTOCOLS = "protocols";

/** The board as it was last heard on this tablet, and when by the wall's clock; null: never within a day. */
export const lastBoard = signal<{ items: BoardItem[]; kept_at: number } | null>(null);

/** What cannot be kept is only missed where there is no network: nobody is told. */
function put(id: string, document: unknown): void {
  const key = sealingKey.peek();
  if (key !== null) void shelf.put(key, id, document, wallNow()).catch(() => undefined);
}

async function get<T>(id: string): Promise<{ document: T; kept_at: number } | null> {
  const key = sealingKey.peek();
  const found = key === null ? null : await shelf.get<T>(key, id).catch(() => null);
  return person.peek() === null ? null : found; // locked meanwhile
}

export const shelveSession = (made: Session): void => put(made.id, { ...made, readiness: null });
export const unshelveSession = async (id: string): Promise<Session | null> => (await get<Session>(id))?.document ?? null;
export const clearSession = (id: string): void => void shelf.drop(id).catch(() => undefined);

export const shelveProtocols = (known: Schemas["ProtocolListedOut"][]): void => put(PROTOCOLS, known);
export const unshelveProtocols = async (): Promise<Schemas["ProtocolListedOut"][]> => (await get<Schemas["ProtocolListedOut"][]>(PROTOCOLS))?.document ?? [];

/** A line of the board without anything that was said of the criteria. */
const flagless = (item: BoardItem): BoardItem => ({ ...item, status: null, status_since: null, status_because: null, digest: null, not_met: [], unknown: [] });

let written = "";
effect(() => {
  const items = [...board.value.values()].map(flagless);
  if (!boardHeard.value) return;
  const text = JSON.stringify(items);
  if (text === written) return;
  written = text;
  put(BOARD, items);
  void untracked(tidy).catch(() => undefined);
});

/** Takes away sessions that were under way and are on the board no longer: closed elsewhere. */
async function tidy(): Promise<void> {
  for (const id of await shelf.ids()) {
    if (id === BOARD || id === PROTOCOLS || board.peek().has(id)) continue;
    const unsent = typedHere.peek().some(({ item, state }) => item.session_id === id && state !== "in the record");
    if (!unsent && (await unshelveSession(id))?.state !== "planned" && boardHeard.peek() && !board.peek().has(id)) clearSession(id);
  }
}
effect(() => {
  // whoever comes in finds the board as it was; whoever locks leaves nothing of it in memory
  if (person.value === null) {
    lastBoard.value = null;
    written = "";
  } else void get<BoardItem[]>(BOARD).then((found) => (lastBoard.value = found && { items: found.document, kept_at: found.kept_at }));
});

const HOUR_SECONDS = 3600;
let swept = false;
const sweep = (): void => {
  for (const kept of [shelf, drafts]) void kept.sweep(wallNow(), heard.peek() !== null).catch(() => undefined);
  // a clock that is in doubt takes nothing away
  if (heard.peek() !== null) void import("./again").then(({ letGoOfOld }) => letGoOfOld(wallNow())).catch(() => undefined);
};
effect(() => {
  // at the start and every hour, and once the service has said what time it is
  const due = tick.value % HOUR_SECONDS === 0;
  const sure = heard.value !== null;
  if (due || (sure && !swept)) untracked(sweep);
  swept = sure;
});
