// Whether the browser keeps what lies here even when it is short of space.
import { expect, test } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});
const { askToLast, haveRead, mayVanish, mayVanishUnread } = await import("./lasting");
const answering = (persist: (() => Promise<boolean>) | undefined) => ({ persist }) as unknown as StorageManager;

test("refused, failed or not there, it may vanish; it is said until somebody has read it", async () => {
  expect([mayVanish.value, mayVanishUnread.value]).toEqual([null, false]);
  for (const persist of [async () => false, () => Promise.reject(new Error("no")), undefined]) {
    await askToLast(answering(async () => true));
    expect([mayVanish.value, mayVanishUnread.value]).toEqual([false, false]);
    await askToLast(answering(persist));
    expect([mayVanish.value, mayVanishUnread.value]).toEqual([true, true]);
    haveRead();
    expect([mayVanish.value, mayVanishUnread.value]).toEqual([true, false]);
    // at the next start too
    await askToLast(answering(persist));
    expect(mayVanishUnread.value).toBe(false);
  }
});
