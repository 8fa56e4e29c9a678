import type { VNode } from "preact";
import { silence } from "../fresh";
import { haveRead, mayVanishUnread } from "../lasting";
import { trouble, unsent } from "../outbox";
import { boardHeard, charts, here } from "../store";
import { clockWrong, zoneKnown } from "../time";
import { newVersion, takeNewVersion } from "../versions";
import { words } from "../words";

interface Notice {
  kind: "danger" | "unknown" | "concern";
  text: string;
  act?: VNode;
}

/** What concerns the whole app, the gravest first. */
function notices(): Notice[] {
  const since = silence();
  const found: Notice[] = [];
  if (trouble.value) found.push({ kind: "danger", text: trouble.value });
  if (here.value.trouble) found.push({ kind: "danger", text: here.value.trouble });
  if (since !== null) found.push({ kind: "unknown", text: words.notConnected(since) });
  if (!zoneKnown.value) found.push({ kind: "concern", text: words.zoneUnknown });
  if (!charts.value && unsent.value > 0) found.push({ kind: "concern", text: words.waitsForCarer });
  if (clockWrong.value) found.push({ kind: "concern", text: words.clockWrong });
  if (mayVanishUnread.value)
    found.push({
      kind: "concern",
      text: words.lasting.notice,
      act: (
        <button class="button" onClick={haveRead}>
          {words.lasting.read}
        </button>
      ),
    });
  if (newVersion.value)
    found.push({
      kind: "concern",
      text: words.newVersion,
      act: (
        <button class="button" onClick={takeNewVersion}>
          {words.startNewVersion}
        </button>
      ),
    });
  return found;
}

/** One line above everything else, as high when it is empty as when it speaks: a notice that comes or goes by itself
 * moves nothing under a finger. The gravest is said, the others lie over the screen when they are asked for. */
export function Notices(): VNode {
  const [first, ...others] = notices();
  return (
    <div class="notices">
      <div class={first?.kind ?? "quiet"} role="status">
        {first ? first.text : boardHeard.value ? words.connected : ""}
      </div>
      {first?.act}
      {others.length > 0 && (
        <details>
          <summary>{words.otherNotices(others.length)}</summary>
          <ul class="card">
            {others.map(({ kind, text, act }) => (
              <li class={`${kind} row spread`} key={text}>
                {text} {act}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
