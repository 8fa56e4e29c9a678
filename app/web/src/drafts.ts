// What is typed and not saved yet, so that rotation, lock, crash and hand-over lose no digit. Gone once it is saved or
// thrown away, and after a day: a set begun yesterday is nobody's to finish.

import { Sealed } from "./sealed";
import { wallNow } from "./time";

export const drafts = new Sealed("drafts", "strict");

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
    await (job === "drop" ? drafts.drop(name) : drafts.put(job.key, name, job.document, wallNow()));
  }
}

/** The draft kept under this name, or null: none, or one that this sign-in's key does not open. */
export async function readDraft<T>(key: CryptoKey, name: string): Promise<T | null> {
  return (await drafts.get<T>(key, name))?.document ?? null;
}
