import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { NoAnswer, Refused } from "./api";
import { outboxKey } from "./keys";
import { items, Outbox, unsent, type Item } from "./outbox";

let count = 0;
beforeEach(() => {
  count += 1;
  items.value = [];
  unsent.value = 0;
});

function item(id: string, other: Partial<Item> = {}): Item {
  return {
    id,
    method: "PUT",
    path: `/v1/x/${id}`,
    body: { n: id },
    headers: {},
    session_id: "s",
    makes: false,
    about: id,
    author: { staff_id: "a", name: "Ada", ticket: "t" },
    typed_at: "2026-03-08T09:30:00Z",
    ...other,
  };
}
const key = () => outboxKey(new Uint8Array(32).fill(7).buffer);
const refusal = (status: number) => new Refused({ status, code: "x", title: "", detail: "no" });

async function box(deliver: (item: Item) => Promise<void>, name = `box-${count}`): Promise<Outbox> {
  const made = new Outbox(deliver, name);
  await made.unlock(await key());
  return made;
}

test("what is typed is sent in order and leaves only when it is in the record", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => void sent.push(it.id));
  await outbox.add(item("1"));
  await outbox.add(item("2"));
  await outbox.drain();
  expect(sent).toEqual(["1", "2"]);
  expect(unsent.value).toBe(0);
  expect(await outbox.count()).toBe(0);
});

test("without an answer it stays, and is sent under the same id when the app starts again", async () => {
  let up = false;
  const sent: string[] = [];
  const deliver = async (it: Item) => {
    sent.push(it.id);
    if (!up) throw new NoAnswer("down");
  };
  const first = await box(deliver);
  await first.add(item("1"));
  await first.drain();
  expect(items.value[0]?.state).toBe("on this tablet");
  items.value = [];
  const second = await box(deliver, `box-${count}`);
  expect(unsent.value).toBe(1);
  up = true;
  await second.drain();
  expect(new Set(sent)).toEqual(new Set(["1"]));
  expect(await second.count()).toBe(0);
});

test("a refusal is kept and shown, also after a restart, and later items go on", async () => {
  const outbox = await box(async (it) => {
    if (it.id === "1") throw refusal(409);
  });
  await outbox.add(item("1"));
  await outbox.add(item("2"));
  await outbox.drain();
  expect(items.value.find((kept) => kept.item.id === "1")).toMatchObject({ state: "refused", problem: { status: 409 } });
  expect(await outbox.count()).toBe(1);
  await outbox.unlock(await key());
  expect(items.value.map((kept) => [kept.item.id, kept.state])).toEqual([["1", "refused"]]);
});

test("what hangs on a refused session waits, other sessions do not", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (it.makes) throw refusal(409);
    sent.push(it.id);
  });
  await outbox.add(item("1", { makes: true, session_id: "a" }));
  await outbox.add(item("2", { session_id: "a" }));
  await outbox.add(item("3", { session_id: "b" }));
  await outbox.drain();
  expect(sent).toEqual(["3"]);
  expect(await outbox.count()).toBe(2);
});

test.each([401, 429, 503])("a passing refusal (%i) keeps the order and tries again", async (status) => {
  let tries = 0;
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (tries++ === 0) throw refusal(status);
    sent.push(it.id);
  });
  await outbox.add(item("1"));
  await outbox.add(item("2"));
  await outbox.drain();
  await outbox.drain();
  expect(sent).toEqual(["1", "2"]);
});

test("nothing that lies there can be read without the key", async () => {
  const outbox = await box(async () => {
    throw new NoAnswer("down");
  });
  await outbox.add(item("1", { body: { family_name: "Probe" } }));
  await outbox.drain();
  const rows = await new Promise<unknown[]>((resolve, reject) => {
    const asked = indexedDB.open(`box-${count}`);
    asked.onsuccess = () => {
      const all = asked.result.transaction("items").objectStore("items").getAll();
      all.onsuccess = () => resolve(all.result);
      all.onerror = () => reject(all.error);
    };
  });
  const row = rows[0] as { box: ArrayBuffer; id: string };
  expect(Object.keys(row).sort()).toEqual(["box", "id", "iv", "refused", "seq"]);
  expect(new TextDecoder().decode(row.box)).not.toContain("Probe");
  outbox.lock();
  expect(items.value).toEqual([]);
  await outbox.unlock(await outboxKey(new Uint8Array(32).fill(8).buffer));
  expect(items.value).toEqual([]);
  expect(unsent.value).toBe(1);
});

test("the same id is kept once", async () => {
  const outbox = await box(async () => {
    throw new NoAnswer("down");
  });
  await outbox.add(item("1"));
  await expect(outbox.add(item("1"))).rejects.toThrow();
  expect(await outbox.count()).toBe(1);
});
