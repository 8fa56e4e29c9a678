// The texts of what comes in and goes out as files: fetched with those screens alone.

const many = (count: number): string => count.toLocaleString("en");
const of = (count: number, one: string, more: string): string => `${many(count)} ${count === 1 ? one : more}`;
/** "34 kB" */
export const sizeOf = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const importWords = {
  title: "Import",
  why: "Patients, or the planned sessions of a day, from a file of another system: CSV as a spreadsheet saves it, or a FHIR R4 Bundle. First you are told what each row would come to. Nothing is kept until you say so.",
  of: "What is in the file",
  ofs: { patients: "Patients", days: "A day list" },
  choose: "Choose the file",
  another: "Choose another file",
  chosen: (name: string, bytes: number) => `${name}, ${sizeOf(bytes)}`,
  none: "Choose a file first.",
  tooLarge: "This file is larger than 32 MB: split it.",
  unreadable: "The file cannot be read from this device. If it was saved again meanwhile, choose it again.",
  day: "Date of the list",
  dayWhy: "For times of day such as 09:30. Where the file gives whole instants, it is not used.",
  route: "Route, where a row names none",
  routes: { "iv-infusion": "IV infusion", intranasal: "Nasal", "": "Each row names its own" },
  more: "How the file is written",
  birthDates: "Birth dates in a CSV",
  birthDatesWhy: "Nothing is guessed: 03/04/1980 could be two days.",
  ignore: "Columns to pass over",
  ignoreWhy: "Their names, with commas between them.",
  system: "Identifier system of the record number",
  systemWhy: "Only for FHIR, where the record number is not the identifier of type MR.",
  protocol: "Protocol, where a row names none",
  protocolWhy: "Its id, such as iv-infusion-example. Left empty: the only one that is approved.",
  deceased: "Take patients who are deceased in the source too: I have looked at each",
  look: "Look at the file",
  looking: "Reading the file…",
  mend: "Choose the file again",
  report: (name: string) => `What ${name} comes to`,
  nothingKept: "Nothing is kept yet.",
  keptOut: "Nothing of this file is kept.",
  counts: {
    take: { patients: (count: number) => of(count, "patient to take", "patients to take"), days: (count: number) => of(count, "session to plan", "sessions to plan") },
    good: (count: number, unit: Unit) => `${of(count, unit, units[unit])} good as ${count === 1 ? "it is" : "they are"}`,
    wrong: (count: number, unit: Unit) => `${of(count, unit, units[unit])} refused`,
    same: (count: number) => `${many(count)} as in the record already`,
    left: (count: number) => `${many(count)} left as ${count === 1 ? "it is" : "they are"}`,
    passed: (count: number) => `${many(count)} passed over`,
    nothing: "There is no row in it.",
  },
  wrong: "Refused",
  wrongWhy: "One wrong row keeps the whole file out. Mend these in the file, save it, and choose it again.",
  columns: { where: "Where", column: "Column", message: "What is wrong, and what would be right" },
  passed: "Passed over: not for us",
  left: "Left as they are",
  taken: { patients: "Would be taken", days: "Would be planned" },
  good: "Good as they are",
  kept: { patients: "Taken", days: "Planned" },
  unit: (unit: Unit, row: number) => `${unit === "row" ? "Row" : "Entry"} ${row}`,
  spans: (unit: Unit, rows: readonly { first: number; last: number }[], count: number) => {
    const shown = rows.slice(0, SPANS).map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
    const left = count - rows.slice(0, SPANS).reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return `${count === 1 ? unit : units[unit]} ${shown.join(", ")}${left > 0 ? ` and ${many(left)} more` : ""}`;
  },
  what: { new: "new", revised: "changed", same: "the same", left: "left" },
  note: (text: string) => `Note: ${text}`,
  born: (day: string) => `born ${day}`,
  chair: (chair: string) => `chair ${chair}`,
  looksLike: (who: string, born: string, number: string, because: string) => `Looks like ${who}, born ${born}, ${number}: ${because}`,
  looksLikeRow: "Looks like another row of this file",
  seen: "I have looked at each of those who look alike: they are different people",
  seenMissing: "Look at each of those who look alike first, and say so.",
  take: {
    patients: (count: number) => (count === 1 ? "Take this patient" : `Take these ${many(count)} patients`),
    days: (count: number) => (count === 1 ? "Plan this session" : `Plan these ${many(count)} sessions`),
  },
  done: {
    patients: (count: number) => `${of(count, "patient is", "patients are")} in the record now.`,
    days: (count: number) => `${of(count, "session is", "sessions are")} planned now.`,
  },
  doneAlready: "All of it was in the record already: nothing was kept twice.",
  toPatients: "To the patients",
  toDay: "To the day's list",
};

type Unit = "row" | "entry";
const units = { row: "rows", entry: "entries" } as const;
/** So many spans of rows in a line. */
const SPANS = 12;

export const exportWords = {
  title: "Exports",
  why: "Files with the record of patients. Whoever has them can read them: each is on record in the audit.",
  fhir: "For other systems: FHIR R4",
  fhirWhy: "One file for each kind of resource, one resource a line (NDJSON). It is made in the background, as the record stands when you order it.",
  order: { system: "Order everything of the clinic", patient: "Order what belongs to patients" },
  levels: { system: "Everything of the clinic", patient: "What belongs to patients" },
  ordered: "Ordered by you",
  none: "You have ordered none.",
  waiting: "The orders are asked for…",
  at: (day: string, time: string) => `ordered ${day} ${time}`,
  states: { waiting: "waits for its turn", running: "is being made", done: "is ready", failed: "could not be made: delete it and order a new one", ended: "has ended" },
  so: (count: number) => `${of(count, "resource", "resources")} so far`,
  empty: "There is nothing of this in the record.",
  until: (day: string, time: string) => `Its files are deleted on ${day} at ${time}.`,
  file: (type: string, count: number, bytes: number) => `${type}: ${of(count, "resource", "resources")}, ${sizeOf(bytes)}`,
  take: (type: string) => `Save ${type}`,
  remove: "Delete",
  removeSure: "Yes, delete it now",
  tables: "For spreadsheets and research: tables",
  tablesWhy: "Each is one table of the whole record, made while it is saved. What the columns mean is in the data dictionary of this service.",
  form: "Written as",
  forms: { csv: "CSV", ndjson: "NDJSON", parquet: "Parquet" },
  names: "Names, numbers, free text",
  with: "With them",
  without: "Without: ids hashed, dates shifted",
  table: { sessions: "Sessions", readings: "Sets", revisions: "Corrections of sets", events: "Events", findings: "Criteria" },
  save: (table: string) => `Save: ${table}`,
  heard: (bytes: number) => `${sizeOf(bytes)} so far…`,
  saved: (name: string) => `${name} is saved.`,
};
