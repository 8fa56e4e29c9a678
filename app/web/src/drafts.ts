// What is typed and not saved yet, so that rotation, lock, crash and hand-over lose no digit. Gone once it is saved or
// thrown away, and after a day: a set begun yesterday is nobody's to finish.

import { signal } from "@preact/signals";
import { Sealed } from "./sealed";
import { wallNow } from "./time";

export const drafts = new Sealed("drafts", "strict");

/** Under which names something lies here, or is about to: a session's id, a slash, and what was begun. */
export const begun = signal<readonly string[]>([]);

/** Looks again at what lies here: another tab may have begun or finished something. */
export async function countDrafts(): Promise<readonly string[]> {
  const here = new Set(await drafts.ids());
  for (const [name, job] of waiting) job === "drop" ? here.delete(name) : here.add(name);
  const found = [...here].filter((name) => !isForm(name)).sort();
  if (found.join() !== begun.peek().join()) begun.value = found;
  return found;
}

/** Words of one person in a form of a session: nobody waits for them, and nobody else is shown them. */
export const formName = (session_id: string, staff_id: string, form: string): string => `${session_id}/form/${staff_id}/${form}`;
const isForm = (name: string): boolean => name.split("/")[1] === "form";

/** Of which sessions an unfinished set lies here. */
export const sessionsOf = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.split("/")[0] ?? ""))];

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
  await countDrafts();
}

/** The draft kept under this name, or null: none, or one that this sign-in's key does not open. */
export async function readDraft<T>(key: CryptoKey, name: string): Promise<T | null> {
  const job = waiting.get(name);
  if (job !== undefined) return job === "drop" ? null : (job.document as T);
  return (await drafts.get<T>(key, name))?.document ?? null;
}
