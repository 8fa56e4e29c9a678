/** Where the record and the journal differ, in words that say which fact, which field, and both values. */

import { canonical, isDoc, type Doc, type Json } from "./json";

/** Worked out from the rest, and checked with the rules. */
const DERIVED: Readonly<Record<string, readonly string[]>> = { session: ["state"], readings: ["phase", "concerns"] };
const DERIVED_PARTS = ["dose", "baseline", "protocol"];

export function differences(record: Doc, journal: Doc): string[] {
  const parts = new Set([...Object.keys(record), ...Object.keys(journal)]);
  return [...parts]
    .filter((part) => !DERIVED_PARTS.includes(part))
    .flatMap((part) => different([part], record[part], journal[part], DERIVED[part] ?? []));
}

function different(path: readonly string[], told: Json | undefined, kept: Json | undefined, derived: readonly string[]): string[] {
  if (told !== undefined && kept !== undefined && canonical(told) === canonical(kept)) return [];
  if (isDoc(told) && isDoc(kept)) {
    const names = new Set([...Object.keys(told), ...Object.keys(kept)]);
    return [...names].filter((name) => !derived.includes(name)).flatMap((name) => different([...path, name], told[name], kept[name], []));
  }
  if (Array.isArray(told) && Array.isArray(kept)) return inLists(path, told, kept, derived);
  return [`${path.join(" / ")}: the record says ${shown(told)}, the journal ${shown(kept)}`];
}

/** Facts are held beside each other by what they are, so that one that is missing or added is named as such. */
function inLists(path: readonly string[], told: readonly Json[], kept: readonly Json[], derived: readonly string[]): string[] {
  const [inRecord, inJournal] = [byName(told), byName(kept)];
  const found: string[] = [];
  for (const name of new Set([...inRecord.keys(), ...inJournal.keys()])) {
    const [one, other] = [inRecord.get(name), inJournal.get(name)];
    if (one === undefined) found.push(`${path.join(" / ")}: the record lacks ${name}, which the journal has`);
    else if (other === undefined) found.push(`${path.join(" / ")}: the record has ${name}, which the journal does not know`);
    else found.push(...different([...path, name], one, other, derived));
  }
  const order = (names: Iterable<string>) => [...names].join(" ");
  if (!found.length && order(inRecord.keys()) !== order(inJournal.keys())) found.push(`${path.join(" / ")}: in another order than the journal has them`);
  return found;
}

function byName(values: readonly Json[]): Map<string, Json> {
  const found = new Map<string, Json>();
  values.forEach((one, place) => {
    let name = nameOf(one) ?? `number ${place + 1}`;
    while (found.has(name)) name += " again";
    found.set(name, one);
  });
  return found;
}

function nameOf(one: Json): string | null {
  if (!isDoc(one)) return null;
  if (typeof one["criterion"] === "string") return one["criterion"];
  if (typeof one["number"] === "number") return `assessment ${one["number"]}`;
  const id = typeof one["id"] === "string" ? one["id"] : null;
  // revisions of one reading share its id
  const revision = "measured_at" in one ? `revision ${String(one["revision"])}` : null;
  return revision ?? id;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
