import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, expect, test } from "vitest";
import { Sealed } from "./sealed";

const DAY = 86_400_000;
const NOON = 1_790_000_000_000;
let key: CryptoKey;
let kept: Sealed;
let count = 0;

beforeEach(async () => {
  key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  kept = new Sealed(`sealed-${(count += 1)}`, "strict");
  await kept.put(key, "one", { systolic: 124 }, NOON);
});

const there = async (): Promise<unknown> => (await kept.get(key, "one"))?.document ?? null;

test("what is kept is given back to the same key only", async () => {
  expect(await kept.get(key, "one")).toEqual({ document: { systolic: 124 }, kept_at: NOON });
  const other = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  expect(await kept.get(other, "one")).toBeNull();
});

test("a document moved under another name is not opened", async () => {
  const db = await openDB(`sealed-${count}`);
  await db.put(`sealed-${count}`, await db.get(`sealed-${count}`, "one"), "two");
  expect(await kept.get(key, "two")).toBeNull();
});

test("a day is the bound", async () => {
  await kept.sweep(NOON + DAY, true);
  expect(await there()).not.toBeNull();
  await kept.sweep(NOON + DAY + 1, false);
  expect(await there()).toBeNull();
});

test("a clock that was set back takes nothing away before the service says what time it is", async () => {
  await kept.sweep(NOON - 2 * DAY, false);
  expect(await there()).not.toBeNull();
  await kept.sweep(NOON - 2 * DAY, true);
  expect(await there()).toBeNull();
});

test("what an older version kept has its day from now on", async () => {
  const db = await openDB(`sealed-${count}`);
  const { iv, box } = await db.get(`sealed-${count}`, "one");
  await db.put(`sealed-${count}`, { iv, box }, "one");
  await kept.sweep(NOON, true);
  expect(await there()).toEqual({ systolic: 124 });
  await kept.sweep(NOON + DAY + 1, true);
  expect(await there()).toBeNull();
});

test("a box moved to another store is not opened, though its name is the same", async () => {
  const other = new Sealed(`sealed-${count}-other`);
  await other.put(key, "one", {}, NOON);
  const [from, to] = await Promise.all([openDB(`sealed-${count}`), openDB(`sealed-${count}-other`)]);
  await to.put(`sealed-${count}-other`, await from.get(`sealed-${count}`, "one"), "one");
  expect(await other.get(key, "one")).toBeNull();
});
