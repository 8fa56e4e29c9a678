import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { putSheet } from "../charting";
import { EXCLUSIONS } from "../missing";
import { shortly } from "../names";
import { Ask, type Faults, Outcome, useForm } from "../parts/form";
import type { View } from "../project";
import { type Item, learn, neededOf } from "../protocols";
import { type Answer, heldAnswers, isOld } from "../same-day";
import { person } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";

export type Exclusion = (typeof EXCLUSIONS)[number];
const URINE = "no-negative-urine-toxicology";
const yesNo = [
  { value: false, label: words.start.no },
  { value: true, label: words.start.yes },
];
type Urine = keyof typeof words.start.urine;
const urine = (Object.keys(words.start.urine) as Urine[]).map((value) => ({ value, label: words.start.urine[value] }));
const fieldOf = ({ name }: Item): string => `same_day.${name}`;

/** What is asked before a dose, one question a line: the eight exclusions, and the same-day check of the protocol. */
export function Screening({ record }: { record: View }): VNode {
  const kept = record.screening;
  const [answers, setAnswers] = useState<Partial<Record<Exclusion, boolean>>>({});
  const [today, setToday] = useState<Record<string, Answer>>({});
  const [sample, setSample] = useState<Urine | null>(null);
  const form = useForm();
  useEffect(() => void learn(record.protocol), [record.protocol.id, record.protocol.version]);
  // what comes late is taken while nothing was answered yet: nothing moves under a hand
  const known = neededOf(record.protocol);
  const [needed, take] = useState(known);
  const untouched = Object.keys(answers).length === 0;
  useEffect(() => {
    if (needed === null && untouched) take(known);
  }, [known === null, untouched]);
  const check = needed?.same_day ?? null;
  const held = check === null ? {} : heldAnswers(record, check);
  const items = check?.items ?? [];
  const answer = (name: Exclusion): boolean | null => answers[name] ?? kept?.answers[name] ?? null;
  const answerToday = ({ name }: Item): Answer | null => today[name] ?? held[name] ?? null;
  const changed = EXCLUSIONS.some((name) => answers[name] !== undefined && answers[name] !== kept?.answers[name]) || items.some(({ name }) => today[name] !== undefined && today[name] !== held[name]);
  const whole = kept !== null && items.every(({ name }) => held[name] !== undefined);
  const set = (name: Exclusion, value: boolean): void => setAnswers({ ...answers, [name]: value });
  const open = (given: unknown): string => (given === null ? words.start.stillOpen : "");
  const unanswered = (): Faults => ({ ...Object.fromEntries(EXCLUSIONS.map((name) => [name, open(answer(name))])), ...Object.fromEntries(items.map((item) => [fieldOf(item), open(answerToday(item))])) });
  const save = async (): Promise<void> => {
    const body = { answers: Object.fromEntries(EXCLUSIONS.map((name) => [name, answer(name)])), ...sameDay() };
    await putSheet(record, "screening", body, words.start.screeningOf(shortly(record.patient)));
    setAnswers({});
    setToday({});
  };
  /** An answer that stands makes none newer: all are as old as the oldest. */
  const sameDay = (): { same_day?: Record<string, Answer>; asked_at?: string } => {
    if (items.length === 0) return kept?.asked_at ? { same_day: kept.same_day, asked_at: kept.asked_at } : {};
    const stands = items.some(({ name }) => today[name] === undefined);
    return { same_day: Object.fromEntries(items.map((item) => [item.name, answerToday(item)!])), asked_at: stands && kept?.asked_at ? kept.asked_at : stamp(clinicNow()) };
  };
  return (
    <section class="card" aria-labelledby="screening">
      <h2 id="screening">{words.start.screening}</h2>
      <form class="asks" noValidate ref={form.ref} onSubmit={form.submit(unanswered, save)}>
        {kept ? <p class="quiet">{words.start.answered(clockText(kept.recorded_at), kept.recorded_by.name)}</p> : <p class="quiet">{words.start.allEight}</p>}
        {EXCLUSIONS.map((name) => {
          const stops = answer(name) && <span class="concern stops">&#9888; {words.start.stops}</span>;
          if (name !== URINE)
            return (
              <Ask key={name} line label={words.start.exclusions[name]} options={yesNo} picked={answer(name)} pick={(value) => set(name, value)} fault={form.faults[name]}>
                {stops}
              </Ask>
            );
          const pick = (value: Urine): void => {
            setSample(value);
            set(URINE, value !== "negative");
          };
          // the record holds only whether there is a negative screen
          const picked = answer(URINE) === null ? null : answer(URINE) === false ? "negative" : sample === "negative" ? null : sample;
          return (
            <Ask key={name} line label={words.start.exclusions[name]} options={urine} picked={picked} pick={pick} fault={form.faults[name]}>
              {answer(URINE) && picked === null && <span class="quiet">{words.start.urineKept}</span>}
              {stops}
            </Ask>
          );
        })}
        {needed === null && <p class="unknown">{words.start.sameDayNotHere}</p>}
        {check !== null && (
          <section class="today asks" aria-labelledby="same-day">
            <h3 id="same-day">{words.start.sameDay}</h3>
            {kept?.asked_at && (isOld(record, check) ? <p class="concern">{words.start.sameDayOld(clockText(kept.asked_at))}</p> : <p class="quiet">{words.start.sameDayAsked(clockText(kept.asked_at))}</p>)}
            {items.map((item) => {
              const options = (["right", "wrong"] as const).map((value) => ({ value, label: item[value] }));
              return (
                <Ask key={item.name} line label={item.question} options={options} picked={answerToday(item)} pick={(value) => setToday({ ...today, [item.name]: value })} fault={form.faults[fieldOf(item)]}>
                  {answerToday(item) === "wrong" && (
                    <span class="concern stops">
                      {item.if_wrong === "note" ? "▲" : "⚠"} {words.start.ifWrong[item.if_wrong]}
                    </span>
                  )}
                </Ask>
              );
            })}
          </section>
        )}
        <button class={kept === null ? "button primary" : "button"} disabled={(whole && !changed) || form.busy}>
          {words.start.saveScreening(shortly(record.patient), person.value?.name ?? "")}
        </button>
        <Outcome form={form} fields={[...EXCLUSIONS, ...items.map(fieldOf)]} />
      </form>
    </section>
  );
}
