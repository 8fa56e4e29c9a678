import type { VNode } from "preact";
import { address } from "../place";
import { useAsked } from "../scope";
import { connected } from "../store";
import { restoredWords as words } from "../words.desk";
import { ask, enrolled, when } from "./restored";

/** On a lead's board, for as long as a tablet of the clinic may hold what a restore has lost. */
export function Outstanding(): VNode | null {
  const { found } = useAsked((scope) => (connected.value ? ask(scope) : null));
  const missing = enrolled(found?.not_back ?? []);
  if (!found?.restored_at || missing.length === 0) return null;
  return (
    <p class="concern row spread">
      {words.outstanding(when(found.restored_at), missing.length)}
      <a class="button" href={address({ screen: "desk", part: "restored" })}>
        {words.open}
      </a>
    </p>
  );
}
