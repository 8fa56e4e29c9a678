// The symptoms that can be named: which come first, which stand apart, and how one is found by a piece of its name.

import type { Schemas } from "./api";
import { plain } from "./words";

export type Code = Schemas["SymptomCode"];
export type Severity = Schemas["Severity"];

/** `often`: seen most often. `serious`: a sign of toxicity that stands out. `severe`: serious, and never less than severe. */
type Kind = "" | "often" | "serious" | "severe";

/** Every code the service knows; the compiler misses none. Those seen most often first, by how often. */
const KINDS: Record<Code, Kind> = {
  nausea: "often",
  vomiting: "often",
  dizziness: "often",
  headache: "often",
  anxiety: "often",
  drowsy: "often",
  "double-vision": "often",
  "blurred-vision": "often",
  "raised-blood-pressure": "often",
  paraesthesia: "often",
  hallucination: "serious",
  confusion: "",
  "chest-pain": "serious",
  agitation: "",
  "altered-mental-status": "",
  anaphylaxis: "severe",
  angioedema: "serious",
  apnoea: "severe",
  bradycardia: "",
  breathlessness: "",
  bronchospasm: "",
  "cardiac-arrest": "severe",
  cough: "",
  delirium: "",
  "dissociative-episode": "",
  euphoria: "",
  fall: "",
  fatigue: "",
  "feeling-drunk": "",
  hypersalivation: "",
  jerks: "",
  laryngospasm: "serious",
  lethargy: "",
  "low-blood-pressure": "",
  "low-oxygen": "serious",
  nystagmus: "",
  palpitations: "",
  "panic-attack": "",
  "poor-coordination": "",
  rash: "",
  "respiratory-depression": "serious",
  seizure: "serious",
  "site-reaction": "",
  "suicidal-thoughts": "serious",
  syncope: "severe",
  tachycardia: "",
  "taste-change": "",
  "urinary-symptom": "",
  urticaria: "",
  vertigo: "",
};
const CODES = Object.keys(KINDS) as Code[];
const GRADES: Severity[] = ["mild", "moderate", "severe"];

export const serious = (code: Code): boolean => KINDS[code] === "serious" || KINDS[code] === "severe";

/** The severities that a symptom is asked for. */
export const gradesOf = (code: Code): Severity[] => (KINDS[code] === "severe" ? ["severe"] : GRADES);

export type Group = "here" | "often" | "serious" | "others";

/** What is offered, in groups: `here` are those named in this set or in one before. `sought`: a piece of a name. */
export function offered(here: ReadonlySet<string>, sought: string): { group: Group; codes: Code[] }[] {
  const pieces = sought.toLowerCase().split(/\s+/);
  const found = CODES.filter((code) => pieces.every((piece) => plain(code).includes(piece)));
  const groupOf = (code: Code): Group => (here.has(code) ? "here" : KINDS[code] === "often" ? "often" : serious(code) ? "serious" : "others");
  return (["here", "often", "serious", "others"] as const)
    .map((group) => {
      const codes = found.filter((code) => groupOf(code) === group);
      return { group, codes: group === "often" ? codes : codes.sort((a, b) => plain(a).localeCompare(plain(b))) };
    })
    .filter(({ codes }) => codes.length > 0);
}
