// The record was brought back from a backup, and what was kept since that was made is gone: what this tablet has sent in
// that time lies here still, and is sent again. Under its own id, for its author, with its own times: what was not lost
// is answered as before and changes nothing.

import type { IDBPTransaction } from "idb";
import type { Row, Shape } from "./outbox";
import { Storage } from "./storage";

/** How long what has arrived is kept here, sealed. */
const KEPT_MS = 72 * 3_600_000;

type Rows = IDBPTransaction<Shape, ["items"], "readwrite">;

async function each(name: string, act: (row: Row) => Row | null | undefined): Promise<number> {
  const storage = new Storage<Shape>(name, (db) => {
    db.createObjectStore("items", { keyPath: "seq", autoIncrement: true }).createIndex("id", "id", { unique: true });
  });
  return storage.use(async (db) => {
    const tx: Rows = db.transaction(["items"], "readwrite", { durability: "strict" });
    let count = 0;
    for (let at = await tx.objectStore("items").openCursor(); at; at = await at.continue()) {
      const becomes = act(at.value);
      if (becomes === undefined) continue;
      count += 1;
      await (becomes === null ? at.delete() : at.update(becomes));
    }
    await tx.done;
    db.close();
    return count;
  });
}

/** What has arrived since `from` (the service's wall clock) is to be sent once more; how much that is. All of it or none. */
export const offerAgain = (from: number, name = "outbox"): Promise<number> =>
  each(name, (row) => {
    if (row.refused < 2 || (row.kept_at ?? Infinity) < from) return undefined;
    const { kept_at: _, ...rest } = row;
    return { ...rest, refused: 0, again: true };
  });

/** Takes away what has been kept for three days. */
export const letGoOfOld = (now: number, name = "outbox"): Promise<number> =>
  each(name, (row) => (row.refused === 3 && now - (row.kept_at ?? now) > KEPT_MS ? null : undefined));
