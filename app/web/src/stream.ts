// The board, live. A page that hears nothing says so; it never guesses that nothing changed. Each event says as of when
// it is and which number it has: one that is late is known to be late, and one that is missing is missed.

import { batch, effect } from "@preact/signals";
import { spokeAsOf } from "./fresh";
import { board, boardHeard, compareClocks, lifeSign, onWard, silentSince, tabletId, token, type BoardItem } from "./store";
import { notBefore } from "./time";

const DEAF_MS = 25_000;
const AGAIN_MS = 3_000;

export interface News {
  items: BoardItem[];
  gone: string[];
  as_of: string;
  version: number;
}

/** Follows the board while somebody is signed in, for ever again after it broke. */
export function follow(): void {
  let stop = new AbortController();
  effect(() => {
    stop.abort();
    const bearer = token.value;
    spokeAsOf.value = null;
    if (bearer === null || !onWard.value) return;
    stop = new AbortController();
    void keepListening(bearer, stop.signal);
  });
}

async function keepListening(bearer: string, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    const missed = await listen(bearer, stopped).catch(() => false);
    if (stopped.aborted) return;
    if (!missed) silentSince.value ??= Date.now();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Listens until the connection ends. True: it went on, and something of it was missed. */
async function listen(bearer: string, stopped: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const end = (): void => over.abort();
  stopped.addEventListener("abort", end);
  let alarm = setTimeout(end, DEAF_MS);
  try {
    const answer = await fetch("/v1/stream", {
      headers: { Authorization: `Bearer ${bearer}`, "X-Tablet-Id": tabletId },
      cache: "no-store",
      signal: over.signal,
    });
    if (!answer.ok || !answer.body) return false;
    const take = taking();
    const said = answer.body.getReader();
    const text = new TextDecoder();
    let left = "";
    // not every browser walks a stream with `for await`
    for (let next = await said.read(); !next.done; next = await said.read()) {
      left += text.decode(next.value, { stream: true });
      const parts = left.split("\n\n");
      left = parts.pop() ?? "";
      for (const part of parts) {
        clearTimeout(alarm);
        alarm = setTimeout(end, DEAF_MS);
        const line = part.split("\n").find((each) => each.startsWith("data: "));
        if (line && !stopped.aborted && !take(JSON.parse(line.slice(6)) as News)) return true;
      }
    }
    return false;
  } finally {
    clearTimeout(alarm);
    stopped.removeEventListener("abort", end);
    end();
  }
}

/** Takes the events of one connection. False: one of them is missing or came out of order, so that the board here may
 * lack what it said; it is asked for anew. */
export function taking(): (news: News) => boolean {
  let version: number | null = null;
  return (news) => {
    const moves = news.items.length + news.gone.length > 0;
    const first = version === null;
    const next = first || news.version === version || (moves && news.version === version! + 1);
    if (!next || typeof news.version !== "number") {
      spokeAsOf.value = null;
      return false;
    }
    version = news.version;
    // told twice it is no older than it was
    const as_of = Math.max(Date.parse(news.as_of), first ? -Infinity : (spokeAsOf.peek() ?? -Infinity));
    if (!notBefore(as_of)) void compareClocks();
    batch(() => {
      if (first || moves) {
        const next = new Map(first ? [] : board.value);
        for (const item of news.items) next.set(item.id, item);
        for (const id of news.gone) next.delete(id);
        board.value = next;
      }
      spokeAsOf.value = as_of;
      boardHeard.value = true;
    });
    lifeSign();
    return true;
  };
}
