/** Everything that is checked of a pack, as one report: what holds, what does not, and what this program cannot check. */

import { instant } from "../rules/time";
import { checkAssessments, checkDerived, checkSignatures, protocolOf } from "./assessments";
import { bundleDifferences } from "./bundle";
import { differences } from "./differences";
import { fold, type Folded } from "./fold";
import { readJournal, streamsOf, type Journal } from "./journal";
import { canonical, digest, docAt, docsAt, isDoc, NotAsWritten, sha256, textAt, type Doc, type Json } from "./json";
import { tableDifferences } from "./table";
import { NAMES, readZip } from "./zip";

export const FORMAT = "infusion-vitals-pack";
export const FORMAT_VERSION = 2;

export type Result = "holds" | "failed" | "not checked";

export interface Line {
  result: Result;
  part: string;
  words: string;
}

export interface Report {
  /** Nothing failed, and nothing was left unchecked but what this program never can: see `COPIES`. */
  holds: boolean;
  /** Nothing failed, but more was left unchecked: whoever forges a pack can write any version of the rules into it. */
  partly: boolean;
  lines: Line[];
  /** The manifest as it stands in the pack, whether or not it holds; null where there is none that can be read. */
  manifest: Doc | null;
  /** What the journal comes to; null where it cannot be read. */
  folded: Folded | null;
  /** How many assessments were derived again; those of other rules than these are not. */
  derived: number;
}

const MANIFEST = "manifest.json";
const MOST = 40;
/** What tells the record once more, in words and forms of the program that made the pack: of these a line says what of them is not checked here. */
const COPIES: ReadonlySet<string> = new Set(["session.pdf", "session.csv", "bundle.json"]);
const ITS_PROGRAM = "only the program that made it can make it again (infusion-vitals verify)";

class Lines {
  readonly all: Line[] = [];

  /** One line for each thing that is wrong, or one that says what holds. */
  say(part: string, wrong: readonly string[], holds: string): boolean {
    for (const words of wrong.slice(0, MOST)) this.all.push({ result: "failed", part, words });
    if (wrong.length > MOST) this.all.push({ result: "failed", part, words: `and ${wrong.length - MOST} more` });
    if (!wrong.length) this.all.push({ result: "holds", part, words: holds });
    return !wrong.length;
  }

  cannot(part: string, words: string): void {
    this.all.push({ result: "not checked", part, words });
  }

  /** What a made-up pack breaks is named, and the rest is checked all the same. */
  async try<T>(part: string, work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (problem) {
      const because = problem instanceof Error ? problem.message : "it cannot be read";
      this.all.push({ result: "failed", part, words: `it is not of the form of a pack: ${because}` });
      return null;
    }
  }
}

export async function checkPack(data: Uint8Array): Promise<Report> {
  const lines = new Lines();
  const { parts, faults } = readZip(data);
  for (const { part, words } of faults) lines.all.push({ result: "failed", part, words });
  if (!faults.length) lines.say("the ZIP", [], `${parts.size} parts, written as a pack is`);
  const bytes = parts.get(MANIFEST);
  const manifest = bytes ? await lines.try(MANIFEST, () => readManifest(bytes, lines)) : null;
  if (!bytes) lines.say(MANIFEST, ["it is missing, and nothing can be checked without it"], "");
  const { folded, derived } = manifest ? await checkManifest(manifest, parts, lines) : NOTHING;
  const sound = lines.all.every((one) => one.result !== "failed");
  const whole = lines.all.every((one) => one.result !== "not checked" || COPIES.has(one.part));
  return { holds: sound && whole, partly: sound && !whole, lines: lines.all, manifest, folded, derived };
}

async function readManifest(bytes: Uint8Array, lines: Lines): Promise<Doc> {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const found = JSON.parse(text) as Json;
  if (!isDoc(found) || found["format"] !== FORMAT) throw new NotAsWritten("it is not the manifest of a pack");
  if (found["format_version"] !== FORMAT_VERSION) {
    throw new NotAsWritten(`its format is version ${String(found["format_version"])}, and this verifier reads ${FORMAT_VERSION}`);
  }
  const { digest: said, ...whole } = found;
  const wrong: string[] = [];
  if (canonical(found) !== text) wrong.push("its bytes were changed: it is not spelt as it was written");
  if ((await digest(whole)) !== said) wrong.push("its content does not fit its own digest: it was changed");
  if ((await digest(found["record"]!)) !== found["record_digest"]) wrong.push("the record in it does not fit the record's digest");
  lines.say(MANIFEST, wrong, `canonical, and true to its digest ${String(said)}`);
  return found;
}

const NOTHING = { folded: null, derived: 0 };

async function checkManifest(
  manifest: Doc, parts: ReadonlyMap<string, Uint8Array>, lines: Lines,
): Promise<Pick<Report, "folded" | "derived">> {
  const record = await lines.try("record", () => docAt(manifest, "record"));
  await lines.try("parts", () => checkDigests(manifest, parts, lines));
  if (!record) return NOTHING;
  const journal = await lines.try("journal", () => readJournal(docAt(manifest, "audit")));
  const folded = journal && (await lines.try("journal", () => checkRecord(manifest, record, journal, lines)));
  const derived = folded && (await lines.try("assessments", () => checkRules(manifest, record, journal, folded, lines)));
  await checkParts(manifest, record, parts, lines);
  return { folded, derived: derived ?? 0 };
}

async function checkDigests(manifest: Doc, parts: ReadonlyMap<string, Uint8Array>, lines: Lines): Promise<void> {
  const said = new Map(docsAt(manifest, "parts").map((one) => [textAt(one, "name"), one]));
  for (const name of NAMES) {
    if (name === MANIFEST) continue;
    const [bytes, wanted] = [parts.get(name), said.get(name)];
    if (!bytes || !wanted) {
      lines.say(name, [bytes ? "the manifest does not know it" : "it is missing"], "");
      continue;
    }
    const found = await sha256(bytes);
    const same = found === wanted["sha256"] && bytes.length === wanted["bytes"];
    lines.say(name, same ? [] : ["its bytes were changed: its SHA-256 is not the one in the manifest"], `SHA-256 ${found}`);
  }
  const strangers = [...said.keys()].filter((name) => !(NAMES as readonly string[]).includes(name));
  if (strangers.length) lines.say(MANIFEST, [`it names parts that a pack does not have: ${strangers.join(", ")}`], "");
}

function checkRecord(manifest: Doc, record: Doc, journal: Journal, lines: Lines): Folded {
  const sessionId = textAt(manifest, "session");
  const own = `session:${sessionId}`;
  const wrong = [...journal.wrong];
  const header = docAt(record, "session");
  const pinned = docAt(header, "protocol");
  const wanted = new Set([
    own,
    `patient:${String(header["patient_id"])}`,
    `protocol:${String(pinned["id"])}/${String(pinned["version"])}`,
    `clinic-sheet:${String(docAt(record, "clinic")["id"])}`,
    ...(header["course_id"] === null ? [] : [`course:${String(header["course_id"])}`]),
  ]);
  const found = streamsOf(journal.entries);
  for (const stream of wanted) if (!found.has(stream)) wrong.push(`nothing of ${stream} is in it, and the record names it`);
  for (const stream of found) if (!wanted.has(stream)) wrong.push(`${stream} is in it, and the record does not name it`);
  const sealed = journal.sealed.get(own);
  lines.say("journal", wrong, `${journal.entries.length} entries, each follows from the one before it; ${sealed ? `sealed by the clinic up to entry ${sealed} of the session` : "not sealed by the clinic yet"}`);
  const folded = fold(journal.entries, sessionId);
  if (folded.strange.length) lines.cannot("journal", `entries of a kind that this verifier does not know: ${folded.strange.join(", ")}`);
  const same = differences(record, folded.record);
  if (manifest["demo"] !== folded.record["demo"]) same.push("demo: the manifest and the journal differ");
  const latest = folded.assessments.at(-1);
  if ((manifest["rules"] ?? null) !== (latest?.document["rules"] ?? null)) same.push("rules: the manifest names others than the latest assessment");
  if (canonical(manifest["protocol"]!) !== canonical(record["protocol"]!)) same.push("protocol: the manifest and the record differ");
  const madeAt = instant(textAt(manifest, "made_at"));
  const late = journal.entries.find((one) => instant(one.recordedAt) > madeAt);
  if (late) same.push(`entry ${late.position} of ${late.stream} was kept after the pack was made`);
  lines.say("record", same, "every word of it is what the journal comes to");
  return folded;
}

async function checkRules(manifest: Doc, record: Doc, journal: Journal, folded: Folded, lines: Lines): Promise<number> {
  const session = journal.entries.filter((one) => one.stream === `session:${textAt(manifest, "session")}`);
  const hash = await digest(folded.protocol);
  const named = docAt(record, "protocol");
  const wrong: string[] = [];
  if (named["hash"] !== hash) wrong.push("it is another protocol than the record names");
  if (folded.protocol?.["id"] !== named["id"] || folded.protocol?.["version"] !== named["version"]) wrong.push("its id and version are not those that the record names");
  if ((folded.protocol?.["example"] ?? false) !== named["example"]) wrong.push("it and the record differ on its being an example");
  if (!folded.approved.includes(hash)) wrong.push("nobody approved what it says");
  lines.say("protocol", wrong, `${String(named["id"])} version ${String(named["version"])}, approved as it stands`);
  const protocol = protocolOf(folded);
  const judged = await checkAssessments(folded, session, protocol);
  judged.wrong.push(...checkDerived(record, session, protocol, textAt(manifest, "made_at")));
  lines.say("assessments", judged.wrong, `${folded.assessments.length}, ${judged.derived} of them derived again from the readings and events: each comes out the same`);
  if (judged.others) lines.cannot("assessments", `${judged.others} are of other rules than this verifier is written from`);
  const signatures = checkSignatures(folded);
  const count = docsAt(folded.record, "confirmations").length;
  lines.say("signatures", signatures, count ? `${count}, each over an assessment that is here, in the words that were signed` : "nobody has signed");
  return judged.derived;
}

async function checkParts(manifest: Doc, record: Doc, parts: ReadonlyMap<string, Uint8Array>, lines: Lines): Promise<void> {
  const named = String(manifest["record_digest"]);
  const [csv, bundle, pdf] = ["session.csv", "bundle.json", "session.pdf"].map((name) => parts.get(name));
  if (csv) {
    await lines.try("session.csv", () => lines.say("session.csv", tableDifferences(csv, record, named), "every reading, event and outcome in it is as in the record"));
    lines.cannot("session.csv", `the sentence beside each outcome: ${ITS_PROGRAM}`);
  }
  if (bundle) {
    await lines.try("bundle.json", () => lines.say("bundle.json", bundleDifferences(bundle, record, named), "every vital in it is as in the record"));
    lines.cannot("bundle.json", `all of it but its vitals: ${ITS_PROGRAM}`);
  }
  if (!pdf) return;
  const names = new TextDecoder("latin1").decode(pdf).includes(`record-digest:${named}`);
  if (names) lines.cannot("session.pdf", `its pages; it names this record, and ${ITS_PROGRAM}`);
  else lines.say("session.pdf", ["it is not the PDF of this record: it names another digest"], "");
}

