import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../api";
import { makerOf, markVoid, offerUndo } from "../charting";
import { dropDraft, keepDraft, readDraft } from "../drafts";
import { Banner } from "../parts/banner";
import { Discard } from "../parts/discard";
import { Outcome, useForm } from "../parts/form";
import { SetForm } from "../parts/set";
import { shortly } from "../names";
import { address, place } from "../place";
import { isClosed } from "../life";
import { shown, type View } from "../project";
import { missing, session, type Reading } from "../records";
import { correctionOf, lastSet, numbers } from "../sets";
import { useScope } from "../scope";
import { person, sealingKey, type } from "../store";
import { meant, touch } from "../stamps";
import { clinicNow, clockText, stamp } from "../time";
import { onward, type Typing } from "../typing";
import { blank, type Draft, lacks, reading } from "../vitals";
import { words } from "../words";

/** Takes one set, or corrects one. Nothing is filled in before it is typed, and what is typed survives everything. */
export function Entry({ id, correct }: { id: string; correct?: string | undefined }): VNode {
  const heard = session(id);
  const record = heard && shown(heard);
  const closed = record !== undefined && !correct && isClosed(record);
  return (
    <div class="screen entry">
      <Banner id={id} back="session" />
      {record === undefined ? (
        <main class="page">
          <p class="unknown">{missing.value ?? words.entry.notLoaded}</p>
        </main>
      ) : closed ? (
        <main class="page">
          <p class="concern">
            {words.entry.closed} <a href={address({ screen: "event", id, kind: "addendum" })}>{words.session.addendum}</a>
          </p>
        </main>
      ) : (
        <Begun record={record} correct={correct} />
      )}
    </div>
  );
}

/** Finds what was begun here before, or begins. */
function Begun({ record, correct }: { record: View; correct: string | undefined }): VNode {
  const name = `${record.id}/${correct ?? "new"}`;
  const [thrown, setThrown] = useState(0);
  const [begun, setBegun] = useState<{ draft: Draft; kept: boolean } | "gone" | null>(null);
  useEffect(() => {
    const fresh = (): Draft | "gone" => {
      const draft = blank(crypto.randomUUID(), record.patient.id, person.value?.name ?? "");
      if (correct === undefined) return draft;
      const old = record.readings.find((each) => each.id === correct);
      return old ? correctionOf(old, draft) : "gone";
    };
    const begin = async (): Promise<void> => {
      const key = sealingKey.value;
      const kept = key ? await draftOf(key, name).catch(() => null) : null;
      const saved = kept !== null && correct === undefined && record.readings.some((reading) => reading.id === kept.id);
      if (saved) void dropDraft(name);
      if (kept !== null && !saved) return setBegun({ draft: kept, kept: true });
      const made = fresh();
      setBegun(made === "gone" ? made : { draft: made, kept: false });
    };
    void begin();
  }, [name, thrown]);
  if (begun === null) return <main class="page" aria-busy="true" />;
  if (begun === "gone")
    return (
      <main class="page">
        <p class="unknown">{words.entry.gone}</p>
      </main>
    );
  const restart = (): void => {
    setBegun(null);
    void dropDraft(name).then(() => setThrown(thrown + 1));
  };
  return <Pad key={begun.draft.id} name={name} record={record} begun={begun.draft} kept={begun.kept} restart={restart} />;
}

interface PadProps {
  name: string;
  record: View;
  begun: Draft;
  kept: boolean;
  restart: () => void;
}

function Pad({ name, record, begun, kept, restart }: PadProps): VNode {
  const correcting = begun.correct !== null;
  const [typing] = useState(() => {
    const start: Typing = { draft: begun, at: null, fresh: false, again: "", held: false, last: {} };
    return signal(correcting ? start : onward(start));
  });
  // another tablet may bring a newer set while this one is typed
  const last = lastSet(record, typing.value.draft.measured ?? clinicNow(), begun.correct?.reading);
  const state: Typing = { ...typing.value, last: numbers(last) };
  const [asked, setAsked] = useState(false);
  const [unkept, setUnkept] = useState(false);
  const form = useForm();
  const scope = useScope();
  const sealed = useRef(false);
  const { draft } = state;
  const open = lacks(draft, state.last);
  const patient = shortly(record.patient);
  const nurse = person.value?.name ?? "";
  // the patient the set was begun for, the one in the address and the one loaded are the same, or nothing is saved
  const frozen = draft.patient_id !== record.patient.id || place.value.screen !== "entry" || place.value.id !== record.id;

  const step = (change: (state: Typing) => Typing): void => {
    const before = typing.peek();
    const next = change({ ...before, last: state.last });
    const changed = next.draft !== before.draft;
    const first = next.draft.touch ?? touch();
    typing.value = changed ? { ...next, draft: { ...next.draft, measured: next.draft.measured ?? first.clinic, touch: first } } : next;
    // at once, not with the next picture: the next key may already be on its way
    if (next.at !== before.at) showField(next.at ?? "consciousness");
    const key = sealingKey.value;
    if (changed && key) keepDraft(key, name, typing.peek().draft).then(() => setUnkept(false), () => setUnkept(true));
  };
  const save = (): void => {
    setAsked(true);
    const needsReason = draft.correct !== null && draft.correct.reason.trim() === "";
    if (open.length > 0 || needsReason) {
      const first = open[0]?.field;
      requestAnimationFrame(() => showField(first ?? "reason"));
      return;
    }
    // two quick taps are one save
    if (frozen || sealed.current) return;
    sealed.current = true;
    void form.run(async () => {
      await keep(record, typing.peek().draft).catch((failure: unknown) => {
        sealed.current = false;
        throw failure;
      });
      await dropDraft(name);
      scope.goOn({ screen: "session", id: record.id });
    });
  };
  return (
    <>
      <main class="page entry-page">
        {frozen && (
          <p class="danger" role="alert">
            {words.entry.frozen}
          </p>
        )}
        {kept && (
          <p class="concern row spread">
            {words.entry.begunBy(draft.author, clockText(draft.measured ?? clinicNow()))} {draft.author === nurse ? "" : words.entry.otherAuthor(nurse)}
            <Discard discard={restart} />
          </p>
        )}
        <SetForm record={record} last={last} state={state} step={step} asked={asked} save={save} discard={restart} />
      </main>
      <footer class="foot">
        {unkept && (
          <p class="danger" role="alert">
            {words.entry.notKept}
          </p>
        )}
        <span class="open-fields" role="status">
          {asked && open.length > 0 && words.entry.lacking([...new Set(open.map((each) => words.entry.fields[each.field]))].join(", "))}
        </span>
        {(form.busy || form.fault) && <Outcome form={form} />}
        <button type="button" class="button primary" disabled={frozen || form.busy} onClick={save}>
          {correcting ? words.entry.correctAs(patient, nurse) : words.entry.saveAs(patient, nurse)}
        </button>
      </footer>
    </>
  );
}

/** What was begun. A level without its scale, as an earlier version kept it, is asked again. */
async function draftOf(key: CryptoKey, name: string): Promise<Draft | null> {
  const found = await readDraft<Draft>(key, name);
  return found && typeof found.consciousness !== "object" ? { ...found, consciousness: null } : found;
}

/** Brings what is missing under the eye and the keyboard. */
function showField(field: string): void {
  const found = document.getElementById(field) ?? document.querySelector<HTMLElement>(`[data-field=${field}] :is(input, button)`);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "center" });
}

async function keep(record: View, draft: Draft): Promise<void> {
  const { at: measured, offset } = meant(draft.measured ?? clinicNow(), draft.touch);
  const at = stamp(measured);
  const sure = { "X-Tablet-Clock-Offset-Ms": String(offset) };
  const body = reading(draft, at);
  const { correct } = draft;
  const names = { session_id: record.id, reading_id: correct?.reading ?? draft.id };
  const about = `${clockText(at)} ${shortly(record.patient)}: ${body.systolic ?? "–"}/${body.diastolic ?? "–"} ${body.heart_rate ?? "–"} ${body.respiratory_rate ?? "–"} ${body.spo2 ?? "–"}`;
  if (correct === null) {
    const path = fill("/v1/sessions/{session_id}/readings/{reading_id}", names);
    await type({ id: draft.id, method: "PUT", path, body, headers: sure, session_id: record.id, makes: false, about });
    return offerUndo(words.undo.saved(words.undo.set, clockText(at)), () => markVoid(record, "readings", draft.id, words.undo.reason));
  }
  const set = fill("/v1/sessions/{session_id}/readings/{reading_id}", names);
  const path = `${set}/corrections`;
  const request = { id: draft.id, reason: correct.reason.trim(), reading: body };
  const rests = makerOf(record, correct.reading, [set, path], correct.revision);
  await type({ id: draft.id, method: "POST", path, body: request, headers: { ...sure, "If-Match": `"${correct.revision}"` }, session_id: record.id, makes: false, rests, about });
  const old = record.readings.find((each) => each.id === correct.reading && each.revision === correct.revision);
  if (old) offerUndo(words.undo.corrected(words.undo.set, clockText(old.measured_at)), () => correctBack(record, old, path, draft.id));
}

/** Undoes a correction: the values of before, as one more revision upon the very one that it made. */
async function correctBack(record: View, old: Reading, path: string, rests: string): Promise<void> {
  const id = crypto.randomUUID();
  const before = reading(correctionOf(old, blank(id, record.patient_id, "")), old.measured_at);
  const body = { id, reason: words.undo.reason, reading: before };
  await type({ id, method: "POST", path, body, headers: { "If-Match": `"${old.revision + 1}"` }, session_id: record.id, makes: false, rests, about: words.undo.corrected(words.undo.set, clockText(old.measured_at)) });
}
