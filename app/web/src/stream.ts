// The board, live. A page that hears nothing says so; it never guesses that nothing changed.

import { effect } from "@preact/signals";
import { board, boardHeard, lifeSign, silentSince, tabletId, token, type BoardItem } from "./store";

const DEAF_MS = 25_000;
const AGAIN_MS = 3_000;

interface News {
  items: BoardItem[];
  gone: string[];
  as_of: string;
}

/** Follows the board while somebody is signed in, for ever again after it broke. */
export function follow(): void {
  let stop = new AbortController();
  effect(() => {
    stop.abort();
    const bearer = token.value;
    if (bearer === null) return;
    stop = new AbortController();
    void keepListening(bearer, stop.signal);
  });
}

async function keepListening(bearer: string, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    await listen(bearer, stopped).catch(() => undefined);
    if (stopped.aborted) return;
    silentSince.value ??= Date.now();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function listen(bearer: string, stopped: AbortSignal): Promise<void> {
  const deaf = new AbortController();
  let alarm = setTimeout(() => deaf.abort(), DEAF_MS);
  try {
    const answer = await fetch("/v1/stream", {
      headers: { Authorization: `Bearer ${bearer}`, "X-Tablet-Id": tabletId },
      cache: "no-store",
      signal: AbortSignal.any([stopped, deaf.signal]),
    });
    if (!answer.ok || !answer.body) return;
    let first = true;
    let left = "";
    for await (const text of answer.body.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
      left += text;
      const parts = left.split("\n\n");
      left = parts.pop() ?? "";
      for (const part of parts) {
        clearTimeout(alarm);
        alarm = setTimeout(() => deaf.abort(), DEAF_MS);
        const line = part.split("\n").find((each) => each.startsWith("data: "));
        if (!line) continue;
        take(JSON.parse(line.slice(6)) as News, first);
        first = false;
      }
    }
  } finally {
    clearTimeout(alarm);
  }
}

function take(news: News, first: boolean): void {
  const next = new Map(first ? [] : board.value);
  for (const item of news.items) next.set(item.id, item);
  for (const id of news.gone) next.delete(id);
  board.value = next;
  boardHeard.value = true;
  lifeSign();
}
