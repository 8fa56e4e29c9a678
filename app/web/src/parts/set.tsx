import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { View } from "../project";
import type { Reading } from "../records";
import { concerning, levelText, named, oxygenInDoubt, scaleOf } from "../sets";
import { clockText } from "../time";
import { chosen, enter, erase, fault, moved, notMeasured, press, type Typing } from "../typing";
import { type Field, flowFault, GRADES, lacks, ORDER, questions, values, type Vital, VITALS } from "../vitals";
import { plain, words } from "../words";
import { Awake } from "./awake";
import { Choice, type Option } from "./choice";
import { Discard } from "./discard";
import { Field as TextField } from "./form";
import { Pad, Reasons, VitalField } from "./pad";
import { Score } from "./score";
import { Symptoms } from "./symptoms";
import { When } from "./when";

interface SetFormProps {
  record: View;
  last: Reading | undefined;
  state: Typing;
  /** One step from the newest state, whatever the last picture of it was: fast taps lose nothing. */
  step: (change: (state: Typing) => Typing) => void;
  /** Saving was tried: what is open is said at its field. */
  asked: boolean;
  save: () => void;
  discard: () => void;
}

/** The fields of a set, the pad, and what is asked about them. */
export function SetForm({ record, last, state, step, asked, save, discard }: SetFormProps): VNode {
  const [panel, setPanel] = useState<{ skip: Field } | "symptoms" | null>(null);
  const { draft } = state;
  const air = oxygenInDoubt(record, last) || draft.correct !== null;
  const old = draft.correct === null ? last : record.readings.find((each) => each.id === draft.correct?.reading);
  const open = lacks(draft, state.last);
  useEffect(() => {
    if (state.at !== null) document.getElementById(state.at)?.focus({ preventScroll: true });
    // a key pressed while nothing has the focus still goes to the cursor
    const stray = (event: KeyboardEvent): void => {
      if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[0-9]$/.test(event.key)) digit(event.key);
      else if (event.key === "Backspace") step(erase);
    };
    addEventListener("keydown", stray);
    return () => removeEventListener("keydown", stray);
  }, []);

  // SpO2 stands under a label that says what is breathed; typing the number under it states both
  const stated = (next: Typing): Typing =>
    !air && next.draft.oxygen === null && (next.draft.digits.spo2 ?? "") !== "" ? { ...next, draft: { ...next.draft, oxygen: { kind: "room-air" } } } : next;
  const digit = (typed: string): void => step((now) => stated(press(now, typed)));
  const whole = (vital: Vital, digits: string): void => step((now) => stated([...digits].reduce(press, { ...moved(now, vital), fresh: true })));
  const skip = (field: Field): void => setPanel({ skip: field });
  const set = <F extends Exclude<Field, Vital>>(field: F, value: Typing["draft"][F]): void => step((now) => chosen(now, field, value));
  const edit = (change: Partial<Typing["draft"]>): void => step((now) => ({ ...now, draft: { ...now.draft, ...change } }));
  const blank = (field: Field): string | undefined => (asked && open.some((each) => each.field === field) ? words.entry.blank(words.entry.fields[field]) : undefined);
  const was = (text: string | number | null | undefined): string | undefined => (old && text != null ? words.entry.was(text) : undefined);
  const row = (field: "dissociation" | "gait_steady" | "orientated") => ({
    name: field,
    label: words.entry.fields[field],
    notMeasured: draft.not_measured[field],
    skip: () => skip(field),
    fault: blank(field),
  });
  const yesNo = (yes: string, no: string): Option<boolean>[] => [
    { value: true, label: yes },
    { value: false, label: no },
  ];
  const leave = (field: Field): void => {
    setPanel(null);
    (document.getElementById(field) ?? document.querySelector<HTMLElement>(`[data-field=${field}] button`))?.focus({ preventScroll: true });
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
    if (event.key === "Escape" && panel !== null) leave(panel === "symptoms" ? panel : panel.skip);
  };
  const before_named = new Map([...named(record)].map(([code, { severity, at }]) => [code, `${severity ?? ""} ${clockText(at)}`]));
  return (
    <div class="set" onKeyDown={keys}>
      <section class="numbers" aria-label={words.entry.title}>
        {draft.correct !== null && old && <p class="concern">{words.entry.correcting(clockText(old.measured_at), old.recorded_by.name)}</p>}
        <When measured={draft.measured} last={draft.correct === null ? last?.measured_at : undefined} set={(at) => step((now) => ({ ...now, draft: { ...now.draft, measured: at } }))} />
        <div class="vitals">
          {ORDER.map((vital) => (
            <VitalField
              key={vital}
              vital={vital}
              label={words.entry.fields[vital]}
              unit={vital === "spo2" ? `${words.vitals.spo2.unit} ${airWords(state, air)}` : words.vitals[vital].unit}
              digits={draft.digits[vital] ?? ""}
              at={state.at === vital}
              notMeasured={draft.not_measured[vital]}
              was={was(old?.[vital] ?? (old?.not_measured[vital] === undefined ? null : "n/m")) ?? words.entry.noLast}
              fault={sentence(state, vital) ?? blank(vital) ?? null}
              hint={hint(state, vital, record)}
              focus={() => {
                setPanel(null);
                step((now) => moved(now, vital));
              }}
              press={digit}
              erase={() => step(erase)}
              enter={() => step(enter)}
              whole={(digits) => whole(vital, digits)}
            />
          ))}
        </div>
        <p class="hidden-text" role="alert">
          {ORDER.map((vital) => sentence(state, vital)).filter(Boolean).join(" ")}
        </p>
      </section>
      <section class="panel">
        {panel === "symptoms" ? (
          <Symptoms named={draft.symptoms ?? []} before={before_named} set={(symptoms) => set("symptoms", symptoms)} close={() => leave("symptoms")} />
        ) : panel !== null ? (
          <Reasons
            title={words.entry.whyNot(words.entry.fields[panel.skip])}
            reasons={words.entry.reasons}
            pick={(reason) => {
              setPanel(null);
              step((now) => notMeasured(now, panel.skip, reason));
            }}
            cancel={() => leave(panel.skip)}
          />
        ) : (
          <Pad disabled={false} press={digit} erase={() => step(erase)} enter={() => step(enter)} skip={() => state.at !== null && skip(state.at)} />
        )}
      </section>
      <section class="choices">
        <Air state={state} asks={air} set={(oxygen) => set("oxygen", oxygen)} fault={asked ? (flowFault(draft) ?? blank("oxygen")) : undefined} />
        <Awake
          scale={scaleOf(record)}
          value={draft.consciousness}
          set={(level) => set("consciousness", level)}
          was={was(old?.consciousness && levelText(old.consciousness))}
          notMeasured={draft.not_measured.consciousness}
          skip={() => skip("consciousness")}
          fault={blank("consciousness")}
        />
        <Choice
          {...row("dissociation")}
          options={GRADES.map((grade) => ({ value: grade, label: grade }))}
          picked={draft.dissociation?.grade ?? null}
          pick={(grade) => step((now) => chosen(now, "dissociation", { ...now.draft.dissociation, grade }))}
          was={was(old?.dissociation?.grade)}
        />
        <Choice {...row("gait_steady")} options={yesNo(words.entry.steady, words.entry.unsteady)} picked={draft.gait_steady} pick={(steady) => set("gait_steady", steady)} />
        <Choice {...row("orientated")} options={yesNo(words.entry.yes, words.entry.no)} picked={draft.orientated} pick={(yes) => set("orientated", yes)} />
        <div class="choice" data-field="symptoms">
          <span class="choice-label">{words.entry.fields.symptoms}</span>
          <span class="choice-options">
            <button type="button" class="button" aria-pressed={draft.symptoms?.length === 0} onClick={() => set("symptoms", draft.symptoms?.length === 0 ? null : [])}>
              {words.entry.none}
            </button>
            <button type="button" class="button" aria-pressed={(draft.symptoms?.length ?? 0) > 0} aria-expanded={panel === "symptoms"} onClick={() => setPanel("symptoms")}>
              + {draft.symptoms?.length ? draft.symptoms.map((each) => `${plain(each.code)} ${each.severity}`).join(", ") : words.entry.name}
            </button>
          </span>
          <button type="button" class="button skip" aria-pressed={draft.not_measured.symptoms !== undefined} aria-label={`n/m: ${words.entry.fields.symptoms} ${words.entry.notMeasured}`} onClick={() => skip("symptoms")}>
            n/m
          </button>
          {draft.not_measured.symptoms !== undefined && <span class="quiet choice-note">n/m: {draft.not_measured.symptoms}</span>}
        </div>
        <details class="more">
          <summary>
            {words.entry.note}, {words.entry.score.toLowerCase()}
          </summary>
          <Score dissociation={draft.dissociation} set={(dissociation) => set("dissociation", dissociation)} />
          <label class="field">
            <span>{words.entry.note}</span>
            <textarea rows={2} maxLength={2000} value={draft.note} onInput={(event) => edit({ note: event.currentTarget.value })} />
          </label>
        </details>
        {draft.correct === null && draft.measured !== null && (
          <Discard discard={discard} />
        )}
        {draft.correct !== null && (
          <TextField
            id="reason"
            label={words.entry.reason}
            most={200}
            value={draft.correct.reason}
            set={(reason) => edit({ correct: { ...draft.correct!, reason } })}
            fault={asked && draft.correct.reason.trim() === "" ? words.sheet.reasonNeeded : undefined}
          />
        )}
      </section>
    </div>
  );
}

function airWords({ draft }: Typing, asks: boolean): string {
  if (draft.oxygen?.kind === "supplemental") return words.entry.onOxygen;
  return draft.oxygen === null && asks ? "" : words.entry.onAir;
}

/** What is wrong with a field, in a sentence. */
function sentence(state: Typing, vital: Vital): string | null {
  const { digits } = state.draft;
  const typed = digits[vital] ?? "";
  const field = words.entry.fields[vital];
  switch (fault(state, vital)) {
    case null:
      return null;
    case "impossible":
      return words.entry.impossible(field, typed, VITALS[vital].possible.low, VITALS[vital].possible.high);
    case "swapped":
      return words.entry.swapped(typed, digits.systolic ?? "");
    case "asked": {
      const question = questions(values(state.draft), state.last).get(vital);
      if (question?.why === "apart") return words.entry.apart(question.key);
      if (question?.why === "jump") return words.entry.jump(typed, field, state.last[vital] ?? 0);
      return words.entry.unlikely(typed, field);
    }
  }
}

function hint(state: Typing, vital: Vital, record: View): string | null {
  if (state.held && state.at === vital && fault(state, vital) === null && state.fresh) return words.entry.held(state.draft.digits[vital] ?? "");
  const value = values(state.draft)[vital];
  const limit = value === undefined || fault(state, vital) !== null || state.at === vital ? null : concerning(record, vital, value);
  return limit === null ? null : `▲ ${words.entry.concerning(limit)}`;
}

/** What is breathed while SpO2 is measured. */
function Air({ state, asks, set, fault }: { state: Typing; asks: boolean; set: (oxygen: Typing["draft"]["oxygen"]) => void; fault: string | undefined }): VNode {
  const { oxygen } = state.draft;
  return (
    <div class="air">
      <Choice
        name="oxygen"
        label={words.entry.fields.oxygen}
        options={[
          { value: "room-air", label: words.entry.onAir },
          { value: "supplemental", label: words.entry.onOxygen },
        ]}
        picked={oxygen?.kind ?? null}
        pick={(kind) => set(kind === "room-air" ? { kind } : { kind: "supplemental", flow: "" })}
        fault={fault}
      />
      {asks && oxygen === null && <span class="quiet">{words.entry.sayOxygen}</span>}
      {oxygen?.kind === "supplemental" && (
        <span class="row" role="group" aria-label={words.entry.flow}>
          {["1", "2", "3", "4", "6", "10", "15"].map((flow) => (
            <button type="button" class="button" key={flow} aria-pressed={oxygen.flow === flow} onClick={() => set({ kind: "supplemental", flow })}>
              {flow}
            </button>
          ))}
          <label class="field flow">
            <span class="hidden-text">{words.entry.flow}</span>
            <input inputMode="decimal" autoComplete="off" placeholder="l/min" value={oxygen.flow} onInput={(event) => set({ kind: "supplemental", flow: event.currentTarget.value.replaceAll(/[^0-9.,]/g, "").slice(0, 5) })} />
          </label>
          {oxygen.flow === "" && <span class="quiet">{words.entry.flowUnknown}</span>}
        </span>
      )}
    </div>
  );
}

