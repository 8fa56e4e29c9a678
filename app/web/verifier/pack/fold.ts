/** What the journal's entries come to: the record, part by part, in the spelling of the pack's own. */

import { instant } from "../rules/time";
import { changed } from "./changes";
import type { Entry } from "./journal";
import { docAt, isDoc, NotAsWritten, textAt, type Doc, type Json } from "./json";

export interface KeptAssessment {
  entry: Entry;
  number: number;
  status: string;
  digest: string;
  /** What the digest is of. */
  document: Doc;
  baseline: Doc;
  /** Up to which entry of the session it looked. */
  judged: number;
  lapsesAt: string | null;
}

export interface Folded {
  record: Doc;
  assessments: KeptAssessment[];
  protocol: Doc | null;
  /** Hashes of the protocol's document that people approved. */
  approved: Json[];
  /** Kinds of entries that this program does not know. */
  strange: string[];
}

/** Kinds that tell nothing of the patient, or what is worked out again here. */
const HOUSEKEEPING = ["tablet-release", "sender", "baseline"];

function provenance({ revision, recordedAt, by, tabletId, reason }: Entry): Doc {
  const recorded_by = { staff_id: by["id"] ?? null, name: by["name"]!, role: by["role"]! };
  return { revision, recorded_at: recordedAt, recorded_by, tablet_id: tabletId, reason };
}

function kept(entry: Entry): Doc {
  return { ...provenance(entry), ...entry.document };
}

function voided(entry: Entry | undefined): Json {
  return entry ? { ...provenance(entry), reason: entry.document["reason"]! } : null;
}

/** Those entries by what they are of, each with its revisions in order. */
function byFact(entries: readonly Entry[]): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const one of entries) found.set(one.factId, [...(found.get(one.factId) ?? []), one]);
  return found;
}

function inTime<T>(values: T[], at: (value: T) => string, id: (value: T) => string): T[] {
  return values.sort((a, b) => instant(at(a)) - instant(at(b)) || (id(a) < id(b) ? -1 : 1));
}

export function fold(entries: readonly Entry[], sessionId: string): Folded {
  const of = (...kinds: string[]) => entries.filter((one) => kinds.includes(one.kind));
  const last = (kind: string) => of(kind).at(-1);
  const newest = (kind: string): Json => {
    const found = last(kind);
    return found ? kept(found) : null;
  };
  const header = last("session");
  const patient = last("patient");
  const clinic = last("clinic");
  const protocol = last("protocol");
  if (!header || !patient || !clinic || !protocol) {
    throw new NotAsWritten("the journal has no entry of the session, its patient, its protocol, or the clinic");
  }
  const assessments = assessmentsOf(of("assessment"));
  const confirmations = of("confirmation");
  const record: Doc = {
    demo: clinic.document["demo"] ?? false,
    clinic: { id: clinic.clinicId, name: clinic.document["name"]!, timezone: clinic.document["timezone"]! },
    session: { id: sessionId, ...kept(header) },
    patient: { id: patient.factId, ...kept(patient) },
    programme: newest("programme"),
    course: newest("course"),
    screening: newest("screening"),
    overrides: of("override").map(kept),
    clearance: newest("clearance"),
    course_clearance: newest("course-clearance"),
    events: events(of("event"), of("event-void")),
    readings: readings(of("reading"), of("reading-void")),
    escort: newest("escort"),
    form_answers: newest("form-answers"),
    flags: assessments.filter((one) => one.entry.document["change"] !== null).map(flag),
    signed: signed(confirmations, assessments).map((one) => ({ ...flag(one), document: one.document })),
    latest: assessments.length ? { ...flag(assessments.at(-1)!), document: assessments.at(-1)!.document } : null,
    confirmations: confirmations.map(kept),
    notices: of("notice").map((notice) => {
      const seen = of("acknowledgement").findLast((one) => one.factId === notice.factId);
      const acknowledged = seen ? { ...provenance(seen), note: seen.document["note"] ?? null } : null;
      return { ...notice.document, acknowledged };
    }),
    discharge: newest("discharge"),
  };
  const known = ["session", "patient", "programme", "clinic", "protocol", "protocol-approval", "course", "screening", "override",
    "clearance", "course-clearance", "event", "event-void", "reading", "reading-void", "escort", "form-answers", "assessment",
    "confirmation", "notice", "acknowledgement", "discharge", ...HOUSEKEEPING];
  return {
    record,
    assessments,
    protocol: protocol.document,
    approved: of("protocol-approval").map((one) => one.document["hash"] ?? null),
    strange: [...new Set(entries.map((one) => one.kind))].filter((kind) => !known.includes(kind)),
  };
}

function events(entries: Entry[], voids: readonly Entry[]): Json {
  const found = [...byFact(entries).values()].map((revisions) => revisions.at(-1)!);
  const inOrder = inTime(found, (one) => textAt(one.document, "at"), (one) => one.factId);
  return inOrder.map((one) => ({ ...kept(one), void: voided(voids.findLast((other) => other.factId === one.factId)) }));
}

function readings(entries: Entry[], voids: readonly Entry[]): Json {
  const found = inTime(
    [...byFact(entries).values()],
    (revisions) => textAt(revisions.at(-1)!.document, "measured_at"),
    (revisions) => revisions[0]!.factId,
  );
  return found.map((revisions) => ({
    id: revisions[0]!.factId,
    void: voided(voids.findLast((one) => one.factId === revisions[0]!.factId)),
    revisions: revisions.map(kept),
  }));
}

function assessmentsOf(entries: readonly Entry[]): KeptAssessment[] {
  const found: KeptAssessment[] = [];
  let said: Json = {};
  for (const entry of entries) {
    const { document } = entry;
    said = changed(said, document["changed"]!);
    if (!isDoc(said)) throw new NotAsWritten("an assessment is no object");
    const findings = docAt(said, "findings");
    const criteria = said["criteria"];
    if (!Array.isArray(criteria)) throw new NotAsWritten("an assessment names no criteria");
    found.push({
      entry,
      number: entry.revision,
      status: textAt(document, "status"),
      digest: textAt(document, "digest"),
      document: {
        rules: said["rules"]!,
        protocol: said["protocol"]!,
        as_of: document["as_of"]!,
        inputs: document["inputs"]!,
        tablets: document["tablets"]!,
        findings: criteria.map((name) => docAt(findings, String(name))),
      },
      baseline: docAt(said, "baseline"),
      judged: Number(document["judged"]),
      lapsesAt: (document["lapses_at"] as string | null) ?? null,
    });
  }
  return found;
}

function flag(one: KeptAssessment): Doc {
  return {
    number: one.number,
    as_of: one.document["as_of"]!,
    recorded_at: one.entry.recordedAt,
    status: one.status,
    digest: one.digest,
    change: one.entry.document["change"] ?? null,
  };
}

/** What somebody signed, each once, in the order of signing. */
function signed(confirmations: readonly Entry[], assessments: readonly KeptAssessment[]): KeptAssessment[] {
  const digests = new Set(confirmations.map((one) => one.document["digest"]));
  return [...digests].flatMap((wanted) => assessments.findLast((one) => one.digest === wanted) ?? []);
}
