// A protocol's form: what it shows of a version and of what was typed over it, what is wrong, and the document that both
// come to. The fields and their bands are the service's; nothing here knows one by name.

import type { Schemas } from "../../api";
import { readNumber } from "../../numbers";
import { draftWords as words } from "../../words.draft";

export type Form = Pick<Schemas["ProtocolFormOut"], "id" | "route" | "document" | "tables">;
type Field = Schemas["FormFieldOut"];
type Document = Record<string, unknown>;

/** What was typed over a version, by dotted path: texts of fields, and which tables and rows are there or left out. */
export interface Typed {
  texts: Record<string, string>;
  there: Record<string, boolean>;
}
export const NOTHING: Typed = { texts: {}, there: {} };

export interface Line {
  path: string;
  /** The name that the clinic chose for it; empty: it has the field's own. */
  name: string;
  field: Field;
  text: string;
  /** What it says in the version from which this one is made. */
  was: string;
  there: boolean;
}

export interface Shown {
  path: string;
  title: string;
  required: boolean;
  there: boolean;
  lines: Line[];
  /** Rows of the clinic's own names lie in it, and more can be added. */
  adds: "item" | "medication" | null;
}

/** A name that the clinic chooses, in a path as the service describes it. */
const ANY = "*";
/** Said by the address, and no field. */
const APART = new Set(["id", "version", "route"]);

const isTable = (value: unknown): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);
const join = (table: string, name: string): string => (table === "" ? name : `${table}.${name}`);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf(".")));

export const valueAt = (document: Document, path: string): unknown => path.split(".").reduce<unknown>((at, name) => (isTable(at) ? at[name] : undefined), document);

function written(value: unknown): string {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(" ") : String(value);
}

/** The clinic's own names of what lies in a table: those of the version, then those that were added. */
function namesIn(table: string, form: Form, typed: Typed, rows: boolean): string[] {
  const held = valueAt(form.document, table);
  const here = isTable(held) ? Object.keys(held).filter((name) => isTable(held[name]) === rows) : [];
  const added = Object.keys(typed.there).filter((path) => typed.there[path] && parentOf(path) === table);
  return [...new Set([...here, ...added.map((path) => path.slice(table.length + 1))])];
}

const isThere = (path: string, form: Form, typed: Typed): boolean => typed.there[path] ?? valueAt(form.document, path) !== undefined;

/** Every table of the form with its lines. What lies in one that is left out is not shown. */
export function shownOf(form: Form, typed: Typed): Shown[] {
  const rowsIn = new Set(form.tables.filter((each) => each.table.endsWith(`.${ANY}`)).map((each) => parentOf(each.table)));
  const found: Shown[] = [];
  const out = new Set<string>();
  const show = (path: string, title: string, required: boolean, fields: readonly Field[]): void => {
    const there = required || isThere(path, form, typed);
    if ([...out].some((left) => path.startsWith(`${left}.`))) return;
    if (!there) out.add(path);
    const lines = fields.flatMap((field): Line[] => {
      const names = field.name === ANY ? namesIn(path, form, typed, false) : [""];
      return names.map((name) => {
        const at = join(path, name || field.name);
        const was = written(valueAt(form.document, at));
        return { path: at, name, field, was, text: typed.texts[at] ?? was, there: name === "" || isThere(at, form, typed) };
      });
    });
    const adds = rowsIn.has(path) ? "item" : fields.some((field) => field.name === ANY) ? "medication" : null;
    found.push({ path, title, required, there, lines, adds });
  };
  for (const { table, title, required, fields } of form.tables) {
    if (!table.endsWith(`.${ANY}`)) show(table, title, required, fields);
    else for (const name of namesIn(parentOf(table), form, typed, true)) show(join(parentOf(table), name), title.replace(ANY, name.replaceAll("-", " ")), false, fields);
  }
  return found;
}

/** What the reader of numbers, or an empty field, says at once. The rest is the service's to say. */
export function faultOf({ field, text, there }: Line): string {
  if (!there) return "";
  const { kind, low, high, unit } = field;
  if (text.trim() === "") {
    if (!field.required || kind === "codes") return "";
    if (kind === "whole-number") return words.missing[kind](low!, high!, unit);
    return kind === "line" ? words.missing.line(field.longest!) : words.missing[kind];
  }
  return kind === "whole-number" ? (readNumber(text, { low: low!, high: high!, whole: true, unit }).fault ?? "") : "";
}

function valueOf({ field, text, was }: Line, held: unknown): unknown {
  if (text === was) return held;
  switch (field.kind) {
    case "whole-number":
      return readNumber(text, { low: field.low!, high: field.high!, whole: true, unit: field.unit }).value ?? undefined;
    case "yes-no":
      return text === "" ? undefined : text === "true";
    case "codes":
      return text.split(" ").filter(Boolean);
    default:
      return text.trim() || undefined;
  }
}

function tableAt(document: Document, path: string): Document {
  return path.split(".").reduce((at, name) => (name === "" ? at : ((at[name] ??= {}) as Document)), document);
}

/** The document that the version and what was typed come to, under a version's number. */
export function documentOf(form: Form, typed: Typed, version: number): Document {
  const made: Document = { id: form.id, version, route: form.route };
  for (const shown of shownOf(form, typed)) {
    if (!shown.there) continue;
    const table = tableAt(made, shown.path);
    for (const line of shown.lines) {
      const value = line.there ? valueOf(line, valueAt(form.document, line.path)) : undefined;
      if (value !== undefined) table[line.path.slice(shown.path === "" ? 0 : shown.path.length + 1)] = value;
    }
  }
  return made;
}

function leavesOf(value: unknown, path: string): string[] {
  return isTable(value) ? Object.entries(value).flatMap(([name, held]) => leavesOf(held, join(path, name))) : [path];
}

/** What the version says that no field of the form can hold. */
export function notTaken(form: Form): string[] {
  const lines = new Set(shownOf(form, NOTHING).flatMap((shown) => shown.lines.map((line) => line.path)));
  return leavesOf(form.document, "").filter((path) => !lines.has(path) && !APART.has(path));
}

/** What the service finds at fault, at the line it stands beside; "" for what has none, with the name of where it is. */
export function placed(shown: readonly Shown[], faults: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [path, message] of Object.entries(faults)) {
    const at = nearest(shown, path);
    const told = at === "" && path !== "" ? `${titleOf(shown, path)}: ${message}` : message;
    found[at] = found[at] ? `${found[at]} · ${told}` : told;
  }
  return found;
}

function nearest(shown: readonly Shown[], path: string): string {
  for (let at = path; at !== ""; at = parentOf(at)) {
    const table = shown.find((each) => each.path === at);
    const line = shown.flatMap((each) => (each.there ? each.lines : [])).find((each) => each.path === at && each.there) ?? (table?.there ? table.lines.find((each) => each.there) : undefined);
    if (line) return line.path;
    if (table?.adds) return join(at, ANY);
  }
  return "";
}

const titleOf = (shown: readonly Shown[], path: string): string => shown.find((each) => each.path === path)?.title ?? path;

/** Another text in a field; as it was is nothing typed. */
export function withText(typed: Typed, { path, was }: Pick<Line, "path" | "was">, text: string): Typed {
  const { [path]: _, ...texts } = typed.texts;
  return { ...typed, texts: text === was ? texts : { ...texts, [path]: text } };
}

/** A table or row put in or left out; with one that was only added here goes what was typed into it. */
export function withThere(typed: Typed, form: Form, path: string, there: boolean): Typed {
  const { [path]: _, ...others } = typed.there;
  const held = valueAt(form.document, path) !== undefined;
  if (held !== there) return { ...typed, there: { ...others, [path]: there } };
  const isIn = (at: string): boolean => at === path || at.startsWith(`${path}.`);
  const texts = held ? typed.texts : Object.fromEntries(Object.entries(typed.texts).filter(([at]) => !isIn(at)));
  return { texts, there: others };
}

export const countOf = ({ texts, there }: Typed): number => Object.keys(texts).length + Object.keys(there).length;

/** A name as a file has it: "Vitamin C" is `vitamin-c`; null where it cannot be one. */
export function nameFrom(typed: string): string | null {
  const name = typed.trim().toLowerCase().replaceAll(/[\s_-]+/g, "-");
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? name : null;
}
