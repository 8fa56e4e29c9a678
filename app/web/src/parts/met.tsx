import type { VNode } from "preact";
import type { Met } from "../fresh";
import { clinicNow, minutesBetween } from "../time";
import { words } from "../words";

/** The flag itself. Nothing else draws it, and nobody can make a `Met` but the module that knows whether it is so. */
export function MetBadge({ met }: { met: Met }): VNode {
  return (
    <span class="badge">
      &#9678; {met.since === null ? words.met : words.metAgo(Math.max(0, minutesBetween(met.since, clinicNow())))}
    </span>
  );
}
