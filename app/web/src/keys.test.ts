// What lies on a tablet of whoever set a PIN: nothing that speaks for them is readable without it.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { holders, unwrap, wrap } from "./keys";
import { Storage } from "./storage";

const who = { staff_id: "ada", name: "Ada", role: "nurse", username: "ada", until: 1000 };
const secrets = { ticket: "the ticket", device: "the device" };
const raw = new Uint8Array(32).fill(7).buffer;
const kept = new Storage("keys", () => undefined);

test("ticket and device come out with the PIN, and lie there for nobody else", async () => {
  await wrap("4826", raw, who, secrets);
  const [holder] = await holders(0);
  const lies = JSON.stringify(holder, (_, value) => (value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value));
  expect(lies).toContain("Ada");
  expect(lies).not.toContain("the ticket");
  expect(lies).not.toContain("the device");
  expect(await unwrap(holder!, "0000")).toBeNull();
  expect(await unwrap(holder!, "4826")).toMatchObject({ secrets });
});

test("what an earlier version kept in the open is taken away", async () => {
  await kept.use((db) => db.put("holders", { ...who, staff_id: "bea", ticket: "in the open", tries: 0 }));
  expect((await holders(0)).map((each) => each.staff_id)).toEqual(["ada"]);
  expect(await kept.use((db) => db.getAllKeys("holders"))).toEqual(["ada"]);
});

test("five wrong PINs in a shift take it away, and a right one wins none of them back", async () => {
  const of = async () => (await holders(0)).find((each) => each.staff_id === "cy")!;
  await wrap("4826", raw, { ...who, staff_id: "cy" }, secrets);
  expect(await unwrap(await of(), "0000")).toBeNull();
  expect(await unwrap(await of(), "4826")).not.toBeNull();
  expect((await of()).tries).toBe(1);
  const almost = { ...(await of()), tries: 4 };
  await kept.use((db) => db.put("holders", almost));
  expect(await unwrap(almost, "0000")).toBeNull();
  expect(await of()).toBeUndefined();
}, 30_000);
