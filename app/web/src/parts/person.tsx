import type { VNode } from "preact";
import { refused, unsent } from "../outbox";
import { address } from "../place";
import { lock, person } from "../store";
import { words } from "../words";

/** How much typed here is not in the record yet; one tap shows the list. */
export function Saved(): VNode {
  const bad = refused.value.length;
  return (
    <a class="button plain" href={address({ screen: "outbox" })}>
      {bad > 0 ? (
        <span class="danger">{bad} refused: look</span>
      ) : unsent.value > 0 ? (
        words.unsent(unsent.value)
      ) : (
        <span class="quiet">{words.allSaved}</span>
      )}
    </a>
  );
}

/** Who is at this tablet, and the one tap that locks it. */
export function Who(): VNode {
  return (
    <span class="row">
      <Saved />
      <span>{person.value?.name}</span>
      <button class="button" onClick={lock}>
        {words.lock}
      </button>
    </span>
  );
}
