/** Every kept assessment again: by its digest, by what it says it looked at, and by the rules. */

import { disagreements, type Finding } from "../rules/compare";
import { judge } from "../rules/criteria";
import { VITALS, type Escort, type Event, type Facts, type Reading, type Step } from "../rules/facts";
import { protocolFrom, type Protocol } from "../rules/protocol";
import { bandOf } from "../rules/sets";
import { stateOf } from "../rules/life";
import { phaseOf } from "../rules/timeline";
import { instant } from "../rules/time";
import type { Folded, KeptAssessment } from "./fold";
import type { Entry } from "./journal";
import { canonical, digest, docAt, docsAt, isDoc, sha256, type Doc, type Json } from "./json";

/** The rules that this program is written from. */
export const RULES = "1";

export interface Judged {
  wrong: string[];
  /** How many were derived again, and how many are of other rules than these. */
  derived: number;
  others: number;
}

/** The facts in force after an entry of the session: newest revisions, nothing void. */
export function factsAt(entries: readonly Entry[], position: number): Facts {
  const upTo = entries.filter((one) => one.position <= position);
  const gone = (kind: string) => new Set(upTo.filter((one) => one.kind === kind).map((one) => one.factId));
  const inForce = (kind: string): Doc[] => {
    const voided = gone(`${kind}-void`);
    const newest = new Map(upTo.filter((one) => one.kind === kind).map((one) => [one.factId, one.document]));
    return [...newest].filter(([id]) => !voided.has(id)).map(([, document]) => document);
  };
  return {
    events: inForce("event") as unknown as Event[],
    readings: inForce("reading") as unknown as Reading[],
    escort: (upTo.findLast((one) => one.kind === "escort")?.document ?? null) as unknown as Escort | null,
    tablets: [],
  };
}

/** What an assessment says it looked at: ids and revisions, in one order. */
async function inputsOf(facts: Facts, escortRevision: Json): Promise<string> {
  const events = facts.events.map((one) => one.id).sort();
  const readings = facts.readings.map(({ id, revision }) => canonical({ id, revision })).sort();
  const rest = canonical({ escort: escortRevision, events });
  return sha256(`${rest.slice(0, -1)},"readings":[${readings.join(",")}]}`);
}

export async function checkAssessments(folded: Folded, session: readonly Entry[], protocol: Protocol): Promise<Judged> {
  const found: Judged = { wrong: [], derived: 0, others: 0 };
  const hash = await digest(folded.protocol);
  let before: KeptAssessment | null = null;
  for (const one of folded.assessments) {
    const say = (words: string) => found.wrong.push(`assessment ${one.number} (as of ${String(one.document["as_of"])}): ${words}`);
    if ((await digest(one.document)) !== one.digest) say("it is not what its digest, which is what people sign, was taken of");
    if (docAt(one.document, "protocol")["hash"] !== hash) say("it names another protocol than the session's");
    const facts = factsAt(session, one.judged);
    const escort = session.findLast((entry) => entry.kind === "escort" && entry.position <= one.judged);
    if ((await inputsOf(facts, escort?.document["revision"] ?? null)) !== one.document["inputs"]) {
      say(`it says that it looked at other facts than the journal holds up to entry ${one.judged}`);
    }
    if (one.document["rules"] !== RULES) found.others += 1;
    else {
      for (const words of derivedAgain(one, facts, protocol)) say(words);
      found.derived += 1;
    }
    const change = changeOf(before, one, folded);
    if (change !== undefined && change !== (one.entry.document["change"] ?? null)) {
      say(`it says that the flag was ${String(one.entry.document["change"] ?? "left")}, and it was ${change ?? "left"}`);
    }
    before = one;
  }
  return found;
}

function derivedAgain(one: KeptAssessment, facts: Facts, protocol: Protocol): string[] {
  const kept = {
    as_of: String(one.document["as_of"]),
    status: one.status,
    findings: docsAt(one.document, "findings") as unknown as Finding[],
  };
  const tablets = docsAt(one.document, "tablets") as unknown as Step[];
  return disagreements(kept, { ...facts, tablets }, protocol);
}

/** Raised where the one before was not met, withdrawn where it was; not told of a session charted afterwards. */
function changeOf(before: KeptAssessment | null, one: KeptAssessment, { record }: Folded): string | null | undefined {
  if (docAt(record, "session")["had_left_at"]) return undefined;
  const [was, is] = [before?.status === "met", one.status === "met"];
  return was === is ? null : is ? "raised" : "withdrawn";
}

/** What the record says beside its facts: dose, baseline, phases, concerns. */
export function checkDerived(record: Doc, session: readonly Entry[], protocol: Protocol, at: string): string[] {
  const facts = factsAt(session, Infinity);
  const verdict = judge(facts, protocol, instant(at));
  const wrong: string[] = [];
  const hold = (name: string, told: Json | undefined, derived: Json) => {
    if (canonical(told ?? null) !== canonical(derived)) {
      wrong.push(`${name}: the record says ${JSON.stringify(told ?? null)}, the rules ${JSON.stringify(derived)}`);
    }
  };
  const dose = docAt(record, "dose");
  hold("dose / started", instantOrNull(dose["started"]), verdict.dose.started);
  hold("dose / ended", instantOrNull(dose["ended"]), verdict.dose.ended);
  hold("session / state", docAt(record, "session")["state"], stateOf(facts.events, record["discharge"] !== null));
  const vitals = docAt(docAt(record, "baseline"), "vitals");
  for (const vital of VITALS) {
    const told = docAt(vitals, vital);
    const reference = verdict.baseline.vitals[vital];
    hold(`baseline / ${vital} / shown`, told["shown"], reference && Math.floor((2 * reference.sum + reference.count) / (2 * reference.count)));
    if (!reference) continue;
    hold(`baseline / ${vital}`, { sum: told["sum"]!, count: told["count"]! }, { ...reference });
    const band = bandOf(vital, verdict.baseline, protocol);
    if (band) hold(`baseline / ${vital} / band`, told["band"], band);
  }
  if (verdict.dose.started !== null && verdict.baseline.used.length) {
    hold("baseline / sound", docAt(record, "baseline")["sound"], verdict.baseline.sound);
    hold("baseline / accepted", docAt(record, "baseline")["accepted"], verdict.baseline.accepted);
  }
  for (const reading of docsAt(record, "readings")) {
    const name = `readings / ${String(reading["id"])}`;
    const revision = docsAt(reading, "revisions").at(-1);
    if (!revision) continue;
    hold(`${name} / phase`, reading["phase"], phaseOf(instant(String(revision["measured_at"])), verdict.dose));
    const raised = verdict.concerns.filter((one) => one.id.startsWith(`${String(reading["id"])}.`));
    const told = docsAt(reading, "concerns").map((one) => `${String(one["vital"])}${one["waits"] ? " waits" : ""}`);
    hold(`${name} / concerns`, told.sort(), raised.map((one) => `${one.id.split(".").at(-1)!}${one.waits ? " waits" : ""}`).sort());
  }
  return wrong;
}

function instantOrNull(told: Json | undefined): number | null {
  return typeof told === "string" ? instant(told) : null;
}

/** Every signature is over an assessment that is here, says what it says, and of a status that it may be of. */
export function checkSignatures(folded: Folded): string[] {
  const wrong: string[] = [];
  for (const one of docsAt(folded.record, "confirmations")) {
    const say = (words: string) => wrong.push(`the ${String(one["decision"])} signed by ${signerOf(one)} at ${String(one["signed_at"])}: ${words}`);
    const over = folded.assessments.find((kept) => kept.digest === one["digest"]);
    const text = String(one["signed_text"]);
    if (!over) say("no assessment here has the digest that it names");
    else {
      if (one["decision"] === "confirm" && over.status !== "met") say(`the assessment it is over was ${over.status}`);
      const open = docsAt(over.document, "findings").filter((finding) => finding["outcome"] !== "met").map((finding) => String(finding["criterion"]));
      const named = one["named"];
      if (one["decision"] === "override" && !open.every((criterion) => canonical(named ?? null).includes(`"${criterion}"`))) {
        say("it does not name every criterion that was not met");
      }
    }
    for (const [what, said] of [["its own assessment", one["own_assessment"]], ["the digest it is over", one["digest"]], ["the reason", one["reason"]]] as const) {
      if (typeof said === "string" && !text.includes(said)) say(`the signed words do not hold ${what}`);
    }
    if (!text.includes(signerOf(one))) say("the signed words name somebody else");
  }
  return wrong;
}

function signerOf(one: Doc): string {
  const by = one["recorded_by"];
  return isDoc(by) ? String(by["name"]) : "nobody";
}

export function protocolOf(folded: Folded): Protocol {
  return protocolFrom(folded.protocol ?? {});
}
