import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { clinicNow, clockText, minutesBetween, tick } from "../time";
import { words } from "../words";

const MINUTE = 60_000;
/** A day of the clinic: what was charted on paper while the service was away is typed afterwards. */
const FURTHEST = 12 * 60 * MINUTE;
const LATE = 5;

/** When it was: now, until the first thing is typed; to be moved back by up to twelve hours. */
export function When({ label = words.entry.measuredAt, measured, last, set }: { label?: string; measured: number | null; last?: string | undefined; set: (at: number) => void }): VNode {
  const [changing, setChanging] = useState(false);
  tick.value;
  const now = clinicNow();
  const at = measured ?? now;
  const ago = minutesBetween(at, now);
  const move = (minutes: number): void => set(Math.max(Math.min(at, now - FURTHEST), Math.min(now, at + minutes * MINUTE)));
  return (
    <div class="when row">
      <span>
        {label} <b class="number">{clockText(at)}</b>
        {measured === null && `, ${words.entry.now}`}
        {last !== undefined && <span class="label number"> {words.entry.lastSet(clockText(last), minutesBetween(last, now))}</span>}
      </span>
      {ago >= LATE && <span class="concern">{words.entry.late(ago)}</span>}
      <button type="button" class="button" aria-label={words.entry.changeTime} aria-expanded={changing} onClick={() => setChanging(!changing)}>
        {words.entry.change}
      </button>
      {changing && (
        <span class="row" role="group" aria-label={label}>
          {[60, 30, 10, 5, 1].map((minutes) => (
            <button type="button" class="button" key={minutes} aria-label={words.entry.earlier(minutes)} disabled={at - minutes * MINUTE < now - FURTHEST} onClick={() => move(-minutes)}>
              −{minutes}
            </button>
          ))}
          {[1, 5].map((minutes) => (
            <button type="button" class="button" key={-minutes} aria-label={words.entry.later(minutes)} disabled={at >= now} onClick={() => move(minutes)}>
              +{minutes}
            </button>
          ))}
          <button type="button" class="button" onClick={() => set(now)}>
            {words.entry.now}
          </button>
        </span>
      )}
    </div>
  );
}
