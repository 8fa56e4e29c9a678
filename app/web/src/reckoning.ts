// How late it may be by the clinic's clock, from what the service said and how long its answer took. A single answer
// leaves a span: the clock stood at what it says at some moment between the question and the answer. Several answers
// narrow it. An answer that was on its way for a minute therefore makes nothing look newer than it is.

/** The clinic's clock lay in here when `at` was read off this page's clocks; epoch milliseconds. */
export interface Span {
  low: number;
  high: number;
  /** Clinic's seconds for each real one. */
  pace: number;
  at: Clocks;
}

/** The two clocks of this page: the monotone one may sleep with the tablet, the other can be set. */
export interface Clocks {
  ticks: number;
  date: number;
}

/** Two answers this near to each other do not contradict: clocks drift. */
export const DRIFT_MS = 500;
/** So many answers in a row that agree with each other, and not with what is held: then the clock was set back. */
const AGREED = 3;

export const clocks = (): Clocks => ({ ticks: performance.now(), date: Date.now() });

/** The same span as it stands now: no earlier than the slower clock of this page says, no later than the faster one. */
export function carried(span: Span, now: Clocks): Span {
  const [steady, wall] = [now.ticks - span.at.ticks, now.date - span.at.date];
  const low = span.low + Math.max(0, Math.min(steady, wall)) * span.pace;
  return { ...span, low, high: span.high + Math.max(0, steady, wall) * span.pace, at: now };
}

export interface Reckoning {
  held: Span;
  /** An answer from before what is held, and how many in a row agreed with it. */
  before: { span: Span; count: number } | null;
}

/** What is known after one more answer. */
export function narrowed(last: Reckoning | null, said: Span): Reckoning {
  if (last === null || last.held.pace !== said.pace) return { held: said, before: null };
  const held = carried(last.held, said.at);
  const slack = DRIFT_MS * said.pace;
  // the clock was set on, or this tablet slept longer than its clocks say
  if (said.low > held.high + slack) return { held: said, before: null };
  if (said.high < held.low - slack) {
    const agrees = last.before !== null && meet(carried(last.before.span, said.at), said);
    const count = agrees ? last.before!.count + 1 : 1;
    return count >= AGREED ? { held: said, before: null } : { held, before: { span: said, count } };
  }
  const low = Math.max(held.low, said.low);
  const high = Math.min(held.high, said.high);
  // touching, or past each other by what clocks drift: the newer answer alone
  return { held: low <= high ? { ...held, low, high } : said, before: null };
}

const meet = (one: Span, other: Span): boolean => one.low <= other.high && other.low <= one.high;
