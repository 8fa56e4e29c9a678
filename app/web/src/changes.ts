// What has changed in a record between two looks at it, in words.

import { told, type Session } from "./records";
import { clockText } from "./time";
import { criterion, plain, words } from "./words";

/** Whether every criterion still comes out as it did: a set on schedule that found what the one before found. */
export function sameOutcomes(before: Session, now: Session): boolean {
  const outcomes = (record: Session): string => JSON.stringify(record.readiness?.findings.map((finding) => [finding.criterion, finding.outcome]) ?? null);
  return outcomes(before) === outcomes(now);
}

/** One sentence for each change of the criteria, the sets and the events; never empty. */
export function whatChanged(before: Session, now: Session): string[] {
  const found: string[] = [];
  const old = new Map(before.readiness?.findings.map((finding) => [finding.criterion, finding]));
  for (const finding of now.readiness?.findings ?? []) {
    const was = old.get(finding.criterion);
    if (was !== undefined && was.outcome !== finding.outcome)
      found.push(words.review.criterionMoved(criterion(finding.criterion), words.readiness.outcomes[was.outcome] ?? was.outcome, words.readiness.outcomes[finding.outcome] ?? finding.outcome, told(now, finding.because)));
  }
  const known = new Map(before.readings.map((reading) => [reading.id, reading]));
  for (const reading of now.readings) {
    const was = known.get(reading.id);
    const at = clockText(reading.measured_at);
    if (was === undefined) found.push(words.review.setArrived(at, reading.recorded_by.name));
    else if (was.revision !== reading.revision) found.push(words.review.setCorrected(at));
    else if (was.void === null && reading.void !== null) found.push(words.review.setVoided(at));
  }
  const done = new Set(before.events.map((event) => event.id));
  for (const event of now.events) if (!done.has(event.id)) found.push(words.review.eventArrived(plain(event.kind), clockText(event.at)));
  return found.length > 0 ? found : [words.review.somethingMoved];
}
