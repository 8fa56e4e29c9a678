// How the clinic wants its tablets to call, as its lead has settled it. Kept on the tablet for a start without a network.

import { effect, signal, untracked } from "@preact/signals";
import { ask, type Schemas } from "./api";
import { noticeFailure, own, token } from "./store";
import { tick } from "./time";

export const LOUDNESS = ["off", "quiet", "loud"] as const;
export type Loudness = (typeof LOUDNESS)[number];
/** What is heard; everything else is only shown. */
export const VOICES = ["concern", "overdue"] as const;
export type Voice = (typeof VOICES)[number];
export type Calling = Pick<Schemas["ClinicSettingsOut"], "loudest" | "quietest" | "vibration" | "escalate_seconds">;
type Bounds = Pick<Calling, "loudest" | "quietest">;

/** As the service has it where no lead has settled anything; a test holds the two together. */
export const USUAL: Calling = { loudest: "loud", quietest: "off", vibration: true, escalate_seconds: 60 };
const KEPT = "calling";
const AGAIN_SECONDS = 60;

function stored(): Calling {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Calling> | null) };
  } catch {
    return USUAL;
  }
}
export const calling = signal<Calling>(stored());

export function settle({ loudest, quietest, vibration, escalate_seconds }: Calling): void {
  calling.value = { loudest, quietest, vibration, escalate_seconds };
  localStorage.setItem(KEPT, JSON.stringify(calling.value));
}

/** How loud a voice may be made on a tablet, from the quietest on. What this app does not know bounds nothing. */
export function allowed(voice: Voice, { loudest, quietest }: Bounds = calling.value): Loudness[] {
  const top = LOUDNESS.indexOf(loudest);
  return LOUDNESS.slice(voice === "concern" ? Math.max(0, LOUDNESS.indexOf(quietest)) : 0, top < 0 ? undefined : top + 1);
}

/** What was chosen on this tablet, as far as the clinic allows it. */
export function within(voice: Voice, chosen: Loudness, bounds: Bounds = calling.value): Loudness {
  const may = allowed(voice, bounds);
  if (may.includes(chosen)) return chosen;
  return (LOUDNESS.indexOf(chosen) < LOUDNESS.indexOf(may[0]!) ? may[0] : may.at(-1))!;
}

/** Asks when somebody comes, and every minute. */
export function followCalling(): void {
  let asked: string | null = null;
  effect(() => {
    const due = tick.value % AGAIN_SECONDS === 0;
    const bearer = token.value;
    untracked(() => {
      if (bearer === null || (asked === bearer && !due)) return;
      asked = bearer;
      ask("get", "/v1/clinic/settings", {}, undefined, own()).then(
        (answer) => settle(answer.body),
        (failure) => noticeFailure(failure, bearer),
      );
    });
  });
}
