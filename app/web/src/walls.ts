// The link of a wall board: its token leaves the address at once, and stays on this screen until the lead ends it, so
// that a screen comes back by itself after the power was gone.

import { signal } from "@preact/signals";

const MARK = "#wall=";
const KEPT = "wall";

function kept(): string {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return ""; // where nothing may be kept the app says so, and is no wall board
  }
}

/** The token of the wall board that this screen is; "" where it is none. */
export const wallToken = signal(kept());

export function keepWall(token: string): void {
  wallToken.value = token;
  if (token) localStorage.setItem(KEPT, token);
  else localStorage.removeItem(KEPT);
}

/** Before anything else reads the address. */
export function takeWall(): void {
  if (!location.hash.startsWith(MARK)) return;
  keepWall(location.hash.slice(MARK.length));
  history.replaceState(null, "", `${location.pathname}#/wall`);
}
