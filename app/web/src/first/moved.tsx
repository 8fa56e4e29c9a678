import type { VNode } from "preact";
import { address } from "../place";
import { clockText, dayText } from "../time";
import { firstWords } from "../words.first";
import { inOrder, minutesMoved, type Moved, type Shift } from "./moves";

const words = firstWords.protocols;
const HEIGHT = 22;
const MIDDLE = HEIGHT / 2;

/** A strip for each session: from when its flag rose to when it would have; earlier to the left, later to the right. */
export function MovedFlags({ moved }: { moved: readonly Moved[] }): VNode | null {
  if (moved.length === 0) return null;
  const most = Math.max(10, ...moved.map((one) => Math.abs(minutesMoved(one))));
  return (
    <figure class="moved" aria-labelledby="moved">
      <figcaption id="moved">
        {words.movedTitle} <span class="label">{words.movedLegend(most)}</span>
      </figcaption>
      <ul>
        {inOrder(moved).map((one) => (
          <li key={one.session_id}>
            <a class="moved-link number" href={address({ screen: "session", id: one.session_id })}>
              {whenOf(one)}
            </a>
            <Strip one={one} most={most} />
            <span class="number">{words.movedSays[one.shift as Shift](Math.abs(minutesMoved(one)))}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function whenOf({ pinned, draft }: Moved): string {
  const at = pinned ?? draft ?? "";
  return `${dayText(at)} ${clockText(at)}`;
}

function Strip({ one, most }: { one: Moved; most: number }): VNode {
  const at = (minutes: number): number => 50 + (minutes / most) * 46;
  const to = at(minutesMoved(one));
  return (
    <svg class="moved-strip" width="100%" height={HEIGHT} aria-hidden="true">
      <line class="axis" x1="0" x2="100%" y1={MIDDLE} y2={MIDDLE} />
      <line class="axis" x1="50%" x2="50%" y1={2} y2={HEIGHT - 2} />
      {one.pinned !== null && <circle class="was" cx="50%" cy={MIDDLE} r={6} />}
      {one.shift === "never" ? (
        <text class="mark" x="96%" y={MIDDLE + 6} text-anchor="middle">
          ✕
        </text>
      ) : (
        <>
          {one.pinned !== null && <line class="way" x1="50%" x2={`${to}%`} y1={MIDDLE} y2={MIDDLE} />}
          <rect class="mark" x={`${to}%`} y={MIDDLE - 5} width={10} height={10} transform="translate(-5 0)" />
        </>
      )}
    </svg>
  );
}
