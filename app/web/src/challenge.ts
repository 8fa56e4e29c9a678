// What a passkey answers: made here, of what is shown and of the service's nonce. The service can take it for nothing else.

import { fromBase64, toBase64 } from "./keys";

/** What is signed: which thing, and what is said of it, every word. */
export interface ToSign {
  sign: string;
  about: string;
  says: Record<string, string | null | string[]>;
}

/** JSON with its keys in order and nothing between (RFC 8785, of texts and lists of them). */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(",")}}`;
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const fromHex = (text: string): number[] => (text.match(/../g) ?? []).map((pair) => parseInt(pair, 16));

/** SHA-256 of the nonce and of the digest of what is signed. */
export async function challenge(nonce: string, signed: ToSign): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await sha256(new TextEncoder().encode(canonical(signed)));
  return sha256(new Uint8Array([...fromHex(nonce), ...digest]));
}

export const encoded = (bytes: ArrayBuffer): string => toBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
export const decoded = (text: string): ArrayBuffer => fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
