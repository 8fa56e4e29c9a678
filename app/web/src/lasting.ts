// Whether the browser keeps what lies here even when it is short of space. Asked for at each start: a browser that refused
// may grant it once the app is on the home screen. Refused, it is said once, until somebody has read it; where what was
// typed is listed it stays said.

import { computed, signal } from "@preact/signals";

const READ = "may-vanish-read";

/** Whether what is kept here may be deleted by the browser; null: not known. */
export const mayVanish = signal<boolean | null>(null);
const read = signal(false);
export const mayVanishUnread = computed(() => mayVanish.value === true && !read.value);

export function haveRead(): void {
  read.value = true;
  localStorage.setItem(READ, "1");
}

/** Asks the browser to keep what lies here. */
export async function askToLast(storage: StorageManager | undefined = navigator.storage): Promise<void> {
  read.value = localStorage.getItem(READ) === "1";
  // a browser that has no such promise to give may delete it
  const granted = await Promise.resolve(storage?.persist?.()).catch(() => false);
  mayVanish.value = granted !== true;
  // granted, and refused again some other day: that is news
  if (granted === true) localStorage.removeItem(READ), (read.value = false);
}
