// Whether the clinic has a provider to sign in with: asked by the sign-in screen, which fetches the rest only where it has.

import type { Schemas } from "../api";
import type { Scope } from "../scope";
import { clinic } from "../time";

export type Offered = Schemas["OfferedProviderOut"];
const MARK = "#clinic=";
const KEPT = "provider-clinic";

/** Which clinic's provider is meant: whose link was opened here, or who was signed in here last. */
function clinicHere(): string | undefined {
  if (location.hash.startsWith(MARK)) {
    localStorage.setItem(KEPT, location.hash.slice(MARK.length));
    history.replaceState(null, "", location.pathname);
  }
  return localStorage.getItem(KEPT) ?? clinic.value.id;
}

export async function askOffered({ ask }: Scope): Promise<Offered> {
  const here = clinicHere();
  return (await ask("get", "/v1/sign-in/provider", {}, undefined, here ? { query: { clinic: here } } : {})).body;
}

/** Whether a provider has just sent this tab back. */
export const comesBack = (): boolean => location.search.includes("state=");
