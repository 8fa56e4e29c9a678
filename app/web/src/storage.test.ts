// A database whose connection ends by itself, and one that could not be opened at first.
import "fake-indexeddb/auto";
import { afterEach, expect, test, vi } from "vitest";
import { Storage } from "./storage";

let count = 0;
const fresh = (): Storage => new Storage(`storage-${(count += 1)}`, (db) => void db.createObjectStore("kept"));
afterEach(() => vi.restoreAllMocks());

test("a connection that ended is opened again by the next use", async () => {
  const kept = fresh();
  await kept.use((db) => db.put("kept", 1, "a"));
  // as the browser does it: nobody is told before the next use fails
  await kept.use(async (db) => db.close());
  await kept.use((db) => db.put("kept", 2, "b"));
  expect(await kept.use((db) => db.getAll("kept"))).toEqual([1, 2]);
});

test("an opening that failed is not remembered", async () => {
  const kept = fresh();
  const opened = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
    throw new DOMException("not now", "SecurityError");
  });
  await expect(kept.use((db) => db.put("kept", 1, "a"))).rejects.toThrow();
  await kept.use((db) => db.put("kept", 1, "a"));
  expect(await kept.use((db) => db.get("kept", "a"))).toBe(1);
  expect(opened).toHaveBeenCalledTimes(2);
});

test("what fails for a reason of its own is not tried twice", async () => {
  const kept = fresh();
  let tries = 0;
  const act = async (): Promise<never> => {
    tries += 1;
    throw new DOMException("no room", "QuotaExceededError");
  };
  await expect(kept.use(act)).rejects.toThrow("no room");
  expect(tries).toBe(1);
});
