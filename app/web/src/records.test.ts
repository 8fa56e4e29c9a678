// What is held of a session as looks at it come back: in any order, and judged at any instant.
import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) },
});

/** Questions on their way, each to be answered by the test, in whichever order. */
const asked: { path: string; answer: (body: unknown) => void }[] = [];
globalThis.fetch = ((path: string) =>
  new Promise<Response>((resolve) => {
    asked.push({ path, answer: (body) => resolve(new Response(JSON.stringify(body), { status: 200 })) });
  })) as typeof fetch;

const { load, session, watch } = await import("./records");
const { board, boardHeard, person, silentSince, toldOf, token } = await import("./store");
const { whyUnknown } = await import("./doubt");
const { hear } = await import("./time");

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

// --- a flag that is met ----------------------------------------------------------------------------------------------

const HERE = Date.parse("2026-03-07T14:00:00Z");
const after = (minutes: number): string => new Date(HERE + minutes * 60_000).toISOString();

/** A look that is met until `lapses_at`, on the screen, while the stream is heard. */
async function met(version: number, lapses_at: string): Promise<NonNullable<ReturnType<typeof session>>> {
  hear(after(0), after(0), 1, performance.now());
  void load(id);
  const readiness = { status: "met", as_of: after(-1), lapses_at, earliest_met_at: null, digest: "the same", findings: [], closed: false };
  asked.at(-1)!.answer(look(version, after(-1), { readiness }));
  await settled();
  return session(id)!;
}
const line = (version: number, other: Record<string, unknown>): void => {
  board.value = new Map([[id, { id, version, status: "met", digest: "the same", ...other } as never]]);
  boardHeard.value = true;
};

test("a heartbeat moves the lapse on without a new look", async () => {
  const record = await met(40, after(2));
  line(40, { lapses_at: after(2) });
  hear(after(3), after(3), 1, performance.now());
  expect(whyUnknown(record)?.text).toMatch(/lapsed/);
  line(42, { lapses_at: after(5) });
  expect(whyUnknown(record)).toBeNull();
});

test("a line that is older than the look takes nothing back", async () => {
  const record = await met(42, after(5));
  line(40, { lapses_at: after(2), digest: "an older one" });
  hear(after(3), after(3), 1, performance.now());
  expect(whyUnknown(record)).toBeNull();
});

test("a newer line that speaks of another assessment does, until it has been asked for", async () => {
  const record = await met(40, after(5));
  line(41, { digest: "another", status: "not-met", lapses_at: null });
  expect(whyUnknown(record)).toMatchObject({ all: true });
});

test("nothing is met before the stream has spoken, nor after the lapse", async () => {
  boardHeard.value = false;
  const record = await met(40, after(5));
  expect(whyUnknown(record)).not.toBeNull();
  line(40, { lapses_at: after(5) });
  expect(whyUnknown(record)).toBeNull();
  hear(after(5), after(5), 1, performance.now());
  expect(whyUnknown(record)?.text).toMatch(/lapsed/);
});

test("a line that the service itself no longer calls met is believed, whatever this tablet's clock says", async () => {
  const record = await met(40, after(5));
  line(40, { lapses_at: after(5), status: "cannot-tell" });
  expect(whyUnknown(record)).toMatchObject({ all: true });
});

test("the answer to a heartbeat is a word too, where it says its version", async () => {
  const record = await met(40, after(2));
  line(40, { lapses_at: after(2) });
  hear(after(3), after(3), 1, performance.now());
  const said = { status: "met", as_of: after(-1), lapses_at: after(5), digest: "the same" } as const;
  // without one it may be older than what is known
  toldOf.value = new Map([[id, { id, readiness: said }]]);
  expect(whyUnknown(record)?.text).toMatch(/lapsed/);
  toldOf.value = new Map([[id, { id, version: 43, readiness: said }]]);
  expect(whyUnknown(record)).toBeNull();
  toldOf.value = new Map([[id, { id, version: 44, readiness: { ...said, status: "not-met", digest: "another" } }]]);
  expect(whyUnknown(record)).toMatchObject({ all: true });
});

test("an assessment that only a heartbeat has told of is asked for", async () => {
  await met(40, after(5));
  const leave = watch(id);
  await settled();
  const before = asked.length;
  const said = { status: "not-met", as_of: after(1), lapses_at: null, digest: "another" } as const;
  toldOf.value = new Map([[id, { id, readiness: said }]]);
  expect(asked.slice(before).map((each) => each.path)).toEqual([`/v1/sessions/${id}`]);
  // the same word again about what is held asks nothing
  toldOf.value = new Map([[id, { id, readiness: { ...said, digest: "the same" } }]]);
  expect(asked).toHaveLength(before + 1);
  leave();
});
