// The invitation that a link carried here: its token lives in this tab alone, until it is used or left.

import { signal } from "@preact/signals";

const MARK = "#invitation=";
const KEPT = "invitation";

/** "" where there is none. */
export const invitation = signal(sessionStorage.getItem(KEPT) ?? "");

export function keepInvitation(token: string): void {
  invitation.value = token;
  if (token) sessionStorage.setItem(KEPT, token);
  else sessionStorage.removeItem(KEPT);
}

/** Out of the address and of the way back, before anything else can read it there. */
function takeFromAddress(): void {
  if (!location.hash.startsWith(MARK)) return;
  keepInvitation(location.hash.slice(MARK.length));
  history.replaceState(null, "", location.pathname);
}
takeFromAddress();
addEventListener("hashchange", takeFromAddress);
