// Another key for this tablet: the first one at its enrolment, later ones handed over in what the one before has signed.

import { ask, Refused } from "./api";
import { change, handedOver, ownKey, written, type Key } from "./proving";
import { own, tabletId } from "./store";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** The public half of a new key that is kept here; of the one that was kept and perhaps never heard of, where there is one. */
async function nextKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const made: Key = { key: pair.privateKey, public_key: written(await crypto.subtle.exportKey("raw", pair.publicKey)) };
  return (await change((held) => ({ ...held, next: held.next ?? made }))).next!.public_key;
}

/** Hands a new key over. Where no answer came the service may have taken it: it stays to be tried. */
async function handOver(tell: (public_key: string) => Promise<unknown>): Promise<void> {
  try {
    await tell(await nextKey());
  } catch (failure) {
    if (failure instanceof Refused) await handedOver(false);
    throw failure;
  }
  await handedOver(true);
}

/** The lead enrols this tablet, on itself. Raises `Refused` or `NoAnswer`. */
export async function enrol(name: string, revision: number): Promise<void> {
  const asked = own();
  const headers = { ...asked.headers, ...(revision > 0 ? { "If-Match": `"${revision}"` } : {}) };
  await handOver((public_key) => ask("put", "/v1/tablets/{tablet_id}", { tablet_id: tabletId }, { name, in_use: true, public_key }, { ...asked, headers }));
}

/** The service says that it is time. */
export async function renew(): Promise<void> {
  // one tab at a time; nothing to renew where the key is gone
  await navigator.locks.request("renewal", { ifAvailable: true }, async (mine) => {
    if (mine === null || (await ownKey()) === null) return;
    await handOver((public_key) => ask("put", "/v1/tablets/{tablet_id}/public-key", { tablet_id: tabletId }, { public_key }, own()));
  });
}
