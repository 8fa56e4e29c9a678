/** Every text of the page in one place. Plain words, one sentence. */

export const words = {
  title: "Check a session pack",
  promise:
    "This page reads a pack on this computer, and sends it nowhere: it has no network. It shares no rule with the program that made the pack.",
  choose: "Choose a pack",
  another: "Check another pack",
  drop: "or drop the file here: session-….zip",
  reading: "Checking every link, every digest and every assessment…",
  noCrypto: "This browser cannot compute SHA-256 for a page opened like this. Open it in a current Chromium, Firefox or Safari.",
  unreadable: "The file could not be read:",
  verdicts: {
    holds: { mark: "✓", heading: "The record in this pack holds" },
    partly: { mark: "?", heading: "Cannot tell: a part could not be checked" },
    failed: { mark: "✗", heading: "This pack does not hold" },
  },
  holdsMore: (derived: number, all: number) =>
    `Every link and digest is right, and ${derived === all ? (all === 1 ? "its one assessment" : `each of its ${all} assessments`) : `${derived} of its ${all} assessments`} came out the same when derived again from the readings and events.`,
  failedMore: (count: number) => `${count === 1 ? "One check fails" : `${count} checks fail`}. What was changed, or does not fit:`,
  failedBelow: "What stands below is what the file says. It was changed: do not rely on it.",
  notChecked: "Not checked here, and not to be relied on by this page alone",
  cannotKnow:
    "What no check of a file alone can know: whether somebody made up the whole of it, chain and all. Compare this number with the one on a page that was printed before, or with an anchor kept elsewhere:",
  recordDigest: "Record digest",
  demo: "Demo: nobody here is a patient",
  checks: "All checks",
  results: { holds: "holds", failed: "does not hold", "not checked": "not checked" },
  session: "Session",
  signatures: "Signatures",
  nobodySigned: "Nobody has signed.",
  readings: "Readings",
  noReadings: "No readings.",
  events: "Events",
  noEvents: "No events.",
  findings: "The latest assessment",
  asOf: (at: string) => `as of ${at}`,
  decisions: { confirm: "Confirmed", decline: "Declined", override: "Overridden" } as Record<string, string>,
  signedBy: (decision: string, name: string, role: string, at: string) => `${decision} by ${name}, ${role}, at ${at}`,
  ownWords: "Own assessment",
  because: "Reason",
  overAssessment: (number: number, status: string) => `Over assessment ${number}, which was: ${status}`,
  overNone: "Over an assessment that is not in this pack",
  statuses: { met: "criteria met", "not-met": "not met", "cannot-tell": "cannot tell" } as Record<string, string>,
  outcomes: { met: "met", "not-met": "not met", unknown: "unknown" } as Record<string, string>,
  left: (at: string) => `Left at ${at}`,
  born: (date: string) => `born ${date}`,
  void: (why: string) => `void: ${why}`,
  lateReading: (at: string) => `late reading of ${at}:`,
  zone: (name: string) => `Times are those of ${name}`,
  made: (by: string, at: string) => `Pack made by ${by} at ${at}`,
  columns: {
    at: "Time", phase: "Phase", heart_rate: "Heart rate /min", pressure: "Pressure mmHg", respiratory_rate: "Resp. rate /min", spo2: "SpO2 %",
    consciousness: "Conscious", dissociation: "Dissociation", symptoms: "Symptoms", steady: "Steady, orientated", by: "Typed by",
    what: "What", detail: "Detail", criterion: "Criterion", outcome: "Outcome", seen: "What was seen",
  },
  facts: {
    patient: "Patient", clinic: "Clinic", route: "Route", protocol: "Protocol", state: "State", dose: "Dose", escort: "Escort",
    screening: "Screening", sameDay: "Same-day check", clearance: "Cleared by", discharge: "Discharge",
  },
  screeningClear: "all eight answered, none present",
  sameDayRight: "every answer right",
  sameDayWrong: (names: string) => `answered wrongly: ${names}`,
  reached: (number: string, at: string) => `, reached by phone at ${at} (${number})`,
  screeningPresent: (names: string) => `present: ${names}`,
  none: "none entered",
  doesNotFit: "does not fit: see above",
};

const NAMES: Readonly<Record<string, string>> = { spo2: "SpO2", iv: "IV", moaas: "MOAA/S", acvpu: "ACVPU", rass: "RASS" };

/** A permanent code as words: `infusion-started` becomes `infusion started`. */
export function plain(code: unknown): string {
  const said = String(code ?? "").replaceAll("-", " ").replaceAll("_", " ");
  return said.replace(/\b(spo2|iv|moaas|acvpu|rass)\b/g, (name) => NAMES[name]!);
}
