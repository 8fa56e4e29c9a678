// An enrolled tablet is known by its key, and signs what it sends: exactly this request, with a number that only grows. The
// private half cannot be read out of this browser. No time is signed: a clock that is wrong shuts nobody out.

import { toBase64 } from "./keys";
import { Storage } from "./storage";

/** What signs, and how the service knows it. */
export interface Key {
  key: CryptoKey;
  public_key: string;
}

/** `next`: a key that the service may know already, where its answer was lost. `before`: the one that `now` came after, which
 * is known to a service that an older backup was brought back into. */
interface Own {
  now?: Key | undefined;
  next?: Key | undefined;
  before?: Key | undefined;
  number: number;
}

const OWN = "own";
const kept = new Storage("tablet", (db) => void db.createObjectStore(OWN));
const HASH = "SHA-256";
const SIGNED = ["Authorization", "X-Author-Ticket", "If-Match", "X-Tablet-Clock-Offset-Ms"];

/** By which key a request was signed that carries these headers. */
const signedBy = new WeakMap<Record<string, string>, string>();

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
/** As base64url without padding. */
export const written = (raw: ArrayBuffer): string => toBase64(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Changes what is kept, of one tab after the other; what is kept then. */
export function change(act: (own: Own) => Own): Promise<Own> {
  return kept.use(async (db) => {
    const tx = db.transaction(OWN, "readwrite");
    const held: Own = (await tx.store.get(OWN)) ?? { number: 0 };
    const own = act(held);
    await Promise.all([own === held ? null : tx.store.put(own, OWN), tx.done]);
    return own;
  });
}

/** What the service knows this tablet by; null: nothing. */
export async function ownKey(): Promise<Key | null> {
  return ((await kept.use((db) => db.get(OWN, OWN))) as Own | undefined)?.now ?? null;
}

/** The public halves of all keys that lie here. */
export async function heldKeys(): Promise<string[]> {
  const own = (await kept.use((db) => db.get(OWN, OWN))) as Own | undefined;
  return [own?.now, own?.next, own?.before].flatMap((key) => (key ? [key.public_key] : []));
}

/** The next numbers are taken, and nothing else is signed with them: the last of them; null where this tablet has no key. */
export async function reserve(count: number): Promise<number | null> {
  const own = await change((held) => (held.now || held.next ? { ...held, number: held.number + count } : held)).catch(() => null);
  return own?.now ? own.number : null;
}

/** The header for one request of this tablet; null where it has no key. The enrolment itself is signed with the key that
 * it hands over. `reserved`: a number that was taken for it before. */
export async function prove(method: string, url: string, body: string | ArrayBuffer, headers: Record<string, string>, reserved?: number): Promise<string | null> {
  const tablet = headers["X-Tablet-Id"];
  if (tablet === undefined) return null;
  const take = reserved === undefined ? 1 : 0;
  const own = await change((held) => (take && (held.now || held.next) ? { ...held, number: held.number + take } : held)).catch(() => null);
  const key = (url === `/v1/tablets/${tablet}` ? own?.next : undefined) ?? own?.now;
  if (!own || !key) return null;
  signedBy.set(headers, key.public_key);
  const number = reserved ?? own.number;
  const digest = written(await crypto.subtle.digest(HASH, typeof body === "string" ? bytes(body) : body));
  const lines = ["infusion-vitals tablet 1", method, url, tablet, number, digest, ...SIGNED.map((name) => headers[name] ?? "")];
  return `${number}.${written(await crypto.subtle.sign({ name: "ECDSA", hash: HASH }, key.key, bytes(lines.join("\n"))))}`;
}

/** The key that was handed over is the one from now on; where it was refused, the one before stays. */
export const handedOver = (taken: boolean): Promise<unknown> =>
  change(({ now, next, before, number }) => (taken && next ? { now: next, before: now, number } : { now, before, number }));

/** After a refusal: goes on above a number that was taken, and with another key that lies here, of which the service may know
 * one. What was refused is asked again by whoever asked. `sent`: the headers that were refused; of many that were signed by
 * one key, the first alone has the keys take turns. */
export async function mend(code: string, last = 0, sent?: Record<string, string>): Promise<void> {
  const by = sent && signedBy.get(sent);
  const turn = (own: Own): Own => {
    const { now, next, before, number } = own;
    if (by !== undefined && now?.public_key !== by) return own;
    if (next) return { now: next, next: before, before: now, number };
    return before ? { now: before, before: now, number } : own;
  };
  if (/^(old|wrong)-tablet-proof$/.test(code)) await change((own) => (last ? { ...own, number: Math.max(own.number, last) } : turn(own))).catch(() => null);
}
