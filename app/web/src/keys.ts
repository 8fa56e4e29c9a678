// What lies on this tablet is unreadable without a sign-in. One key a tablet, made by the service, given out only to
// somebody who signs in; here it lives in memory. A PIN set during a shift wraps a copy, so that the app can be opened
// without a network: unwrapping takes the PIN and a secret of this browser that cannot be read out.

import { Storage } from "./storage";

export interface PinHolder {
  staff_id: string;
  name: string;
  role: string;
  username: string;
  /** Epoch milliseconds after which the PIN is good for nothing. */
  until: number;
  salt: ArrayBuffer;
  iv: ArrayBuffer;
  wrapped: ArrayBuffer;
  secrets: Box;
  /** Wrong ones in this shift. */
  tries: number;
}

/** What speaks for a PIN's owner at the service: never in the open on this tablet. */
export interface Secrets {
  /** Of what they typed. */
  ticket: string;
  /** That it is this tablet: set with the PIN. */
  device: string;
}

export interface Box {
  iv: ArrayBuffer;
  box: ArrayBuffer;
}

const ROUNDS = 600_000;
export const TRIES = 5;

const HOLDERS = "holders";
const keys = new Storage("keys", (db) => {
  db.createObjectStore(HOLDERS, { keyPath: "staff_id" });
  db.createObjectStore("own");
});

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
  const kept = await keys.use((db) => db.get("own", "hmac"));
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await keys.use((db) => db.put("own", made, "hmac"));
  return made;
}

async function wrappingKey(pin: string, salt: ArrayBuffer): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const slow = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  const bound = await crypto.subtle.sign("HMAC", await ownKey(), slow);
  return crypto.subtle.importKey("raw", bound, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Keeps a copy of the key under a PIN until the end of the shift, and under the key what speaks for its owner. */
export async function wrap(pin: string, raw: ArrayBuffer, who: Omit<PinHolder, "salt" | "iv" | "wrapped" | "secrets" | "tries">, secrets: Secrets): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16)).buffer;
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await wrappingKey(pin, salt), raw);
  const sealed = await seal(await outboxKey(raw), HOLDERS, who.staff_id, secrets);
  const { staff_id, name, role, username, until } = who;
  const holder: PinHolder = { staff_id, name, role, username, until, salt, iv, wrapped, secrets: sealed, tries: 0 };
  await keys.use((db) => db.put(HOLDERS, holder));
}

/** Who may unlock here with a PIN now. Those whose shift is over are forgotten, and those of whom an earlier version kept
 * what speaks for them in the open. */
export async function holders(now: number): Promise<PinHolder[]> {
  const all: PinHolder[] = await keys.use((db) => db.getAll(HOLDERS));
  const good = (holder: PinHolder): boolean => holder.until > now && holder.secrets !== undefined;
  for (const holder of all) if (!good(holder)) await forget(holder.staff_id);
  return all.filter(good);
}

/** The raw key and what lay under it, or null for a wrong PIN. After five wrong ones in a shift the copy is gone: sign in
 * with the password. */
export async function unwrap(holder: PinHolder, pin: string): Promise<{ raw: ArrayBuffer; secrets: Secrets } | null> {
  // counted before it is tried, so that ending the app does not win a try back
  const tries = holder.tries + 1;
  if (tries > TRIES) {
    await forget(holder.staff_id);
    return null;
  }
  await keys.use((db) => db.put(HOLDERS, { ...holder, tries }));
  holder.tries = tries;
  try {
    const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: holder.iv }, await wrappingKey(pin, holder.salt), holder.wrapped);
    const secrets = await open<Secrets>(await outboxKey(raw), HOLDERS, holder.staff_id, holder.secrets);
    // no wrong one: those before it stay counted until the shift is over
    holder.tries = tries - 1;
    await keys.use((db) => db.put(HOLDERS, holder));
    return { raw, secrets };
  } catch {
    if (tries >= TRIES) await forget(holder.staff_id);
    return null;
  }
}

/** Takes a PIN's copy away: signed out, or too many tries. */
export async function forget(staffId: string): Promise<void> {
  await keys.use((db) => db.delete(HOLDERS, staffId));
}

/** What a box is bound to: where it lies, and under which name. One that was moved does not open. */
const bound = (store: string, name: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${store}/${name}`);

/** Encrypts one document; the store it lies in and the name it is kept under are bound to it. */
export async function seal(key: CryptoKey, store: string, name: string, document: unknown): Promise<Box> {
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  const plain = new TextEncoder().encode(JSON.stringify(document));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(store, name) }, key, plain);
  return { iv, box };
}

/** Decrypts what `seal` made in the same store under the same name. Raises where the key is another one or the bytes were
 * changed. */
export async function open<T>(key: CryptoKey, store: string, name: string, sealed: Box): Promise<T> {
  const decrypt = (additionalData: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> => crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData }, key, sealed.box);
  // an earlier version bound a box to its name alone; what was typed under it is still to be sent
  const plain = await decrypt(bound(store, name)).catch(() => decrypt(new TextEncoder().encode(name)));
  return JSON.parse(new TextDecoder().decode(plain)) as T;
}
