// The clinic's evidence as its screen tells it: which groups there are, and each number in words.

import type { Schemas } from "../../api";
import { evidenceWords as words, signed } from "./words";

export type Found = Schemas["EvidenceOut"];
export type Group = Schemas["EvidenceGroupOut"];
export type Minutes = Schemas["MinutesOut"];
export type Portion = Schemas["PortionOut"];
export type Share = Pick<Portion, "count" | "of" | "patients" | "share" | "low" | "high">;
export type Compared = Schemas["ComparedOut"];

/** A share in percent, with a decimal where it is small. */
export function percent(share: number): string {
  const found = share * 100;
  return Math.abs(found) < 10 ? String(Math.round(found * 10) / 10) : String(Math.round(found));
}

export function shareText({ share, low, high }: Share): string {
  return share === null || low === null || high === null ? words.tooFew : words.percent(percent(share), percent(low), percent(high));
}

export function minutesText({ median, low, high }: Minutes): string {
  return median === null || low === null || high === null ? words.tooFew : words.middle(median, low, high);
}

/** Which sessions can be looked at by themselves: all, each route, each protocol; by a name for the choice. */
export function choices(groups: readonly Group[]): [string, string, Group][] {
  return groups.flatMap((group): [string, string, Group][] => {
    if (group.by === "all") return [["", words.all, group]];
    if (group.by === "route" && group.route) return [[group.route, words.routes[group.route], group]];
    return group.by === "protocol" && group.protocol ? [[named(group.protocol), words.protocol(group.protocol.id, group.protocol.version), group]] : [];
  });
}

const named = ({ id, version }: { id: string; version: number }): string => `${id}:${version}`;

/** The months of what is looked at, the newest first. */
export function monthsOf(groups: readonly Group[], chosen: Group): Group[] {
  const by = ({ all: "month", route: "month-and-route", protocol: "month-and-protocol" } as Partial<Record<Group["by"], Group["by"]>>)[chosen.by];
  return groups
    .filter((group) => group.by === by && (chosen.route === null || group.route === chosen.route) && (chosen.protocol === null || (group.protocol !== null && named(group.protocol) === named(chosen.protocol))))
    .reverse();
}

const isPortion = (measure: string): measure is Portion["portion"] => measure in words.portions.names;

export function measureName(measure: Compared["measure"]): string {
  return isPortion(measure) ? words.portions.names[measure] : words.minutes.stretches[measure as Minutes["stretch"]];
}

export function moreText({ measure, more, low, high }: Compared): string {
  const points = (share: number): string => signed(Math.round(share * 1000) / 10);
  return isPortion(measure) ? words.compared.points(points(more), points(low), points(high)) : words.compared.minutes(Math.round(more), Math.round(low), Math.round(high));
}
