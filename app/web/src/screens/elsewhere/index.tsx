// One patient of another clinic of the organisation, opened with a reason. Fetched when it is first shown: most people never
// need it.

import type { VNode } from "preact";
import { Asking } from "./asking";
import { Opening } from "./opening";

export function Elsewhere({ opening, of }: { opening: string | undefined; of: string | undefined }): VNode {
  return opening === undefined ? <Asking /> : <Opening key={opening} id={opening} of={of} />;
}
