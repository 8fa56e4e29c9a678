// What a refusal says to a person: the service's own sentence, unless it speaks to programs.

import type { Problem } from "./api";
import { words } from "./words";

const MOVED_ON = new Set([412, 428]);

export const refusalOf = ({ status, detail }: Problem): string => (MOVED_ON.has(status) ? words.movedOn : detail);
