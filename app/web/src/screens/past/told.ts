// A session's line in words: what the list, the page and the reminder before a dose say of it.

import type { Schemas } from "../../api";
import { plain, words } from "../../words";
import { pastWords } from "./words";

export type Line = Schemas["SessionLineOut"];

const DAY_MS = 86_400_000;

/** The instant that names the session in a list, epoch milliseconds. */
export const whenOf = (line: Line): number => Date.parse(line.dose_started_at ?? line.at ?? line.planned_at ?? "");

/** Whole days between two days of the clinic's calendar, each as "2026-11-23". */
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Another day of the calendar. */
export const dayBeside = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

const known = (value: number | null | undefined): string => (value == null ? pastWords.none : String(value));

export function doseOf(line: Line): string {
  if (!line.told) return pastWords.unknown;
  if (line.dose_mg === null) return pastWords.none;
  return [pastWords.mg(line.dose_mg), ...(line.mg_per_kg === null ? [] : [pastWords.perKilogram(line.mg_per_kg)])].join(", ");
}

export const peakOf = ({ peaks }: Line): string => (peaks === null ? pastWords.unknown : peaks.systolic == null && peaks.diastolic == null ? pastWords.none : `${known(peaks.systolic)}/${known(peaks.diastolic)}`);

export const dissociationOf = ({ peaks }: Line): string => (peaks === null ? pastWords.unknown : (peaks.dissociation ?? pastWords.none));

export const minutesOf = (line: Line, minutes: number | null): string => (!line.told ? pastWords.unknown : minutes === null ? pastWords.none : pastWords.min(minutes));

export function signedOf(line: Line): string {
  if (!line.told) return pastWords.unknown;
  if (line.decision === null) return pastWords.none;
  const name = pastWords.signed[line.decision](line.signed_by ?? "");
  return line.signed_afterwards ? `${name}, ${pastWords.afterwards}` : name;
}

/** Everything that was out of the ordinary, the gravest first; null: it cannot be read, which is not the same as none. */
export function notedOf(line: Line): string[] | null {
  const { noted } = pastWords;
  const ended = noted.ended[line.state];
  if (!line.told || line.symptoms === null || line.concerns === null || line.medications === null) return null;
  return [
    ...(ended === undefined ? [] : [ended]),
    ...line.symptoms.map(({ code, severity }) => noted.symptom(plain(code), severity)),
    ...line.concerns.map(({ vital, count }) => noted.concern(words.vitals[vital].long, count)),
    ...(line.medications.length > 0 ? [noted.given(line.medications.map(plain).join(", "))] : []),
    ...(line.oxygen ? [noted.oxygen] : []),
    ...(line.pauses ? [noted.pauses(line.pauses)] : []),
    ...(line.withdrawn ? [noted.withdrawn(line.withdrawn)] : []),
    ...(line.open_notices ? [noted.notices] : []),
    ...(line.failed && line.failed.length > 0 ? [noted.failed(line.failed.map(plain).join(", "))] : []),
  ];
}

/** Whether something in it is grave enough to be marked. */
export const isGrave = (line: Line): boolean => Boolean(line.symptoms?.some(({ serious }) => serious)) || line.state === "transferred";

export type Group = keyof typeof pastWords.days.groups;
const GROUPS: Record<Line["state"], Group> = {
  planned: "planned",
  "checked-in": "arrived",
  infusing: "underWay",
  recovering: "underWay",
  discharged: "gone",
  cancelled: "gone",
  transferred: "gone",
  "left-against-advice": "gone",
};

/** The day's sessions as the day goes: planned, arrived, under way, gone; each group by its time. */
export function grouped(lines: readonly Line[]): [Group, Line[]][] {
  const found = Object.keys(pastWords.days.groups) as Group[];
  return found.map((group) => [group, lines.filter((line) => GROUPS[line.state] === group).sort((a, b) => Date.parse(a.at ?? "") - Date.parse(b.at ?? ""))]);
}
