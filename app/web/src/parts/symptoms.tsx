import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Schemas } from "../api";
import type { Symptom } from "../vitals";
import { plain, words } from "../words";

type Code = Schemas["SymptomCode"];
const SEVERITIES: Schemas["Severity"][] = ["mild", "moderate", "severe"];

/** Every code the service knows, those seen most often first; the compiler misses none. `!`: serious. */
const SYMPTOMS: Record<Code, "" | "!"> = {
  nausea: "",
  vomiting: "",
  dizziness: "",
  headache: "",
  anxiety: "",
  drowsy: "",
  "double-vision": "",
  "blurred-vision": "",
  "raised-blood-pressure": "",
  paraesthesia: "",
  hallucination: "!",
  confusion: "",
  "chest-pain": "!",
  agitation: "",
  "altered-mental-status": "",
  anaphylaxis: "!",
  angioedema: "!",
  apnoea: "!",
  bradycardia: "",
  breathlessness: "",
  bronchospasm: "",
  "cardiac-arrest": "!",
  cough: "",
  delirium: "",
  "dissociative-episode": "",
  euphoria: "",
  fall: "",
  fatigue: "",
  "feeling-drunk": "",
  hypersalivation: "",
  jerks: "",
  laryngospasm: "!",
  lethargy: "",
  "low-blood-pressure": "",
  "low-oxygen": "!",
  nystagmus: "",
  palpitations: "",
  "panic-attack": "",
  "poor-coordination": "",
  rash: "",
  "respiratory-depression": "!",
  seizure: "!",
  "site-reaction": "",
  "suicidal-thoughts": "!",
  syncope: "!",
  tachycardia: "",
  "taste-change": "",
  "urinary-symptom": "",
  urticaria: "",
  vertigo: "",
};
const CODES = Object.keys(SYMPTOMS) as Code[];

/** One tap names a symptom with its severity; the same tap takes it back. */
export function Symptoms({ named, before, set, close }: { named: Symptom[]; before: Map<string, string>; set: (symptoms: Symptom[]) => void; close: () => void }): VNode {
  const known = CODES.filter((code) => before.has(code));
  const rest = CODES.filter((code) => !before.has(code));
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus({ preventScroll: true }), []);
  const tap = (code: Code, severity: Symptom["severity"]): void => {
    const others = named.filter((each) => each.code !== code);
    const taken = named.some((each) => each.code === code && each.severity === severity);
    set(taken ? others : [...others, { code, severity }]);
  };
  return (
    <section class="symptoms" aria-label={words.entry.fields.symptoms}>
      <button type="button" class="button" ref={back} onClick={close}>
        {words.entry.symptomsDone}
      </button>
      <ul>
        {[...known, ...rest].map((code) => (
          <li key={code}>
            <div class="symptom" role="group" aria-label={plain(code)}>
              <span>
                {SYMPTOMS[code] === "!" && <b>&#9888; </b>}
                {plain(code)}
                {before.has(code) && (
                  <span class="label">
                    {words.entry.before}: {before.get(code)}
                  </span>
                )}
              </span>
              {SEVERITIES.map((severity) => (
                <button
                  type="button"
                  key={severity}
                  class="button"
                  aria-pressed={named.some((each) => each.code === code && each.severity === severity)}
                  onClick={() => tap(code, severity)}
                >
                  {severity}
                </button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
