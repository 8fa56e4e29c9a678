import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoAnswer, Refused } from "./api";
import { outboxKey } from "./keys";
import { items, Outbox, unsent, type Item } from "./outbox";

let count = 0;
beforeEach(() => {
  count += 1;
  items.value = [];
  unsent.value = 0;
});
afterEach(() => vi.useRealTimers());

function item(id: string, other: Partial<Item> = {}): Item {
  const session_id = other.session_id === undefined ? "s" : other.session_id;
  return {
    id,
    method: "PUT",
    path: session_id === null ? `/v1/patients/${id}` : `/v1/sessions/${session_id}/readings/${id}`,
    body: { n: id },
    headers: {},
    session_id,
    makes: false,
    about: id,
    author: { staff_id: "a", name: "Ada", ticket: "t" },
    typed_at: "2026-03-08T09:30:00Z",
    ...other,
  };
}
const key = () => outboxKey(new Uint8Array(32).fill(7).buffer);
const refusal = (status: number) => new Refused({ status, code: "x", title: "", detail: "no" });
const VERSION = 40;
const patient = (id: string): Item => item(id, { session_id: null, makes: true });
const sessionOf = (id: string, patient_id: string): Item => item(id, { path: `/v1/sessions/${id}`, session_id: id, makes: true, body: { patient_id } });

async function box(deliver: (item: Item) => Promise<void>, name = `box-${count}`): Promise<Outbox> {
  const made = new Outbox(async (it) => (await deliver(it), it.session_id === null ? null : VERSION), name);
  await made.unlock(await key());
  return made;
}

/** Lets what is under way come to its end, however long the clock says it takes. */
async function soon(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
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
  outbox.letGo("s", VERSION);
  await outbox.unlock(await key());
  outbox.letGo("s", VERSION);
  expect(items.value.map((kept) => [kept.item.id, kept.state])).toEqual([["1", "refused"]]);
});

test("what hangs on a refused session waits, other sessions do not", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (it.makes) throw refusal(409);
    sent.push(it.id);
  });
  await outbox.add(sessionOf("a", "p"));
  await outbox.add(item("2", { session_id: "a" }));
  await outbox.add(item("3", { session_id: "b" }));
  await outbox.drain();
  expect(sent).toEqual(["3"]);
  expect(await outbox.count()).toBe(2);
});

test("a refused patient holds up their own session, and no other patient", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (it.id === "p1") throw refusal(409);
    sent.push(it.id);
  });
  await outbox.add(patient("p1"));
  await outbox.add(sessionOf("s1", "p1"));
  await outbox.add(patient("p2"));
  await outbox.add(sessionOf("s2", "p2"));
  await outbox.drain();
  expect(sent.sort()).toEqual(["p2", "s2"]);
  expect(items.value.find((kept) => kept.item.id === "s1")?.state).toBe("on this tablet");
});

test("a session waits until its patient is in the record, though the lanes are two", async () => {
  const sent: string[] = [];
  let letPatient = (): void => undefined;
  const outbox = await box(async (it) => {
    if (it.id === "p") await new Promise<void>((resolve) => (letPatient = resolve));
    sent.push(it.id);
  });
  await outbox.add(patient("p"));
  await outbox.add(sessionOf("s", "p"));
  const drained = outbox.drain();
  await soon();
  expect(sent).toEqual([]);
  letPatient();
  await drained;
  expect(sent).toEqual(["p", "s"]);
});

test.each([500, 503, "an answer that is none"])("one item that fails (%s) again and again stops nobody else's", async (what) => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (it.id === "1") throw typeof what === "number" ? refusal(what) : new NoAnswer("status 403");
    sent.push(it.id);
  });
  await outbox.add(item("1", { session_id: "a" }));
  await outbox.add(item("2", { session_id: "a" }));
  await outbox.add(item("3", { session_id: "b" }));
  await outbox.drain();
  expect(sent).toEqual(["3"]);
  expect(items.value.find((kept) => kept.item.id === "1")?.state).toBe("on this tablet");
});

test("an answer that does not come for long stops nobody else's, also not what is typed meanwhile", async () => {
  const sent: string[] = [];
  let answer = (): void => undefined;
  const outbox = await box(async (it) => {
    if (it.id === "1") await new Promise<void>((resolve) => (answer = resolve));
    sent.push(it.id);
  });
  await outbox.add(item("1", { session_id: "a" }));
  await soon();
  await outbox.add(item("2", { session_id: "b" }));
  await soon();
  expect(sent).toEqual(["2"]);
  answer();
  await outbox.drain();
  expect(sent).toEqual(["2", "1"]);
});

test.each([401, 429, 503])("a passing refusal (%i) keeps the order, rests, and tries again", async (status) => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  let tries = 0;
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    if (tries++ < 2) throw refusal(status);
    sent.push(it.id);
  });
  await outbox.add(item("1"));
  await outbox.add(item("2"));
  await outbox.drain();
  await outbox.drain();
  expect(tries).toBe(1);
  vi.advanceTimersByTime(2_000);
  await outbox.drain();
  expect(tries).toBe(2);
  // the second rest is longer
  vi.advanceTimersByTime(2_000);
  await outbox.drain();
  expect(tries).toBe(2);
  vi.advanceTimersByTime(2_000);
  await outbox.drain();
  expect(sent).toEqual(["1", "2"]);
});

test("whoever asks wakes every lane; the service that is heard again only those that heard nothing", async () => {
  const tried: string[] = [];
  const outbox = await box(async (it) => {
    tried.push(it.id);
    throw it.id === "1" ? refusal(503) : new NoAnswer("no network", true);
  });
  await outbox.add(item("1", { session_id: "a" }));
  await outbox.add(item("2", { session_id: "b" }));
  await outbox.drain();
  await outbox.wake(true);
  expect(tried).toEqual(["1", "2", "2"]);
  await outbox.wake();
  expect(tried).toEqual(["1", "2", "2", "1", "2"]);
});

test("what has arrived stays in sight until a record that shows it is held, also through a restart", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const outbox = await box(async () => undefined);
  await outbox.add(item("1"));
  await outbox.drain();
  vi.advanceTimersByTime(60_000);
  expect(items.value.map((kept) => kept.state)).toEqual(["in the record"]);
  expect(unsent.value).toBe(0);
  outbox.letGo("s", VERSION - 1);
  outbox.letGo("another", VERSION);
  expect(items.value).toHaveLength(1);
  items.value = [];
  const again = await box(async () => undefined, `box-${count}`);
  expect(items.value.map((kept) => kept.state)).toEqual(["in the record"]);
  expect(unsent.value).toBe(0);
  again.letGo("s", VERSION);
  expect(items.value).toEqual([]);
});

test("what has arrived is shown as such for a moment, though a record has it at once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const outbox = await box(async () => undefined);
  await outbox.add(item("1"));
  await outbox.drain();
  outbox.letGo("s", VERSION);
  expect(items.value.map((kept) => kept.state)).toEqual(["in the record"]);
  vi.advanceTimersByTime(4_000);
  expect(items.value).toEqual([]);
});

const EVENT = "/v1/sessions/s/events/";
const right = item("right", { path: `${EVENT}right`, about: "dose, Maria" });
const gone = item("gone", { method: "POST", path: `${EVENT}wrong/void`, rests: "right" });
const states = () => items.value.map((kept) => [kept.item.id, kept.state, kept.problem?.code ?? null]);
const REFUSED = [
  ["right", "refused", "x"],
  ["gone", "refused", "rests-on-refused"],
];

test("what rests on a refusal is refused too, with a sentence, and never sent", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    sent.push(it.id);
    if (it.id === "right") throw refusal(409);
  });
  await outbox.add(right);
  await outbox.add(gone);
  await outbox.add(item("again", { rests: "gone" }));
  await outbox.add(item("other"));
  await outbox.drain();
  expect(sent).toEqual(["right", "other"]);
  expect(states()).toEqual([...REFUSED, ["again", "refused", "rests-on-refused"], ["other", "in the record", null]]);
  expect(items.value[1]!.problem?.detail).toContain("“dose, Maria”, which was refused");
  // nor when somebody asks for it, and nor after a restart
  await outbox.retry(items.value[1]!.seq);
  await outbox.wake();
  const second = await box(async (it) => void sent.push(it.id), `box-${count}`);
  await second.wake();
  expect(sent).toEqual(["right", "other"]);
});

test.each([503, null])("what rests on something waits as long as that has no answer (%s), through a lock and a restart", async (status) => {
  const sent: string[] = [];
  let down = true;
  const deliver = async (it: Item) => {
    if (down) throw status === null ? new NoAnswer("down", true) : refusal(status);
    sent.push(it.id);
  };
  const outbox = await box(deliver);
  await outbox.add(right);
  await outbox.add(gone);
  await outbox.drain();
  outbox.lock();
  await outbox.unlock(await key());
  expect(states()).toEqual([["right", "on this tablet", null], ["gone", "on this tablet", null]]);
  items.value = [];
  const again = await box(deliver, `box-${count}`);
  down = false;
  await again.wake();
  expect(sent).toEqual(["right", "gone"]);
});

test("what is typed upon a refusal is refused as well", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => {
    sent.push(it.id);
    throw refusal(409);
  });
  await outbox.add(right);
  await outbox.drain();
  await outbox.add(gone);
  await outbox.drain();
  expect(sent).toEqual(["right"]);
  expect(states()).toEqual(REFUSED);
});

test("sent again, it takes along what rests on it", async () => {
  const sent: string[] = [];
  let tries = 0;
  const outbox = await box(async (it) => {
    if (it.id === "right" && tries++ === 0) throw refusal(409);
    sent.push(it.id);
  });
  await outbox.add(right);
  await outbox.add(gone);
  await outbox.drain();
  await outbox.retry(items.value[0]!.seq);
  expect(sent).toEqual(["right", "gone"]);
});

test("what rested on something that was set aside is never sent, whether it was typed before or after", async () => {
  const sent: string[] = [];
  const deliver = async (it: Item) => {
    sent.push(it.id);
    if (it.id === "right") throw refusal(409);
  };
  const outbox = await box(deliver);
  await outbox.add(right);
  await outbox.drain();
  // kept while the service cannot be asked: nobody is signed in there
  const setAside = outbox.settle(items.value[0]!.seq);
  await outbox.add(gone);
  await setAside;
  await outbox.add(item("later", { rests: "right" }));
  await outbox.drain();
  expect(states()).toEqual([["gone", "refused", "rests-on-refused"], ["later", "refused", "rests-on-refused"]]);
  items.value = [];
  const again = await box(deliver, `box-${count}`);
  for (const { seq } of items.value) await again.retry(seq);
  await again.wake();
  expect(sent).toEqual(["right"]);
});

test("what rests on something that the record has long had is sent", async () => {
  const sent: string[] = [];
  const outbox = await box(async (it) => void sent.push(it.id));
  await outbox.add(gone);
  await outbox.drain();
  expect(sent).toEqual(["gone"]);
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
