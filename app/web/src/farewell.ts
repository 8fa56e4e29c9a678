// Whoever locks a tablet has left it: the service is told that nothing is open here any more, so that the tablet's silence
// holds nobody up, and that this sign-in is over, so that its bearer opens nothing. It is told again until it has heard.

import { ask, NoAnswer } from "./api";

interface Leaving {
  bearer: string;
  /** The shift is over too, and the PIN set in it. */
  shift: boolean;
  /** What the service is told of the tablet first; null: somebody else speaks for it by now. */
  contact: () => Promise<unknown>;
}

const leaving: Leaving[] = [];
const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;
let waking: () => void = () => undefined;
let telling = false;

/** Says goodbye for a bearer that nobody uses any more. */
export function farewell(one: Leaving): void {
  leaving.push(one);
  waking();
  if (!telling) void tellAll();
}

/** How many goodbyes the service has not heard. */
export const unsaid = (): number => leaving.length;

async function tellAll(): Promise<void> {
  telling = true;
  for (let gap = FIRST_MS; leaving.length > 0; ) {
    const heard = await tell(leaving[0]!);
    if (heard) {
      leaving.shift();
      gap = FIRST_MS;
      continue;
    }
    await new Promise<void>((resolve) => {
      waking = resolve;
      setTimeout(resolve, gap);
    });
    gap = Math.min(gap * 2, LONGEST_MS);
  }
  telling = false;
}

async function tell({ bearer, shift, contact }: Leaving): Promise<boolean> {
  try {
    // that it was refused does not keep the sign-in from ending
    await contact().catch((failure: unknown) => {
      if (failure instanceof NoAnswer) throw failure;
    });
    await ask("post", shift ? "/v1/sign-out" : "/v1/sign-in/lock", {}, undefined, { token: bearer });
  } catch (failure) {
    // refused: the sign-in is over already
    if (failure instanceof NoAnswer) return false;
  }
  return true;
}

if (typeof addEventListener === "function") addEventListener("online", () => waking());
