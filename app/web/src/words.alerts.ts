// The catalogue's part about what needs a person now. Reached by `words`.

import type { Why } from "./alerts";

const noChair = "No chair";
const seat = (name: string): string => (/^chair\b/i.test(name) ? name : `Chair ${name}`);

export const alertWords = {
  asHeard: "As last heard:",
  notHeard: "Unknown: alerts are not heard now.",
  alerts: "alerts",
  chair: seat,
  noChair,
  look: (values: string) => `${values}: look now`,
  severe: (count: number) => (count === 1 ? "1 concern" : `${count} concerns`),
  at: (value: string, at: string) => `${value} at ${at}`,
  needs: {
    notice: () => "information arrived after signing",
    overdue: (minutes: number) => `set ${minutes} min overdue`,
    unknown: () => "cannot be worked out: look",
    review: () => "review needed",
  },
  /** Where anybody can read it. */
  nameless: { concern: "concern", notice: "look", overdue: "set overdue", unknown: "look", review: "look" } satisfies Record<Why, string>,
  seen: "Seen",
  wasSeen: "Seen \u2713",
  muted: "Sound is off: tap here",
  silenced: "Sound is set to off on this tablet",
  silencedByClinic: "Your clinic has set sound to off",
  setting: "Sound and vibration on this tablet",
  voices: { concern: "Sound of a severe concern", overdue: "Sound of an overdue set" },
  loudness: { off: "off", quiet: "quiet", loud: "loud" },
  calledBy: "Infusion Vitals",
  called: (chair: string | null) => `${chair === null ? noChair : seat(chair)}: look`,
  locked: "Locked: alerts are not heard here.",
  atLock: (at: string) => `When it was locked at ${at}:`,
};
