import type { VNode } from "preact";
import { silence } from "../doubt";
import { trouble } from "../outbox";
import { clockWrong } from "../time";
import { newVersion, takeNewVersion } from "../versions";
import { words } from "../words";

/** What concerns the whole app, above everything else: each said in words, nothing pops up. */
export function Notices(): VNode {
  const since = silence();
  return (
    <div role="status">
      {since !== null && <p class="unknown">{words.notConnected(since)}</p>}
      {clockWrong.value && <p class="concern">{words.clockWrong}</p>}
      {trouble.value && <p class="danger">{trouble.value}</p>}
      {newVersion.value && (
        <p class="concern row spread">
          {words.newVersion}
          <button class="button" onClick={takeNewVersion}>
            {words.startNewVersion}
          </button>
        </p>
      )}
    </div>
  );
}
