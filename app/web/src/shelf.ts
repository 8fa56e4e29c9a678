// The sessions that were looked at on this tablet, so that it can go on writing after a start without a network.
// Encrypted under the tablet's key. No readiness is among them: without the service it is unknown. A closed session is
// taken away at once, any other after a day.

import { openDB, type IDBPDatabase } from "idb";
import { open, seal } from "./keys";

interface Row {
  iv: ArrayBuffer;
  box: ArrayBuffer;
  /** Epoch milliseconds, by the tablet's own clock. */
  kept_at: number;
}

const DAY_MS = 86_400_000;

let opened: Promise<IDBPDatabase> | null = null;
function database(): Promise<IDBPDatabase> {
  opened ??= openDB("sessions", 1, {
    upgrade(db) {
      db.createObjectStore("sessions");
    },
  });
  return opened;
}

/** Keeps one document under an id, in place of an older one. */
export async function shelve(key: CryptoKey, id: string, document: unknown, now: number): Promise<void> {
  const sealed = await seal(key, id, document);
  await (await database()).put("sessions", { ...sealed, kept_at: now } satisfies Row, id);
}

/** The document kept under this id; null: none, or one that this sign-in's key does not open. */
export async function unshelve<T>(key: CryptoKey, id: string): Promise<T | null> {
  const row: Row | undefined = await (await database()).get("sessions", id);
  if (!row) return null;
  try {
    return await open<T>(key, id, row);
  } catch {
    return null;
  }
}

/** Takes one document away. */
export async function clear(id: string): Promise<void> {
  await (await database()).delete("sessions", id);
}

/** Takes away what has lain here for more than a day, also by a clock that was set back since. */
export async function sweep(now: number): Promise<void> {
  const db = await database();
  for (const id of await db.getAllKeys("sessions")) {
    const row: Row | undefined = await db.get("sessions", id);
    if (row && Math.abs(now - row.kept_at) > DAY_MS) await db.delete("sessions", id);
  }
}
