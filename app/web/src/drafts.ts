// What is typed and not saved yet, so that rotation, lock, crash and hand-over lose no digit. Encrypted under the
// tablet's key like everything else that lies here; gone once it is saved or thrown away.

import { openDB, type IDBPDatabase } from "idb";
import { open, seal } from "./keys";

let opened: Promise<IDBPDatabase> | null = null;
function database(): Promise<IDBPDatabase> {
  opened ??= openDB("drafts", 1, {
    upgrade(db) {
      db.createObjectStore("drafts");
    },
  });
  return opened;
}

type Job = { key: CryptoKey; document: unknown } | "drop";
const waiting = new Map<string, Job>();
let writing: Promise<void> | null = null;

/** Keeps the newest text of a draft. Calls in quick succession are written as one. */
export function keepDraft(key: CryptoKey, name: string, document: unknown): Promise<void> {
  return queue(name, { key, document });
}

/** Forgets a draft. */
export function dropDraft(name: string): Promise<void> {
  return queue(name, "drop");
}

function queue(name: string, job: Job): Promise<void> {
  waiting.set(name, job);
  writing ??= write().finally(() => {
    writing = null;
  });
  return writing;
}

async function write(): Promise<void> {
  for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
    const [name, job] = next.value;
    waiting.delete(name);
    const row = job === "drop" ? null : await seal(job.key, name, job.document);
    const tx = (await database()).transaction("drafts", "readwrite", { durability: "strict" });
    await (row === null ? tx.store.delete(name) : tx.store.put(row, name));
    await tx.done;
  }
}

/** The draft kept under this name, or null: none, or one that this sign-in's key does not open. */
export async function readDraft<T>(key: CryptoKey, name: string): Promise<T | null> {
  const row = await (await database()).get("drafts", name);
  if (!row) return null;
  try {
    return await open<T>(key, name, row);
  } catch {
    return null;
  }
}
