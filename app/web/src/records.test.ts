// What is held of a session as looks at it come back: in any order, and judged at any instant.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});

interface Asked {
  path: string;
  /** The ETag that the question named. */
  held: string | undefined;
  answer: (body: unknown, etag?: string) => void;
  nothingNew: () => void;
  refuse: (status: number) => void;
}
/** Questions on their way, each to be answered by the test, in whichever order. What is written is acknowledged at once. */
const asked: Asked[] = [];
let kept_with = 0;
globalThis.fetch = ((path: string, { method, headers, signal }: { method: string; headers: Record<string, string>; signal: AbortSignal }) =>
  new Promise<Response>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
    if (method === "PUT" && path.includes("/readings/")) {
      resolve(new Response("{}", { status: 201, headers: { "x-item-id": headers["X-Item-Id"]!, "x-session-version": String(kept_with) } }));
    } else if (path.startsWith("/v1/sessions/")) {
      const answer = (body: unknown, etag?: string) => resolve(new Response(JSON.stringify(body), { status: 200, headers: etag ? { etag } : {} }));
      asked.push({ path, held: headers["If-None-Match"], answer, nothingNew: () => resolve(new Response(null, { status: 304 })), refuse: (status) => resolve(new Response('{"code": "no"}', { status })) });
    } else reject(new Error("nobody answers this"));
  })) as typeof fetch;

const { items } = await import("./outbox");
const { load, session, watch } = await import("./records");
const { board, boardHeard, outbox, person, silentSince, toldOf, token, type } = await import("./store");
const { taking } = await import("./stream");

let id = "";
beforeEach(() => {
  id = crypto.randomUUID();
  asked.length = 0;
  token.value = "t";
  person.value = { staff_id: "s", username: "ada", name: "Ada", role: "nurse", clinic: "North", ticket: "t" };
  silentSince.value = null;
  board.value = new Map();
  boardHeard.value = false;
  toldOf.value = new Map();
});
afterEach(() => {
  vi.useRealTimers();
  // nothing that a test left unanswered is waited for by the next one
  person.value = null;
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

test("an older look that comes back later does not take the newer one's place", async () => {
  void load(id);
  asked[0]!.answer(look(41, "2026-03-07T14:00:00Z"));
  await settled();
  void load(id);
  asked[1]!.answer(look(40, "2026-03-07T14:02:00Z"));
  await settled();
  expect(session(id)?.version).toBe(41);
});

test("one look is under way at a time: who wants one meanwhile gets the next, all of them the same", async () => {
  void load(id);
  const both = Promise.all([load(id), load(id)]);
  expect(asked).toHaveLength(1);
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z", { tablets: { t: "old name" } }));
  await settled();
  expect(asked).toHaveLength(2);
  asked[1]!.answer(look(40, "2026-03-07T14:00:00Z", { tablets: { t: "new name" } }));
  await both;
  expect(session(id)?.tablets).toEqual({ t: "new name" });
  expect(asked).toHaveLength(2);
});

test("a session that is opened while the service is heard is asked for once: each look is on record", async () => {
  const leave = watch(id);
  await settled();
  expect(asked.map((each) => each.path)).toEqual([`/v1/sessions/${id}`]);
  leave();
});

// --- how often it is asked for ---------------------------------------------------------------------------------------

const line = (version: number) => ({ id, version, digest: `digest of ${version}`, status: "not-met", lapses_at: null, patient: {}, concerns: [], not_met: [], unknown: [] });
const heartbeat = (version: number) => new Map([[id, { id, version, readiness: { status: "not-met" as const, as_of: "2026-03-07T14:01:00Z", lapses_at: null, digest: `digest of ${version}` } }]]);
const ETAG = 'W/"1.abc"';

/** A session that is open on the screen, and as new as the board's line. */
async function opened() {
  const take = taking();
  const tell = (version: number, number: number) => take({ items: [line(version)] as never, gone: [], as_of: "2026-03-07T14:00:00Z", version: number });
  const leave = watch(id);
  tell(40, 7);
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z"), ETAG);
  await settled();
  expect(asked).toHaveLength(1);
  return { tell, leave };
}
const save = () => type({ id: crypto.randomUUID(), method: "PUT", path: `/v1/sessions/${id}/readings/r`, body: {}, session_id: id, makes: false, about: "a set" });

test.each(["stream", "heartbeat", "acknowledgement"])("a save is looked at once, though stream, heartbeat and acknowledgement all speak of it; first the %s", async (first) => {
  await outbox.unlock(await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
  const { tell, leave } = await opened();
  kept_with = 41;
  const words: Record<string, () => unknown> = { stream: () => tell(41, 8), heartbeat: () => (toldOf.value = heartbeat(41)), acknowledgement: save };
  await words[first]!();
  await settled();
  for (const [name, say] of Object.entries(words)) if (name !== first) await say();
  await settled();
  expect(asked).toHaveLength(2);
  asked[1]!.answer(look(41, "2026-03-07T14:01:00Z"), ETAG);
  await settled();
  // told again, or told late of what was before, nothing is asked; what has arrived is let go
  toldOf.value = heartbeat(41);
  toldOf.value = heartbeat(40);
  await settled();
  expect(asked).toHaveLength(2);
  expect(session(id)?.version).toBe(41);
  expect(await outbox.count()).toBe(0);
  leave();
});

test.each([
  [503, 1],
  [429, 1],
  [404, 0],
])("a look that is refused with %i leaves %i of what has arrived in sight", async (status, left) => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await outbox.unlock(key);
  const { leave } = await opened();
  kept_with = 41;
  await save();
  await settled();
  asked[1]!.refuse(status);
  await settled();
  await outbox.unlock(key);
  expect(items.value.filter(({ item, state }) => item.session_id === id && state === "in the record")).toHaveLength(left);
  leave();
});

test("a look that lacks what came while it was under way is asked for once more", async () => {
  const { tell, leave } = await opened();
  tell(41, 8);
  tell(42, 9);
  tell(43, 10);
  expect(asked).toHaveLength(2);
  asked[1]!.answer(look(42, "2026-03-07T14:01:00Z"));
  await settled();
  expect(asked).toHaveLength(3);
  asked[2]!.answer(look(43, "2026-03-07T14:01:00Z"));
  await settled();
  expect(asked).toHaveLength(3);
  leave();
});

test("a lapse by the clock alone moves no version, and is looked at", async () => {
  const { leave } = await opened();
  board.value = new Map([[id, { ...line(40), status: "cannot-tell" } as never]]);
  expect(asked).toHaveLength(2);
  leave();
});

test("what is held is named by its ETag, and stays where nothing is new", async () => {
  await outbox.unlock(await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]));
  const { leave } = await opened();
  kept_with = 40;
  await save();
  await settled();
  const before = session(id);
  const again = load(id);
  expect(asked.map((each) => each.held)).toEqual([undefined, ETAG]);
  asked[1]!.nothingNew();
  await again;
  expect(session(id)).toBe(before);
  // a look without an ETag is asked for whole
  void load(id);
  asked[2]!.answer(look(41, "2026-03-07T14:01:00Z"));
  await settled();
  void load(id);
  expect(asked[3]!.held).toBeUndefined();
  leave();
});

test("what was kept of a session, or held before a lock, is asked for whole", async () => {
  const { leave } = await opened();
  leave();
  const who = person.value;
  person.value = null;
  person.value = who;
  void load(id);
  expect(asked[1]!.held).toBeUndefined();
});

test("a look that does not come back holds up nothing newer for long", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  void load(id);
  vi.advanceTimersByTime(3_000);
  const next = load(id);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toHaveLength(2);
  asked[1]!.answer(look(41, "2026-03-07T14:00:00Z"));
  await next;
  // whoever gave up one question has not found the service silent; and its answer counts for nothing
  expect(silentSince.value).toBeNull();
  asked[0]!.answer(look(50, "2026-03-07T14:00:00Z"));
  await vi.advanceTimersByTimeAsync(0);
  expect(session(id)?.version).toBe(41);
});

test("whoever comes next waits for nothing that was asked before", async () => {
  void load(id);
  const who = person.value;
  person.value = null;
  person.value = who;
  void load(id);
  expect(asked).toHaveLength(2);
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z"));
  await settled();
  expect(session(id)).toBeUndefined();
});

// --- what only a heartbeat has told of -------------------------------------------------------------------------------

test("an assessment that only a heartbeat has told of is asked for", async () => {
  const readiness = { status: "met", as_of: "2026-03-07T14:00:00Z", lapses_at: null, earliest_met_at: null, digest: "the same", findings: [], closed: false };
  void load(id);
  asked[0]!.answer(look(40, "2026-03-07T14:00:00Z", { readiness }));
  await settled();
  const leave = watch(id);
  asked[1]!.answer(look(40, "2026-03-07T14:00:00Z", { readiness }));
  await settled();
  const before = asked.length;
  const said = { status: "not-met", as_of: "2026-03-07T14:01:00Z", lapses_at: null, digest: "another" } as const;
  toldOf.value = new Map([[id, { id, readiness: said }]]);
  expect(asked.slice(before).map((each) => each.path)).toEqual([`/v1/sessions/${id}`]);
  asked[before]!.answer(look(41, "2026-03-07T14:01:00Z", { readiness: { ...readiness, ...said } }));
  await settled();
  // the same word again about what is held asks nothing
  toldOf.value = new Map([[id, { id, readiness: { ...said, digest: "another" } }]]);
  expect(asked).toHaveLength(before + 1);
  leave();
});
