// What is held of a session as looks at it come back: in any order, and judged at any instant.
import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});

/** Questions on their way, each to be answered by the test, in whichever order. */
const asked: { path: string; answer: (body: unknown) => void }[] = [];
globalThis.fetch = ((path: string) =>
  new Promise<Response>((resolve) => {
    asked.push({ path, answer: (body) => resolve(new Response(JSON.stringify(body), { status: 200 })) });
  })) as typeof fetch;

const { load, session, watch } = await import("./records");
const { person, silentSince, toldOf, token } = await import("./store");

let id = "";
beforeEach(() => {
  id = crypto.randomUUID();
  asked.length = 0;
  token.value = "t";
  person.value = { staff_id: "s", username: "ada", name: "Ada", role: "nurse", clinic: "North", ticket: "t" };
  silentSince.value = null;
});

/** A look as the service would tell it; only what is looked at here. */
function look(version: number, as_of: string, other: Record<string, unknown> = {}): unknown {
  const readiness = { status: "not-met", as_of, lapses_at: null, earliest_met_at: null, digest: `digest of ${version}`, findings: [], closed: false };
  return { id, version, demo: false, state: "recovering", notices: [], tablets: {}, baseline: null, readiness, ...other };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

test("a late notice is seen though a closed session is judged as of an earlier instant", async () => {
  void load(id);
  asked[0]!.answer(look(40, "2026-03-07T14:02:00Z"));
  await settled();
  void load(id);
  asked[1]!.answer(look(44, "2026-03-07T14:00:00Z", { state: "discharged", notices: [{ id: "n" }] }));
  await settled();
  expect(session(id)?.state).toBe("discharged");
  expect(session(id)?.notices).toHaveLength(1);
});

test("an older look that comes back last does not take the newer one's place", async () => {
  void load(id);
  void load(id);
  asked[1]!.answer(look(41, "2026-03-07T14:00:00Z"));
  await settled();
  asked[0]!.answer(look(40, "2026-03-07T14:02:00Z"));
  await settled();
  expect(session(id)?.version).toBe(41);
});

test("of two looks of one version the later asked stays", async () => {
  void load(id);
  void load(id);
  asked[1]!.answer(look(40, "2026-03-07T14:00:00Z", { tablets: { t: "new name" } }));
  await settled();
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z", { tablets: { t: "old name" } }));
  await settled();
  expect(session(id)?.tablets).toEqual({ t: "new name" });
});

test("a session that is opened while the service is heard is asked for once: each look is on record", async () => {
  const leave = watch(id);
  await settled();
  expect(asked.map((each) => each.path)).toEqual([`/v1/sessions/${id}`]);
  leave();
});

// --- what only a heartbeat has told of -------------------------------------------------------------------------------

test("an assessment that only a heartbeat has told of is asked for", async () => {
  const readiness = { status: "met", as_of: "2026-03-07T14:00:00Z", lapses_at: null, earliest_met_at: null, digest: "the same", findings: [], closed: false };
  void load(id);
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z", { readiness }));
  await settled();
  const leave = watch(id);
  await settled();
  const before = asked.length;
  const said = { status: "not-met", as_of: "2026-03-07T14:01:00Z", lapses_at: null, digest: "another" } as const;
  toldOf.value = new Map([[id, { id, readiness: said }]]);
  expect(asked.slice(before).map((each) => each.path)).toEqual([`/v1/sessions/${id}`]);
  // the same word again about what is held asks nothing
  toldOf.value = new Map([[id, { id, readiness: { ...said, digest: "the same" } }]]);
  expect(asked).toHaveLength(before + 1);
  leave();
});
