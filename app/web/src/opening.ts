// Whether this service still waits for its first clinic, and the token that the console's link carried here. The
// service is asked each time: a page that was kept on a tablet decides nothing by itself.

import { effect, signal, untracked } from "@preact/signals";
import { ask, type Schemas } from "./api";
import { person } from "./store";
import { tick } from "./time";

const MARK = "#first-run=";
const KEPT = "first-run";

/** The one-time token; "" where none is known. It lives in this tab alone, until it is used. */
export const firstRunToken = signal(sessionStorage.getItem(KEPT) ?? "");
/** Whether the service waits for its first clinic; null: not heard yet. */
export const waitsForFirst = signal<boolean | null>(null);
/** Whether the last question went unanswered. */
export const unheard = signal(false);
/** The zones that a clinic may choose from, while there is something to choose. */
export const zones = signal<string[]>([]);
/** Somebody came to set the service up, and it has its first clinic already. */
export const cameLate = signal(false);
/** Set while this page's own answer is awaited: what is heard meanwhile is about ourselves. */
export const setting = signal(false);

/** The token in what was pasted: the link whole, or the token alone. */
export const tokenIn = (pasted: string): string => pasted.trim().split(MARK).at(-1) ?? "";

export function keepToken(token: string): void {
  firstRunToken.value = token;
  if (token) sessionStorage.setItem(KEPT, token);
  else sessionStorage.removeItem(KEPT);
}

/** Out of the address and of the way back, before anything else can read it there. */
function takeFromAddress(): void {
  if (!location.hash.startsWith(MARK)) return;
  keepToken(tokenIn(location.hash));
  history.replaceState(null, "", location.pathname);
  if (waitsForFirst.value === false) hasItsClinic();
}
takeFromAddress();
addEventListener("hashchange", takeFromAddress);

/** Makes the first clinic: begun, it is the app's own to end, whatever becomes of the screen. */
export const makeFirst = (wanted: Schemas["FirstRunIn"]): Promise<unknown> => ask("post", "/v1/first-run", {}, wanted);

/** There is a clinic: what came to make one is told so, and the token is worth nothing any more. */
export function hasItsClinic(): void {
  if (firstRunToken.value || waitsForFirst.value) cameLate.value = true;
  keepToken("");
  waitsForFirst.value = false;
}

async function look(): Promise<void> {
  const answer = await ask("get", "/v1/first-run", {}).catch(() => null);
  unheard.value = answer === null;
  if (answer === null || setting.value || person.value !== null) return;
  if (!answer.body.needed) hasItsClinic();
  else {
    if (zones.value.length === 0) zones.value = answer.body.timezones;
    waitsForFirst.value = true;
  }
}

const AGAIN_SECONDS = 5;

/** Asks until there is a clinic: another tab, another person or the console may make one meanwhile. */
export function watchForFirst(): void {
  effect(() => {
    const due = tick.value % AGAIN_SECONDS === 0;
    untracked(() => {
      if (due && waitsForFirst.value !== false && person.value === null) void look();
    });
  });
}
