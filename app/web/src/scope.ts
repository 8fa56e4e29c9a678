// Work has a lifetime. What a screen asks of the service belongs to that screen: when it goes, a question ends and its answer
// is nobody's. What the service was told to do is not broken off half-way, or nobody would know whether it was done; but it
// leads nobody on from where they are by then. What belongs to the app (outbox, stream, records, signing in) is not asked
// for here; screens ask in no other way (a test looks).

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { paths } from "./api.gen";
import { ask, Refused, type Asked as Options } from "./api";
import { said } from "./parts/form";
import { goOn, type Place, place } from "./place";
import { connected, noticeFailure, own, token } from "./store";

/** The screen that asked has gone: whatever came is nobody's. */
export class Gone extends Error {}

export interface Scope {
  signal: AbortSignal;
  /** As `ask` of the api, as whoever is signed in. A question raises `Gone` where the screen has gone, whatever came. */
  ask: typeof ask;
  /** Goes on from this screen, if it is still the one shown. */
  goOn: (to: Place) => void;
}

/** Questions that are put by POST because of what is in them. */
const QUESTIONS = new Set<keyof paths>(["/v1/patients/search", "/v1/invitations/open", "/v1/imports/patients/report", "/v1/imports/days/report"]);

/** The scope that ends with this signal. */
export function scopeOf(signal: AbortSignal): Scope {
  const from = place.peek();
  const asking: typeof ask = async (method, path, names, body, asked: Options = {}) => {
    if (signal.aborted) throw new Gone();
    const bearer = token.peek();
    const mine = own();
    const isQuestion = method === "get" || QUESTIONS.has(path);
    const found = await ask(method, path, names, body, { ...mine, ...asked, headers: { ...mine.headers, ...asked.headers }, signal: isQuestion ? signal : undefined }).catch((failure: unknown) => {
      // that it was broken off says nothing of the service
      if (isQuestion && signal.aborted) throw new Gone();
      noticeFailure(failure, bearer);
      throw failure;
    });
    if (isQuestion && signal.aborted) throw new Gone();
    return found;
  };
  return { signal, ask: asking, goOn: (to) => void (signal.aborted || goOn(from, to)) };
}

/** The scope of the component that calls it: it ends when that goes. */
export function useScope(): Scope {
  const kept = useRef<{ scope: Scope; end: AbortController } | null>(null);
  if (kept.current === null) {
    const end = new AbortController();
    kept.current = { scope: scopeOf(end.signal), end };
  }
  useLayoutEffect(() => () => kept.current?.end.abort(), []);
  return kept.current.scope;
}

export interface Asked<T> {
  /** null: not heard yet, or not heard now. */
  found: T | null;
  /** Why nothing was found, where the service refused. */
  refused: string;
  again: () => void;
}

/** Asks when the screen opens, when the service is back, when one of `about` is another, and when the screen asks again. What
 * was asked before ends then, so that no late answer takes the place of a newer one. */
export function useAsked<T>(question: (scope: Scope) => Promise<T> | null, about: readonly unknown[] = []): Asked<T> {
  const [{ found, refused }, set] = useState<Pick<Asked<T>, "found" | "refused">>({ found: null, refused: "" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const end = new AbortController();
    question(scopeOf(end.signal))?.then(
      (answer) => set({ found: answer, refused: "" }),
      (failure: unknown) => {
        if (failure instanceof Refused) set((held) => ({ ...held, refused: said(failure) }));
      },
    );
    return () => end.abort();
  }, [turn, connected.value, ...about]);
  return { found, refused, again: () => setTurn((now) => now + 1) };
}
