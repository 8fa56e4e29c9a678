import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { words } from "../words";

/** Throws away what was typed, and asks first. */
export function Discard({ discard, label = words.entry.discard }: { discard: () => void; label?: string }): VNode {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <button type="button" class="button plain discard" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  return (
    <span class="row" role="group" aria-label={label}>
      <span>{words.entry.discardSure}</span>
      <button type="button" class="button" onClick={discard}>
        {words.entry.discardYes}
      </button>
      <button type="button" class="button plain" onClick={() => setAsking(false)}>
        {words.entry.discardNo}
      </button>
    </span>
  );
}
