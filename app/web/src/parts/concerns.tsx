import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { putEvents } from "../charting";
import type { View } from "../project";
import { counts, events, rows } from "../sets";
import { person } from "../store";
import { clinicNow, spoken } from "../time";
import { words } from "../words";
import { Field, Outcome, useForm } from "./form";

/** Concerns that wait for a clinician, in one bar with one button for all of them; plain words for everybody else. */
export function Concerns({ view }: { view: View }): VNode | null {
  const [note, setNote] = useState("");
  const form = useForm();
  const seen = new Set(events(view).filter(counts).map(({ event }) => event.detail?.concern_id));
  const open = rows(view)
    .filter(counts)
    .flatMap(({ reading }) => reading.concerns.filter((concern) => concern.must_be_acknowledged && concern.acknowledged_by === null && !seen.has(concern.id)));
  if (open.length === 0) return null;
  const who = person.value;
  const see = async (): Promise<void> => {
    const said = note.trim() ? [{ kind: "addendum" as const, detail: { text: words.next.concernNote(note.trim()) } }] : [];
    const each = open.map((concern) => ({ kind: "concern-acknowledged" as const, detail: { concern_id: concern.id } }));
    await putEvents(view, clinicNow(), [...each, ...said], words.next.concernsSeen);
    setNote("");
  };
  return (
    <section class="concern stack" aria-label={words.readiness.concerns}>
      <ul>
        {open.map((concern) => (
          <li key={concern.id}>&#9650; {spoken(concern.because)}</li>
        ))}
      </ul>
      {who?.role === "clinician" ? (
        <div class="row spread">
          <Field label={words.next.seenNote} value={note} set={setNote} most={2000} />
          <button type="button" class="button" disabled={form.busy} onClick={() => void form.run(see)}>
            {words.next.seenAll(open.length, who.name)}
          </button>
        </div>
      ) : (
        <p>{words.next.clinicianSees}</p>
      )}
      {form.fault && <Outcome form={form} />}
    </section>
  );
}
