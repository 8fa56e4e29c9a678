// Checked by the compiler alone: nobody but `fresh` can make what a screen may draw as met. Each line below is refused;
// were one let through, the comment above it would be the error.

import { judged, type Flag, type Fresh, type Met } from "./fresh";
import type { Session } from "./records";

// @ts-expect-error a plain object is no flag
export const made: Met = { since: null };
// @ts-expect-error nor one that calls itself made
export const claimed: Met = { since: null, made: true };
// @ts-expect-error what the service said is no flag by itself
export const said: Met = "met";
// @ts-expect-error a fresh word cannot be written down
export const word: Fresh<Flag> = { known: true, value: { met: null, status: null } };
// @ts-expect-error its value is not there before it is known to be fresh
export const unasked = (record: Session): unknown => judged(record).value;
