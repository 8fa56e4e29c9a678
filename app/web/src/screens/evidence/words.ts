// The texts about how the clinic works, in numbers: fetched with that screen alone.

export const evidenceWords = {
  title: "How the clinic works, in numbers",
  waiting: "Being counted…",
  notHeard: "This cannot be shown: the service cannot be heard.",
  asOf: (day: string, at: string) => `Not connected: this is as of ${day} ${at}.`,
  months: "How far back",
  back: (months: number) => `${months} months`,
  which: "Which sessions",
  all: "All sessions",
  routes: { "iv-infusion": "IV infusion", intranasal: "Nasal" },
  protocol: (id: string, version: number) => `${id}, version ${version}`,
  counted: (sessions: number) => (sessions === 1 ? "session that is over" : "sessions that are over"),
  patients: (count: number) => (count === 1 ? "patient" : "patients"),
  span: (first: string, last: string) => (first === last ? `in ${first}` : `from ${first} to ${last}`),
  none: "No session with a dose was over in these months.",
  unknown: (count: number) => (count === 1 ? "1 of them cannot be worked out: it is in none of the numbers below." : `${count} of them cannot be worked out: they are in none of the numbers below.`),
  underWay: (count: number) => (count === 1 ? "1 session with a dose is not over yet, and not counted." : `${count} sessions with a dose are not over yet, and not counted.`),
  tooFew: "too few to say",
  tooFewWhy: "Of fewer than 11 patients no median and no share is told: they would say more of these few than of the clinic.",
  howSure: "In brackets: how far it may be off. 19 times in 20 what is really so lies in there.",
  of: (count: number, of: number) => `${count} of ${of}`,
  n: (sessions: number, patients: number) => `${sessions} session${sessions === 1 ? "" : "s"}, ${patients} patient${patients === 1 ? "" : "s"}`,
  ofPatients: (patients: number) => `of ${patients} patient${patients === 1 ? "" : "s"}`,
  min: (minutes: number) => `${minutes} min`,
  between: (low: number, high: number) => `(${low} to ${high})`,
  middle: (median: number, low: number, high: number) => `${median} min (${low} to ${high})`,
  half: (quarter: number, last: number) => `half took ${quarter} to ${last} min`,
  percent: (share: string, low: string, high: string) => `${share} % (${low} to ${high} %)`,
  minutes: {
    title: "How long it takes",
    legend: "▬ half of the sessions · | the one in the middle · ├─┤ how far that may be off",
    stretches: {
      "dose-end-to-flag": "End of the dose to criteria met",
      "flag-to-signature": "Criteria met to signature",
      "signature-to-leaving": "Signature to leaving",
      "dose-end-to-leaving": "End of the dose to leaving",
    },
  },
  last: {
    title: "What was last in the way",
    why: "Before criteria were met: which was not met, or not known, up to then. Several can be last together.",
    none: "No flag was raised, so nothing was in its way.",
  },
  portions: {
    title: "What went otherwise",
    legend: "▬ the share · ├─┤ how far that may be off",
    names: {
      "sets-late": "Sets late",
      "values-corrected": "Values corrected",
      "withdrawn-after-signing": "Flags withdrawn after signing",
    },
    why: {
      "sets-late": "of the sets that fell due: taken after the grace, or not at all before the phase was over",
      "values-corrected": "of the values typed",
      "withdrawn-after-signing": "of the sessions in which a flag was confirmed; a set that only grew old does not count",
    },
  },
  table: {
    title: "Month by month",
    month: "Month",
    sessions: "Sessions",
    unknown: (count: number) => `${count} unknown`,
  },
  compared: {
    title: "Protocols beside each other",
    why: "Each with the one of its route that has most sessions. It says what was, not why: patients differ in more than their protocol. And of twenty differences that are none, one looks like one by chance.",
    seen: "A difference is seen",
    notSeen: "No difference is seen",
    than: (one: string, other: string) => `${one}, beside ${other}`,
    minutes: (more: number, low: number, high: number) => `${signed(more)} min (${signed(low)} to ${signed(high)})`,
    points: (more: string, low: string, high: string) => `${more} percentage points (${low} to ${high})`,
  },
  files: {
    title: "Take it along",
    here: "For the clinic",
    hereWhy: "Everything above. Groups of few patients are in it: it stays in the clinic.",
    outside: "For outside the clinic",
    outsideWhy: "By month and protocol, of months that are over. Groups of fewer than 11 patients are not in it, and counts are rounded to ten, so that nobody can be subtracted.",
    csv: "Save as a table (CSV)",
    json: "Save as JSON",
    saving: "Being made…",
  },
} as const;

/** With its sign, so that more and less differ in more than a small dash. */
export function signed(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : "0";
}
