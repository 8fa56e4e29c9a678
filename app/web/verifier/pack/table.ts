/** The CSV against the record: every row, cell by cell, but for the sentences, which are words that this program does not form. */

import { canonical, docAt, docsAt, isDoc, type Doc, type Json } from "./json";

const MARK = "\uFEFF";
const NOT_FORMED: ReadonlySet<string> = new Set(["because"]);

/** RFC 4180; null where the text is not of that form. */
export function readCsv(text: string): string[][] | null {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const end = text.indexOf('"', at);
        if (end < 0) return null;
        cell += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
    } else {
      const begin = at;
      while (at < text.length && !',\r\n"'.includes(text[at]!)) at += 1;
      cell = text.slice(begin, at);
    }
    row.push(cell);
    if (text[at] === ",") {
      at += 1;
      if (at === text.length) return null;
    } else if (text.startsWith("\r\n", at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else return null;
  }
  return row.length ? null : rows;
}

function cellOf(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? canonical(value) : String(value);
}

function keeper(one: Doc): Doc {
  const by = docAt(one, "recorded_by");
  return { recorded_at: one["recorded_at"]!, recorded_by: by["name"]!, role: by["role"]!, tablet_id: one["tablet_id"]!, reason: one["reason"]! };
}

function voided(one: Json | undefined): Doc {
  if (!isDoc(one)) return {};
  return { void_reason: one["reason"]!, void_by: docAt(one, "recorded_by")["name"]!, void_at: one["recorded_at"]! };
}

function part(of: Doc, name: string): Doc {
  return isDoc(of[name]) ? (of[name] as Doc) : {};
}

function readings(record: Doc): Doc[] {
  return docsAt(record, "readings").flatMap((reading) => {
    const revisions = docsAt(reading, "revisions");
    return revisions.map((one): Doc => {
      const newest = one === revisions.at(-1);
      const dissociation = Object.entries(part(one, "dissociation")).map(([name, value]) => [`dissociation_${name}`, value]);
      return {
        ...one,
        ...Object.fromEntries(dissociation),
        row: "reading",
        in_force: newest && reading["void"] === null,
        at: one["measured_at"]!,
        phase: newest ? reading["phase"]! : null,
        oxygen: part(one, "oxygen")["kind"] ?? null,
        oxygen_flow_l_min: part(one, "oxygen")["flow_l_min"] ?? null,
        consciousness_scale: part(one, "consciousness")["scale"] ?? null,
        consciousness_score: part(one, "consciousness")["score"] ?? null,
        ...keeper(one),
        ...voided(reading["void"]),
      };
    });
  });
}

function events(record: Doc): Doc[] {
  return docsAt(record, "events").map((one) => ({
    row: "event",
    id: one["id"]!,
    revision: one["revision"]!,
    in_force: one["void"] === null,
    at: one["at"]!,
    kind: one["kind"]!,
    detail: one["detail"]!,
    clock_doubtful: one["clock_doubtful"]!,
    ...keeper(one),
    ...voided(one["void"]),
  }));
}

/** Of each assessment that was signed, and of the latest where it is another one. */
function findings(record: Doc): Doc[] {
  const signed = docsAt(record, "signed");
  const latest = isDoc(record["latest"]) ? [record["latest"]] : [];
  const others = latest.filter((one) => !signed.some((each) => each["digest"] === one["digest"]));
  const of = (one: Doc, assessment: string): Doc[] =>
    docsAt(docAt(one, "document"), "findings").map((finding) => ({
      row: "finding",
      id: one["digest"]!,
      at: one["as_of"]!,
      assessment,
      criterion: finding["criterion"]!,
      outcome: finding["outcome"]!,
      recorded_at: one["recorded_at"]!,
    }));
  return [...signed.flatMap((one) => of(one, "signed")), ...others.flatMap((one) => of(one, "latest"))];
}

/** A cell that a spreadsheet could take for a formula is led by an apostrophe. */
function unguarded(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}

export function tableDifferences(data: Uint8Array, record: Doc, recordDigest: string): string[] {
  // the mark is looked at, not swallowed
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
  const rows = text.startsWith(MARK) ? readCsv(text.slice(1)) : null;
  const head = rows?.shift();
  if (!rows || !head) return ["it is no table as a pack holds one"];
  const wanted = [...readings(record), ...events(record), ...findings(record)];
  const shared: Doc = {
    record_digest: recordDigest,
    session_id: docAt(record, "session")["id"]!,
    record_number: docAt(record, "patient")["record_number"]!,
  };
  const found: string[] = [];
  if (rows.length !== wanted.length) found.push(`it has ${rows.length} rows, the record makes ${wanted.length}`);
  rows.slice(0, wanted.length).forEach((row, place) => {
    const one: Doc = { ...wanted[place]!, ...shared };
    const moved = head.filter((column, cell) => !NOT_FORMED.has(column) && column !== "record_digest" && unguarded(row[cell] ?? "") !== cellOf(one[column]));
    if (row.length !== head.length) moved.push("the number of its cells");
    if (moved.length) found.push(`row ${place + 2} (${String(one["row"])} ${String(one["id"])}) differs from the record in ${moved.join(", ")}`);
  });
  const names = rows.filter((row) => unguarded(row[1] ?? "") !== recordDigest).length;
  if (names) found.push(`${names} of its rows name another record`);
  return found;
}
