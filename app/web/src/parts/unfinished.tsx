import type { VNode } from "preact";
import { address } from "../place";
import { useAsked } from "../scope";
import { connected } from "../store";
import { words } from "../words";

/** A lead who comes back before a protocol is approved is shown where to go on. */
export function Unfinished(): VNode | null {
  const { found } = useAsked((scope) => (connected.value ? scope.ask("get", "/v1/protocols", {}) : null));
  if (found === null || found.body.items.some((each) => each.approvals.length > 0)) return null;
  return (
    <p class="concern row spread">
      {words.onBoard.noProtocol}
      <a class="button" href={address({ screen: "setup" })}>
        {words.onBoard.finishSetup}
      </a>
    </p>
  );
}
