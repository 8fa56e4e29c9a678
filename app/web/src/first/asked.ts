// What the setting-up screens show, as the service says it now: nothing here is kept on the tablet.

import { useEffect, useState } from "preact/hooks";
import { Refused } from "../api";
import { said } from "../parts/form";
import { connected, noticeFailure, token } from "../store";

export interface Asked<T> {
  /** null: not heard yet, or not heard now. */
  found: T | null;
  /** Why nothing was found, where the service refused. */
  refused: string;
  again: () => void;
}

/** Asks when the screen opens, when the service is back, and when the screen asks again. */
export function useAsked<T>(question: () => Promise<T>): Asked<T> {
  const [found, setFound] = useState<T | null>(null);
  const [refused, setRefused] = useState("");
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let here = true;
    const bearer = token.value;
    question().then(
      (answer) => {
        if (!here) return;
        setFound(answer);
        setRefused("");
      },
      (failure) => {
        noticeFailure(failure, bearer);
        if (here && failure instanceof Refused) setRefused(said(failure));
      },
    );
    return () => {
      here = false;
    };
  }, [turn, connected.value]);
  return { found, refused, again: () => setTurn((now) => now + 1) };
}
