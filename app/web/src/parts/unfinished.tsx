import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api";
import { address } from "../place";
import { connected, noticeFailure, own } from "../store";
import { words } from "../words";

/** A lead who comes back before a protocol is approved is shown where to go on. */
export function Unfinished(): VNode | null {
  const [none, setNone] = useState(false);
  useEffect(() => {
    if (!connected.value) return;
    ask("get", "/v1/protocols", {}, undefined, own()).then((answer) => setNone(answer.body.items.every((each) => each.approvals.length === 0)), noticeFailure);
  }, [connected.value]);
  if (!none) return null;
  return (
    <p class="concern row spread">
      {words.onBoard.noProtocol}
      <a class="button" href={address({ screen: "setup" })}>
        {words.onBoard.finishSetup}
      </a>
    </p>
  );
}
