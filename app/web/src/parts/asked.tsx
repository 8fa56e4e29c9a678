import type { VNode } from "preact";
import type { Asked } from "../scope";

/** What stands in for an answer that is not there. */
export function NotHeard({ asked, waiting }: { asked: Asked<unknown>; waiting: string }): VNode {
  if (asked.refused) return <p class="fault">{asked.refused}</p>;
  return (
    <p class="unknown" role="status">
      {waiting}
    </p>
  );
}
