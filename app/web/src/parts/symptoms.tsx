import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Code, gradesOf, offered, serious, type Severity } from "../symptoms";
import type { Symptom } from "../vitals";
import { plain, words } from "../words";

/** One tap names a symptom with its severity; the same tap takes it back. The name stands above, in full. */
export function Symptoms({ named, before, set, close }: { named: Symptom[]; before: Map<string, string>; set: (symptoms: Symptom[]) => void; close: () => void }): VNode {
  const [sought, setSought] = useState("");
  /** Named when the list was opened: what is named now stays where it was tapped. */
  const [here] = useState(() => new Set([...before.keys(), ...named.map((each) => each.code)]));
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    back.current?.focus({ preventScroll: true });
    // on a phone the list lies below the numbers: it comes up by itself
    if (matchMedia("(max-width: 560px)").matches) back.current?.closest("section")?.scrollIntoView({ block: "start" });
  }, []);
  const tap = (code: Code, severity: Severity): void => {
    const others = named.filter((each) => each.code !== code);
    const taken = named.some((each) => each.code === code && each.severity === severity);
    set(taken ? others : [...others, { code, severity }]);
  };
  const groups = offered(here, sought);
  return (
    <section class="symptoms" aria-label={words.entry.fields.symptoms}>
      <div class="symptoms-head">
        <label class="field">
          <span class="label">{words.entry.findSymptom}</span>
          <input type="search" autoComplete="off" autoCapitalize="none" spellcheck={false} value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        </label>
        <button type="button" class="button" ref={back} onClick={close}>
          {words.entry.symptomsDone}
        </button>
      </div>
      <p class="hidden-text" role="status">
        {sought.trim() && words.entry.symptomsFound(groups.reduce((sum, { codes }) => sum + codes.length, 0))}
      </p>
      <div class="symptoms-list">
        {groups.length === 0 && <p class="quiet">{words.entry.noSymptom}</p>}
        {groups.map(({ group, codes }) => (
          <section key={group} aria-label={words.entry.symptomGroups[group]}>
            <h3>{words.entry.symptomGroups[group]}</h3>
            <ul>
              {codes.map((code) => (
                <li key={code}>
                  <div class="symptom" role="group" aria-label={plain(code)}>
                    <span class="symptom-name">
                      {serious(code) && <span aria-hidden="true">&#9888; </span>}
                      {plain(code)}
                      {before.has(code) && (
                        <span class="label">
                          {words.entry.before}: {before.get(code)}
                        </span>
                      )}
                    </span>
                    <span class="symptom-grades">
                      {gradesOf(code).map((severity, _, all) => (
                        <button
                          type="button"
                          key={severity}
                          class="button"
                          aria-pressed={named.some((each) => each.code === code && each.severity === severity)}
                          onClick={() => tap(code, severity)}
                        >
                          {all.length === 1 ? words.entry.onlySevere : severity}
                        </button>
                      ))}
                    </span>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </section>
  );
}
