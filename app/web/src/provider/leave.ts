// The way to the clinic's provider: this tab keeps what shows, when it is back, that it was this browser that set out.

import type { Schemas } from "../api";
import type { Scope } from "../scope";

const KEPT = "provider";

/** Leaves for the provider. Raises `Refused` or `NoAnswer`. */
export async function leave(scope: Scope, purpose: Schemas["SetOutIn"]): Promise<void> {
  const { address, browser } = (await scope.ask("post", "/v1/sign-in/provider/begin", {}, purpose)).body;
  sessionStorage.setItem(KEPT, browser);
  location.assign(address);
}

/** What a provider sent this tab back with; `browser` null where this tab never set out. */
export type Came = Omit<Schemas["ComeBackIn"], "browser"> & { browser: string | null };

/** Takes it out of the address and of the way back, before anything else can read it there. */
function takeFromAddress(): Came | null {
  const said = new URLSearchParams(location.search);
  const state = said.get("state");
  const browser = sessionStorage.getItem(KEPT);
  if (state === null) return null;
  history.replaceState(null, "", location.pathname + location.hash);
  sessionStorage.removeItem(KEPT);
  const told = Object.fromEntries((["code", "iss", "error"] as const).flatMap((name) => (said.get(name) ? [[name, said.get(name)]] : [])));
  return { browser, state, ...told };
}

let came = takeFromAddress();

/** What this tab came back with: once. */
export function whatCame(): Came | null {
  const found = came;
  came = null;
  return found;
}
