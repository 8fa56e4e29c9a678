// What a screen asks of the service belongs to that screen.
import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
const page = { hash: "#/session/a", replaced: "" };
Object.assign(globalThis, {
  localStorage: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
  location: { get hash() { return page.hash; }, replace: (to: string) => void (page.replaced = to) },
  addEventListener: () => undefined,
});
const { Gone, scopeOf } = await import("./scope");
const { silentSince } = await import("./store");

interface Call { url: string; signal: AbortSignal; answer: (body: unknown, status?: number) => void }
const calls: Call[] = [];
globalThis.fetch = (async (url: string, { signal }: { signal: AbortSignal }) =>
  new Promise<Response>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    calls.push({ url, signal, answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })) });
  })) as unknown as typeof fetch;
beforeEach(() => {
  calls.length = 0;
  page.replaced = "";
  silentSince.value = null;
});

test("a question ends with the screen that asked it, and says nothing of the service", async () => {
  const end = new AbortController();
  const asked = scopeOf(end.signal).ask("get", "/v1/protocols", {});
  end.abort();
  await expect(asked).rejects.toBeInstanceOf(Gone);
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(silentSince.value).toBeNull();
  await expect(scopeOf(end.signal).ask("get", "/v1/protocols", {})).rejects.toBeInstanceOf(Gone);
  expect(calls).toHaveLength(1);
});

test("an answer that comes as the screen goes is nobody's, and neither is that of a search", async () => {
  for (const question of ["protocols", "search"] as const) {
    const end = new AbortController();
    const { ask } = scopeOf(end.signal);
    const asked = question === "search" ? ask("post", "/v1/patients/search", {}, { limit: 1 }) : ask("get", "/v1/protocols", {});
    await vi.waitUntil(() => calls.length > 0);
    calls.pop()!.answer({ items: [] });
    end.abort();
    await expect(asked).rejects.toBeInstanceOf(Gone);
  }
});

test("what the service was told to do goes on to its end", async () => {
  const end = new AbortController();
  const done = scopeOf(end.signal).ask("put", "/v1/sessions/{session_id}/clearance", { session_id: "a" }, {});
  await vi.waitUntil(() => calls.length > 0);
  end.abort();
  expect(calls[0]!.signal.aborted).toBe(false);
  calls[0]!.answer({ revision: 1 });
  expect((await done).body).toEqual({ revision: 1 });
});

test("nobody is led on from a screen that has gone", () => {
  const end = new AbortController();
  const scope = scopeOf(end.signal);
  scope.goOn({ screen: "board" });
  expect(page.replaced).toBe("#/board");
  page.replaced = "";
  end.abort();
  scope.goOn({ screen: "board" });
  expect(page.replaced).toBe("");
});

test("an answer that did not come is noticed, as is one that refuses", async () => {
  const asked = scopeOf(new AbortController().signal).ask("get", "/v1/protocols", {});
  calls[0]!.answer("maintenance", 502);
  await expect(asked).rejects.toThrow("status 502");
  expect(silentSince.value).not.toBeNull();
});
