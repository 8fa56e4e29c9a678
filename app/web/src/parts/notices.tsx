import type { VNode } from "preact";
import { trouble } from "../outbox";
import { connected, demo, silentSince } from "../store";
import { clockText, clockWrong } from "../time";
import { newVersion, takeNewVersion } from "../versions";
import { words } from "../words";

/** What concerns the whole app, above everything else: each said in words, nothing pops up. */
export function Notices(): VNode {
  return (
    <div role="status">
      {demo.value && <p class="demo">{words.demo}</p>}
      {!connected.value && <p class="unknown">{words.notConnected(clockText(silentSince.value ?? Date.now()))}</p>}
      {clockWrong.value && <p class="concern">{words.clockWrong}</p>}
      {trouble.value && <p class="danger">{trouble.value}</p>}
      {newVersion.value && (
        <p class="concern row spread">
          A new version of the app is ready.
          <button class="button" onClick={takeNewVersion}>
            Start it now
          </button>
        </p>
      )}
    </div>
  );
}
