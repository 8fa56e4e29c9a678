/** A kept assessment against what the rules come to: every difference in words. */

import { VITALS, type Facts } from "./facts";
import type { Protocol } from "./protocol";
import { CRITERIA, judge, type Criterion, type Verdict } from "./criteria";
import { instant, text, type Instant } from "./time";

/** The part of a finding's document that the rules are held against. */
export interface Finding {
  criterion: string;
  outcome: string;
  params: Record<string, unknown>;
}

export interface Kept {
  as_of: string;
  status: string;
  findings: readonly Finding[];
  /** Left out where it is not to be compared: a pack does not say when a tablet would have fallen silent. */
  lapses_at?: string | null;
}

/** Each fact once, at its newest revision: repeats change nothing. */
function inForce<T extends { id: string; revision?: number }>(facts: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const one of facts) {
    const before = found.get(one.id);
    if (!before || (one.revision ?? 1) > (before.revision ?? 1)) found.set(one.id, one);
  }
  return [...found.values()];
}

/** Empty where the assessment is what the rules say of these facts. */
export function disagreements(kept: Kept, facts: Facts, protocol: Protocol): string[] {
  const verdict = judge({ ...facts, readings: inForce(facts.readings), events: inForce(facts.events) }, protocol, instant(kept.as_of));
  const found: string[] = [];
  for (const criterion of CRITERIA) {
    const said = kept.findings.filter((one) => one.criterion === criterion);
    if (said.length !== 1) found.push(`${criterion}: ${said.length} findings, where each criterion has one`);
    else found.push(...ofFinding(criterion, said[0]!, verdict));
  }
  const strangers = kept.findings.filter((one) => !(CRITERIA as readonly string[]).includes(one.criterion));
  found.push(...strangers.map((one) => `${one.criterion}: no criterion of the rules`));
  if (kept.status !== verdict.status) found.push(`status: it says ${kept.status}, the rules ${verdict.status}`);
  if (kept.lapses_at !== undefined) found.push(...differs("lapses_at", kept.lapses_at, shown(verdict.lapsesAt)));
  return found;
}

function shown(at: Instant | null): string | null {
  return at === null ? null : text(at);
}

function differs(name: string, said: unknown, derived: unknown): string[] {
  const same = JSON.stringify(said ?? null) === JSON.stringify(derived ?? null);
  return same ? [] : [`${name}: it says ${JSON.stringify(said ?? null)}, the rules ${JSON.stringify(derived ?? null)}`];
}

function ofFinding(criterion: Criterion, said: Finding, verdict: Verdict): string[] {
  const derived = verdict.outcomes[criterion];
  if (said.outcome !== derived) return [`${criterion}: it says ${said.outcome}, the rules ${derived}`];
  return [...ofVital(criterion, said.params, verdict), ...ofTimes(criterion, said.params, verdict)];
}

/** The number that a vital's finding shows, and what it was compared with. */
function ofVital(criterion: Criterion, params: Finding["params"], { newest: set, baseline }: Verdict): string[] {
  const vital = VITALS.find((one) => `${one.replace("_", "-")}-recovered` === criterion);
  if (vital === undefined) return [];
  const found: string[] = [];
  const reference = baseline.vitals[vital];
  const told = params["baseline"] as { sum: number; count: number } | null | undefined;
  if (told) found.push(...differs(`${criterion}, sum of the baseline`, told.sum, reference?.sum));
  if (told) found.push(...differs(`${criterion}, count of the baseline`, told.count, reference?.count));
  const value = params["value"];
  if (typeof value === "number" && !set?.readings.some((one) => one[vital] === value)) {
    found.push(`${criterion}: no reading of the newest set says ${value}`);
  }
  return found;
}

/** The instants and counts that a finding shows. */
function ofTimes(criterion: Criterion, params: Finding["params"], { dose, newest: set, run }: Verdict): string[] {
  switch (criterion) {
    case "dose-finished":
      return [
        ...differs(`${criterion}, start of the dose`, params["started_at"], shown(dose.started)),
        ...differs(`${criterion}, end of the dose`, params["ended_at"], shown(dose.ended)),
      ];
    case "sustained":
      if (run === null || params["counted"] === undefined) return [];
      return differs(`${criterion}, sets counted`, params["counted"], run.counted);
    case "fresh":
    case "symptoms-settled":
      if (params["newest_at"] === undefined) return [];
      return differs(`${criterion}, newest set`, params["newest_at"], shown(set?.at ?? null));
    default:
      return [];
  }
}
