// What lies on this tablet is unreadable without a sign-in. One key a tablet, made by the service, given out only to
// somebody who signs in; here it lives in memory. A PIN set during a shift wraps a copy, so that the app can be opened
// without a network: unwrapping takes the PIN and a secret of this browser that cannot be read out.

import { openDB, type IDBPDatabase } from "idb";

export interface PinHolder {
  staff_id: string;
  name: string;
  role: string;
  username: string;
  ticket: string;
  /** Epoch milliseconds after which the PIN is good for nothing. */
  until: number;
  salt: ArrayBuffer;
  iv: ArrayBuffer;
  wrapped: ArrayBuffer;
  device: string;
  tries: number;
}

const ROUNDS = 600_000;
export const TRIES = 5;

let opened: Promise<IDBPDatabase> | null = null;
function database(): Promise<IDBPDatabase> {
  opened ??= openDB("keys", 1, {
    upgrade(db) {
      db.createObjectStore("holders", { keyPath: "staff_id" });
      db.createObjectStore("own");
    },
  });
  return opened;
}

export function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
}
export function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** The key of this tablet's outbox from the 32 bytes the service gives. It cannot be read out again. */
export function outboxKey(raw: ArrayBuffer): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** A secret of this browser that signs and cannot be read out. */
async function ownKey(): Promise<CryptoKey> {
  const db = await database();
  const kept = await db.get("own", "hmac");
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await db.put("own", made, "hmac");
  return made;
}

async function wrappingKey(pin: string, salt: ArrayBuffer): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const slow = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  const bound = await crypto.subtle.sign("HMAC", await ownKey(), slow);
  return crypto.subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Keeps a copy of the key under a PIN until the end of the shift. */
export async function wrap(pin: string, raw: ArrayBuffer, who: Pick<PinHolder, "staff_id" | "name" | "role" | "username" | "ticket" | "until" | "device">): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16)).buffer;
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await wrappingKey(pin, salt), raw);
  await (await database()).put("holders", { ...who, salt, iv, wrapped, tries: 0 } satisfies PinHolder);
}

/** Who may unlock here with a PIN now. Those whose shift is over are forgotten. */
export async function holders(now: number): Promise<PinHolder[]> {
  const db = await database();
  const all: PinHolder[] = await db.getAll("holders");
  for (const holder of all) if (holder.until <= now) await db.delete("holders", holder.staff_id);
  return all.filter((holder) => holder.until > now);
}

/** The raw key, or null for a wrong PIN. After five wrong ones the copy is gone: sign in with the password. */
export async function unwrap(holder: PinHolder, pin: string): Promise<ArrayBuffer | null> {
  const db = await database();
  // counted before it is tried, so that ending the app does not win a try back
  const tries = holder.tries + 1;
  if (tries > TRIES) {
    await forget(holder.staff_id);
    return null;
  }
  await db.put("holders", { ...holder, tries });
  holder.tries = tries;
  try {
    const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: holder.iv }, await wrappingKey(pin, holder.salt), holder.wrapped);
    await db.put("holders", { ...holder, tries: 0 });
    return raw;
  } catch {
    if (tries >= TRIES) await forget(holder.staff_id);
    return null;
  }
}

/** Takes a PIN's copy away: signed out, or too many tries. */
export async function forget(staffId: string): Promise<void> {
  await (await database()).delete("holders", staffId);
}

/** Encrypts one document; the name it is kept under is bound to it. */
export async function seal(key: CryptoKey, name: string, document: unknown): Promise<{ iv: ArrayBuffer; box: ArrayBuffer }> {
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  const plain = new TextEncoder().encode(JSON.stringify(document));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) }, key, plain);
  return { iv, box };
}

/** Decrypts what `seal` made under the same name. Raises where the key is another one or the bytes were changed. */
export async function open<T>(key: CryptoKey, name: string, sealed: { iv: ArrayBuffer; box: ArrayBuffer }): Promise<T> {
  const aad = new TextEncoder().encode(name);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: aad }, key, sealed.box);
  return JSON.parse(new TextDecoder().decode(plain)) as T;
}
