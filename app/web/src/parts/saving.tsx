import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { NoAnswer, Refused } from "../api";
import { words } from "../words";

export interface SavingState {
  busy: boolean;
  fault: string;
  done: boolean;
  run: (act: () => Promise<void>) => Promise<void>;
}

/** What a refusal or failure says, for a person: every field at fault is named. */
export function said(failure: unknown): string {
  if (failure instanceof Refused) {
    const fields = (failure.problem.errors ?? []).map((each) => `${each.field}: ${each.message}`);
    return [failure.problem.detail, ...fields].join(" · ");
  }
  if (failure instanceof NoAnswer) return words.notHeard;
  return words.notKeptHere;
}

/** One act at a time, with what came of it. */
export function useSaving(): SavingState {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [done, setDone] = useState(false);
  const run = async (act: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFault("");
    setDone(false);
    try {
      await act();
      setDone(true);
    } catch (failure) {
      setFault(said(failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, fault, done, run };
}

export function Saving({ state }: { state: SavingState }): VNode {
  return (
    <p role="status" class={state.fault ? "fault" : "quiet"}>
      {state.busy ? words.saving : state.fault || (state.done ? words.kept : "")}
    </p>
  );
}
