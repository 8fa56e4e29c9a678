// What a tablet signs: one request, with a number that grows, by a key that cannot be read out.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { change, handedOver, heldKeys, mend, ownKey, prove, reserve, written, type Key } from "./proving";

const HEADERS = { "X-Tablet-Id": "t1", Authorization: "Bearer b" };
const signed = (method: string, url: string, body: string, headers: Record<string, string> = HEADERS) => prove(method, url, body, headers);

async function made(): Promise<Key & { check: CryptoKey }> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  return { key: pair.privateKey, public_key: written(await crypto.subtle.exportKey("raw", pair.publicKey)), check: pair.publicKey };
}

const EMPTY = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

async function holds(check: CryptoKey, proof: string, lines: string[]): Promise<boolean> {
  const [, sign] = proof.split(".") as [string, string];
  const raw = Uint8Array.from(atob(sign.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, check, raw, new TextEncoder().encode(lines.join("\n")));
}

test("a browser that nobody enrolled signs nothing", async () => {
  expect(await signed("PUT", "/v1/x", "")).toBeNull();
  expect(await ownKey()).toBeNull();
  expect(await reserve(2)).toBeNull();
});

test("exactly this request is signed, with a number that grows", async () => {
  const { check, ...now } = await made();
  await change((own) => ({ ...own, now }));
  const lines = (number: string, url = "/v1/x?a=b") => ["infusion-vitals tablet 1", "PUT", url, "t1", number, EMPTY, "Bearer b", "", "", ""];
  const first = (await signed("PUT", "/v1/x?a=b", ""))!;
  expect(first).toMatch(/^1\.[\w-]{86}$/);
  expect(await holds(check, first, lines("1"))).toBe(true);
  expect(await holds(check, first, lines("2"))).toBe(false);
  expect(await holds(check, first, lines("1", "/v1/y"))).toBe(false);
  expect(await signed("PUT", "/v1/x", "")).toMatch(/^2\./);
  expect(await signed("PUT", "/v1/x", "", { Authorization: "Bearer b" })).toBeNull();
  // many at once, as several tabs and lanes send: none has another's number
  const many = await Promise.all(Array.from({ length: 20 }, () => signed("PUT", "/v1/x", "")));
  expect(new Set(many.map((each) => each!.split(".")[0])).size).toBe(20);
});

test("numbers that are reserved are signed by nothing else", async () => {
  const last = (await reserve(2))!;
  expect(await signed("PUT", "/v1/x", "")).toMatch(new RegExp(`^${last + 1}\\.`));
  expect(await prove("PUT", "/v1/x", "", HEADERS, last - 1)).toMatch(new RegExp(`^${last - 1}\\.`));
  expect(await signed("PUT", "/v1/x", "")).toMatch(new RegExp(`^${last + 2}\\.`));
});

test("after a refusal it goes on above the number that was taken", async () => {
  await mend("old-tablet-proof", 900);
  expect(await signed("PUT", "/v1/x", "")).toMatch(/^901\./);
  await mend("old-tablet-proof", 5);
  expect(await signed("PUT", "/v1/x", "")).toMatch(/^902\./);
});

test("the key that was handed over counts from then on; where that was refused the one before stays", async () => {
  const before = await ownKey();
  const { check: _, ...next } = await made();
  await change((own) => ({ ...own, next }));
  expect(await ownKey()).toEqual(before);
  await handedOver(false);
  expect(await ownKey()).toEqual(before);
  await change((own) => ({ ...own, next }));
  // its answer was lost, and the service knows the new one already
  await mend("wrong-tablet-proof");
  expect((await ownKey())!.public_key).toBe(next.public_key);
  await handedOver(false);
  expect((await ownKey())!.public_key).toBe(next.public_key);
});

test("the key before is tried where an older backup was brought back; of many refused at once the first has them take turns", async () => {
  const { check: _, ...before } = await made();
  const { check: __, ...next } = await made();
  await change((own) => ({ now: before, next, number: own.number }));
  await handedOver(true);
  expect(await heldKeys()).toEqual([next.public_key, before.public_key]);
  const sent = [{ ...HEADERS }, { ...HEADERS }];
  for (const headers of sent) await signed("PUT", "/v1/x", "", headers);
  for (const headers of sent) await mend("wrong-tablet-proof", 0, headers);
  expect((await ownKey())!.public_key).toBe(before.public_key);
  expect(await heldKeys()).toContain(next.public_key);
  // and a third, which was to be handed over then
  const { check: ___, ...third } = await made();
  await change((own) => ({ ...own, next: third }));
  for (const key of [third, next, before]) {
    await mend("wrong-tablet-proof");
    expect((await ownKey())!.public_key).toBe(key.public_key);
  }
});

test("nothing that lies here can be read out", async () => {
  const { key } = (await ownKey())!;
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
});
