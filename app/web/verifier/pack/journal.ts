/** The chain: every entry follows from the one before it in its stream, and the clinic's seals hold heads of these. */

import { canonical, digest, docAt, docsAt, NotAsWritten, numberAt, sha256, textAt, type Doc } from "./json";

export interface Entry {
  stream: string;
  position: number;
  kind: string;
  factId: string;
  revision: number;
  document: Doc;
  by: Doc;
  tabletId: string | null;
  reason: string | null;
  recordedAt: string;
  clinicId: string;
  hash: string;
  /** As it stands in the pack. */
  whole: Doc;
}

export interface Journal {
  entries: Entry[];
  wrong: string[];
  /** By stream: up to which position a seal of the clinic holds it; absent where none does. */
  sealed: Map<string, number>;
}

const START = "0".repeat(64);

function entryFrom(whole: Doc): Entry {
  return {
    stream: textAt(whole, "stream"),
    position: numberAt(whole, "position"),
    kind: textAt(whole, "kind"),
    factId: textAt(whole, "fact_id"),
    revision: numberAt(whole, "revision"),
    document: docAt(whole, "document"),
    by: docAt(whole, "by"),
    tabletId: (whole["tablet_id"] as string | null) ?? null,
    reason: (whole["reason"] as string | null) ?? null,
    recordedAt: textAt(whole, "recorded_at"),
    clinicId: textAt(whole, "clinic_id"),
    hash: textAt(whole, "hash"),
    whole,
  };
}

/** What a person can look for: the place, what it is of, who kept it and when. */
export function named(entry: Entry): string {
  const by = typeof entry.by["name"] === "string" ? entry.by["name"] : "somebody";
  return `entry ${entry.position} of ${entry.stream} (${entry.kind} ${entry.factId}, revision ${entry.revision}, kept by ${by} at ${entry.recordedAt})`;
}

/** The hash of an entry: two lines, what is said of the fact with the hash before it, and the fact's document. */
async function hashOf(entry: Entry, prev: string): Promise<string> {
  const { document, hash: _, ...said } = entry.whole;
  return sha256(`${canonical({ ...said, prev })}\n${canonical(document!)}`);
}

export async function readJournal(audit: Doc): Promise<Journal> {
  const entries = docsAt(audit, "journal").map(entryFrom);
  const wrong: string[] = [];
  const heads = new Map<string, Entry>();
  const byPlace = new Map<string, Entry>();
  for (const entry of entries) {
    const before = heads.get(entry.stream);
    const due = (before?.position ?? 0) + 1;
    if (entry.position > due) {
      const gone = entry.position - 1 === due ? `entry ${due} is` : `entries ${due} to ${entry.position - 1} are`;
      wrong.push(`${gone} missing in ${entry.stream}`);
    } else if (entry.position < due) {
      wrong.push(`${named(entry)} stands where entry ${due} should: it was added, or moved`);
    } else if (entry.hash !== (await hashOf(entry, before?.hash ?? START))) {
      wrong.push(`${named(entry)} was changed after it was kept, or the one before it was`);
    }
    heads.set(entry.stream, entry);
    byPlace.set(`${entry.stream} ${entry.position}`, entry);
  }
  const clinics = new Set(entries.map((one) => one.clinicId));
  if (clinics.size > 1) wrong.push(`its entries are of ${clinics.size} clinics`);
  const sealed = new Map<string, number>();
  for (const seal of docsAt(audit, "seals")) {
    const head = docAt(seal, "head");
    const [stream, position] = [textAt(head, "stream"), numberAt(head, "position")];
    const link: Doc = { prev: seal["prev"]!, position: seal["position"]!, stream: "log", head };
    if ((await digest(link)) !== seal["hash"]) {
      wrong.push(`the clinic's seal ${String(seal["position"])} was changed: it is not what its hash was taken of`);
      continue;
    }
    const held = byPlace.get(`${stream} ${position}`);
    if (!held) wrong.push(`the clinic sealed entry ${position} of ${stream}, which is missing: its end was cut off`);
    else if (held.hash !== head["hash"]) wrong.push(`${named(held)} is not what the clinic sealed`);
    sealed.set(stream, Math.max(position, sealed.get(stream) ?? 0));
  }
  return { entries, wrong, sealed };
}

export function streamsOf(entries: readonly Entry[]): Set<string> {
  if (!entries.length) throw new NotAsWritten("the journal is empty");
  return new Set(entries.map((one) => one.stream));
}
