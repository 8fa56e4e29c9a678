/** Which symptoms block, and which stretches of one are open. */

import type { Event, Reading, Symptom } from "./facts";
import type { Protocol } from "./protocol";
import { instant, type Instant } from "./time";

const DEGREE: Readonly<Record<string, number>> = { mild: 1, moderate: 2, severe: 3 };

/** `unknown` where a severity that would decide is not given. */
export type Blocks = "yes" | "no" | "unknown";

export function blocks(symptom: Symptom, protocol: Protocol): Blocks {
  if (protocol.symptoms.always.has(symptom.code)) return "yes";
  const degree = symptom.severity === null ? undefined : DEGREE[symptom.severity];
  if (degree === undefined) return "unknown";
  return degree >= DEGREE[protocol.symptoms.from]! ? "yes" : "no";
}

function worse(one: Blocks, other: Blocks): Blocks {
  return one === "yes" || other === "yes" ? "yes" : one === "unknown" || other === "unknown" ? "unknown" : "no";
}

/** A symptom from its first mention to what resolved it; `until` null while it is open. */
export interface Stretch {
  code: string;
  blocks: Blocks;
  until: Instant | null;
}

/** Named at the very instant of a resolution a symptom stays open, as severe as before: that closes nothing. */
export function stretches(readings: readonly Reading[], events: readonly Event[], protocol: Protocol): Stretch[] {
  const mentions = new Map<string, { at: Instant; blocks: Blocks }[]>();
  for (const reading of readings) {
    for (const symptom of reading.symptoms ?? []) {
      const mention = { at: instant(reading.measured_at), blocks: blocks(symptom, protocol) };
      mentions.set(symptom.code, [...(mentions.get(symptom.code) ?? []), mention]);
    }
  }
  const found: Stretch[] = [];
  for (const [code, named] of mentions) {
    const resolved = events
      .filter((one) => one.kind === "symptom-resolved" && one.detail?.["code"] === code)
      .map((one) => instant(one.at))
      .filter((at) => named.every((mention) => mention.at !== at))
      .sort((a, b) => a - b);
    const byEnd = new Map<Instant | null, Stretch>();
    for (const mention of named) {
      const until = resolved.find((at) => at > mention.at) ?? null;
      const before = byEnd.get(until)?.blocks ?? "no";
      byEnd.set(until, { code, blocks: worse(before, mention.blocks), until });
    }
    found.push(...byEnd.values());
  }
  return found;
}
