import type { VNode } from "preact";
import { refused, unsent } from "../outbox";
import { address } from "../place";
import { lock, person } from "../store";
import { words } from "../words";

/** How much typed here is not in the record yet; one tap shows the list. */
export function Saved(): VNode {
  const bad = refused.value.length;
  const text = bad > 0 ? words.refusedItems(bad) : unsent.value > 0 ? words.unsent(unsent.value) : words.allSaved;
  return (
    <a class={`saved${bad > 0 ? " bad" : unsent.value > 0 ? " open" : ""}`} href={address({ screen: "outbox" })}>
      {bad > 0 ? `⚠ ${text}` : text}
    </a>
  );
}

/** Who is at this tablet, and the one tap that locks it. */
export function Who(): VNode {
  return (
    <>
      <span class="whoami">
        <a href={address({ screen: "account" })}>{person.value?.name}</a>
        <Saved />
      </span>
      <button class="button lock" onClick={lock}>
        {words.lock}
      </button>
    </>
  );
}
