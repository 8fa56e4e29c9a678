import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import { letGoOfOld, offerAgain } from "./again";
import { Refused } from "./api";
import { outboxKey } from "./keys";
import { items, Outbox, unsent, type Item } from "./outbox";

const HOUR = 3_600_000;
let name = "";
let count = 0;
beforeEach(() => {
  count += 1;
  name = `again-${count}`;
  items.value = [];
  unsent.value = 0;
});

const item = (id: string, session_id: string | null = "s"): Item => ({
  id,
  method: "PUT",
  path: session_id === null ? `/v1/patients/${id}` : `/v1/sessions/${session_id}/readings/${id}`,
  body: { n: id },
  headers: { "X-Tablet-Clock-Offset-Ms": "3" },
  session_id,
  makes: false,
  about: id,
  author: { staff_id: "a", name: "Ada", ticket: "t" },
  typed_at: "2026-03-08T09:30:00Z",
});
const key = () => outboxKey(new Uint8Array(32).fill(7).buffer);

/** A service that keeps what it gets, and can lose it. */
class Service {
  kept: Item[] = [];
  refuse: (item: Item) => boolean = () => false;
  deliver = async (it: Item): Promise<number | null> => {
    if (this.refuse(it)) throw new Refused({ status: 404, code: "not-found", title: "", detail: "no" });
    this.kept.push(it);
    return it.session_id === null ? null : 40;
  };
}

async function tablet(service: Service): Promise<Outbox> {
  items.value = [];
  const outbox = new Outbox(service.deliver, name);
  await outbox.unlock(await key());
  return outbox;
}

async function charted(service: Service): Promise<Outbox> {
  const outbox = await tablet(service);
  await outbox.add(item("p", null));
  for (const id of ["1", "2"]) await outbox.add(item(id));
  await outbox.drain();
  outbox.letGo("s", 40);
  // what is let go of is laid by
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  return outbox;
}

test("what has arrived is kept, counts as sent, and is shown no more after a start", async () => {
  const service = new Service();
  const outbox = await charted(service);
  expect(await outbox.count()).toBe(0);
  const again = await tablet(service);
  again.letGo("s", 40);
  expect(items.value.filter(({ state }) => state !== "in the record")).toEqual([]);
  await again.drain();
  expect(service.kept.map(({ id }) => id).sort()).toEqual(["1", "2", "p"]);
});

test("after a restore all of it is sent again, as it was", async () => {
  const service = new Service();
  await charted(service);
  const before = [...service.kept];
  service.kept = [];
  expect(await offerAgain(Date.now() - HOUR, name)).toBe(3);
  const again = await tablet(service);
  expect(unsent.value).toBe(3);
  await again.drain();
  const byId = (all: Item[]): Item[] => [...all].sort((a, b) => a.id.localeCompare(b.id));
  expect(byId(service.kept)).toEqual(byId(before));
  expect(await again.count()).toBe(0);
});

test("the control: without the offer nothing comes back", async () => {
  const service = new Service();
  await charted(service);
  service.kept = [];
  await (await tablet(service)).drain();
  expect(service.kept).toEqual([]);
});

test("what had arrived before the backup stays where it is", async () => {
  const service = new Service();
  await charted(service);
  service.kept = [];
  // the readings of the session wait for a look that shows them, and have no time of their own: they are offered
  const soon = Date.now() + HOUR;
  const offered = await offerAgain(soon, name);
  await (await tablet(service)).drain();
  expect(service.kept.length).toBe(offered);
  expect(service.kept.map(({ id }) => id)).not.toContain("p");
});

test("what comes before its ground is tried again, and only then refused", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const service = new Service();
  await charted(service);
  await offerAgain(Date.now() - HOUR, name);
  service.refuse = ({ session_id }) => session_id === "s";
  const again = await tablet(service);
  await again.drain();
  expect(items.value.filter(({ state }) => state === "refused")).toEqual([]);
  for (let turn = 0; turn < 20 && items.value.every(({ state }) => state !== "refused"); turn += 1) {
    vi.advanceTimersByTime(61_000);
    await again.drain();
  }
  expect(items.value.filter(({ state }) => state === "refused").map(({ item: { id } }) => id)).toContain("1");
  vi.useRealTimers();
});

test("after three days it is let go of", async () => {
  const service = new Service();
  await charted(service);
  expect(await letGoOfOld(Date.now() + 71 * HOUR, name)).toBe(0);
  expect(await letGoOfOld(Date.now() + 73 * HOUR, name)).toBeGreaterThan(0);
  service.kept = [];
  await offerAgain(0, name);
  await (await tablet(service)).drain();
  expect(service.kept.map(({ id }) => id)).not.toContain("p");
});
