// Which life of the record the service speaks of. After a restore from a backup it is another: what this tablet held of
// the one before is let go of, and what it sent lately is offered again.

import { signal } from "@preact/signals";
import { Sealed } from "./sealed";
import { hear } from "./time";

interface Said {
  now: string;
  wall: string;
  pace: number;
  epoch: string;
  offer_from: string | null;
}

/** From when on something may have been lost before the record was brought back from a backup; null: it never was. */
export const offerFrom = signal<string | null>(null);

const EPOCH = "epoch";
/** The life that this tablet knows: what was sent in another may be lost. */
export const known = (): string | null => localStorage.getItem(EPOCH);

const ASK_AGAIN_MS = 1_000;

/** What the service says of itself with each heartbeat. `askAgain`: its clock contradicts what was heard before. */
export function hearService(said: Said, sentAt: number, askAgain: () => void): void {
  if (!hear(said.now, said.wall, said.pace, sentAt)) setTimeout(askAgain, ASK_AGAIN_MS);
  offerFrom.value = said.offer_from;
  if (typeof said.epoch === "string" && known() !== said.epoch) void begins(said).catch(() => undefined);
}

let beginning = false;

async function begins({ epoch, offer_from }: Said, reload = () => location.reload()): Promise<void> {
  if (beginning) return;
  beginning = true;
  try {
    const first = known() === null;
    if (!first) {
      const { offerAgain } = await import("./again");
      if (offer_from !== null) await offerAgain(Date.parse(offer_from));
      const shelf = new Sealed("sessions");
      for (const id of await shelf.ids()) await shelf.drop(id);
    }
    // noted last: until all of the above is on the tablet, it is done once more
    localStorage.setItem(EPOCH, epoch);
    // versions of the other life say nothing of this one: nothing that was read stays in memory
    if (!first) reload();
  } finally {
    beginning = false;
  }
}
