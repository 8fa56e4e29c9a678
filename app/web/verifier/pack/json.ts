/** JSON as packs hold it: text, whole numbers, booleans, null, lists and objects; and its one spelling (RFC 8785). */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Doc = { [name: string]: Json };

export class NotAsWritten extends Error {}

const utf8 = new TextEncoder();

/** The canonical spelling. Throws for a number that is not whole, or too large to be exact. */
export function canonical(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return spelt(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotAsWritten(`${value} is no whole number that can be held exactly`);
    return String(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  // names go by their UTF-16 code units, which is how JavaScript sorts
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${spelt(name)}:${canonical(value[name]!)}`).join(",")}}`;
}

function spelt(text: string): string {
  if (!text.isWellFormed()) throw new NotAsWritten("a text holds half a character");
  return JSON.stringify(text);
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(data: string | Uint8Array): Promise<string> {
  const bytes = typeof data === "string" ? utf8.encode(data) : data;
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function digest(value: Json): Promise<string> {
  return sha256(canonical(value));
}

export function isDoc(value: Json | undefined): value is Doc {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands under a name, which has to be an object. */
export function docAt(of: Doc, name: string): Doc {
  const found = of[name];
  if (!isDoc(found)) throw new NotAsWritten(`${name} is no object`);
  return found;
}

export function docsAt(of: Doc, name: string): Doc[] {
  const found = of[name];
  if (!Array.isArray(found) || !found.every(isDoc)) throw new NotAsWritten(`${name} is no list of objects`);
  return found as Doc[];
}

export function textAt(of: Doc, name: string): string {
  const found = of[name];
  if (typeof found !== "string") throw new NotAsWritten(`${name} is no text`);
  return found;
}

export function numberAt(of: Doc, name: string): number {
  const found = of[name];
  if (!Number.isSafeInteger(found)) throw new NotAsWritten(`${name} is no whole number`);
  return found as number;
}
