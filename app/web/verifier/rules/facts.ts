/** What goes into an assessment, in the pack's own spelling: the documents of the journal, and nothing made of them. */

export const VITALS = ["heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2"] as const;
export type Vital = (typeof VITALS)[number];
export type Outcome = "met" | "not-met" | "unknown";
export type Status = "met" | "not-met" | "cannot-tell";

export interface Oxygen {
  kind: "room-air" | "supplemental";
  /** A decimal as text, at most three places. */
  flow_l_min: string | null;
}

export interface Symptom {
  code: string;
  severity: "mild" | "moderate" | "severe" | null;
}

/** One reading as it counts: its newest revision. */
export interface Reading extends Record<Vital, number | null> {
  id: string;
  revision: number;
  measured_at: string;
  oxygen: Oxygen | null;
  consciousness: { scale: string; score: number | string } | null;
  dissociation: {
    grade: string;
    instrument: string | null;
    score: number | null;
    /** Item scores by number. */
    items: Readonly<Record<string, number>> | null;
  } | null;
  symptoms: readonly Symptom[] | null;
  gait_steady: boolean | null;
  orientated: boolean | null;
  clock_doubtful: boolean;
}

export interface Event {
  id: string;
  kind: string;
  at: string;
  clock_doubtful: boolean;
  // the words of each kind are read where that kind is judged
  detail: Record<string, unknown> | null;
}

export interface Escort {
  name: string | null;
  present: boolean;
  present_at: string | null;
}

/** What was last heard of a tablet or browser that has the session open, or holds something of it. */
export interface Contact {
  id: string;
  enrolled: boolean;
  unsent: number;
  draft: boolean;
  heard_at: string;
  /** Seconds of the clinic's clock in one of the wall's. */
  pace: number;
}

/** Whether one that counts was in step, where only that is known: a pack carries no contacts. */
export interface Step {
  id: string;
  in_step: boolean;
}

export interface Facts {
  events: readonly Event[];
  readings: readonly Reading[];
  escort: Escort | null;
  tablets: readonly Contact[] | readonly Step[];
}

