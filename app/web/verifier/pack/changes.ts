/** A kept assessment says only what changed since the one before it; this makes the whole again (docs/session-pack.md). */

import { isDoc, NotAsWritten, type Doc, type Json } from "./json";

/** What comes out of `before` by `{by, new}`. */
export function changed(before: Json, change: Json): Json {
  if (!isDoc(change) || !Array.isArray(change["new"]) || change["by"] === undefined) throw unreadable();
  return apply(before, change["by"], change["new"]);
}

function apply(before: Json, by: Json, values: readonly Json[]): Json {
  if (!isDoc(by)) throw unreadable();
  const names = Object.keys(by);
  if (!names.length) return before;
  if (names.length === 1 && names[0] === "=") return taken(values, by["="]!);
  if (by["~"] !== undefined && isDoc(before)) return object(before, by["~"], by["-"] ?? [], values);
  if (by["#"] !== undefined && Array.isArray(before)) return list(before, by["#"], values);
  throw unreadable();
}

function object(before: Doc, parts: Json, gone: Json, values: readonly Json[]): Doc {
  if (!isDoc(parts) || !Array.isArray(gone)) throw unreadable();
  const found: Doc = Object.fromEntries(Object.entries(before).filter(([name]) => !gone.includes(name)));
  for (const [name, one] of Object.entries(parts)) found[name] = apply(before[name] ?? null, one, values);
  return found;
}

function list(before: readonly Json[], by: Json, values: readonly Json[]): Json[] {
  if (!Array.isArray(by)) throw unreadable();
  const [first, middle, last] = by;
  if (typeof first !== "number" || !Array.isArray(middle) || typeof last !== "number") throw unreadable();
  if (first + last > before.length) throw unreadable();
  return [...before.slice(0, first), ...middle.map((place) => taken(values, place)), ...before.slice(before.length - last)];
}

function taken(values: readonly Json[], place: Json): Json {
  const found = typeof place === "number" ? values[place] : undefined;
  if (found === undefined) throw unreadable();
  return found;
}

function unreadable(): NotAsWritten {
  return new NotAsWritten("it does not say how an assessment changed");
}
