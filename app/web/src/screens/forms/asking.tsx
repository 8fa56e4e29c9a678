import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { Ask, Field, Outcome, useForm } from "../../parts/form";
import { useScope } from "../../scope";
import { connected } from "../../store";
import { formWords } from "./words";

const say = formWords.asked;
export type Summary = Schemas["MonitoringSummaryOut"];
type Given = Schemas["FormAnswersIn"];
type Answer = keyof typeof say.answers;
type Medicine = keyof typeof say.medicines;
const ANSWERS = (Object.keys(say.answers) as Answer[]).map((value) => ({ value, label: say.answers[value] }));

/** The number of a sheet's newest revision; 0: there is none. */
export const revisionOf = (sheet: { revision: number } | null): number => sheet?.revision ?? 0;

/** What was answered so far, as it is sent again. */
export function answersOf({ answers }: Summary): Given {
  if (answers === null) return {};
  const { revision: _, ...given } = answers;
  return given;
}

const named = (revision: number): { headers: Record<string, string> } => ({ headers: revision > 0 ? { "If-Match": `"${revision}"` } : {} });

/** What no reading says: asked once, by whoever charts. */
export function Asking({ summary, again }: { summary: Summary; again: () => void }): VNode {
  const { session_id, patient_id } = summary;
  const before = answersOf(summary);
  const [first, setFirst] = useState<Answer | null>(before.first_treatment ?? null);
  const [enrolled, setEnrolled] = useState<Answer | null>(summary.programme?.enrolled ?? null);
  const [medicines, setMedicines] = useState<Partial<Record<Medicine, Answer>>>(before.medicines ?? {});
  const [by, setBy] = useState(before.monitored_by ?? "");
  const [phone, setPhone] = useState(before.monitor_phone ?? "");
  const [email, setEmail] = useState(before.monitor_email ?? "");
  const form = useForm();
  const scope = useScope();
  const save = async (): Promise<void> => {
    if (enrolled !== null && enrolled !== summary.programme?.enrolled) {
      await scope.ask("put", "/v1/patients/{patient_id}/programme", { patient_id }, { enrolled }, named(revisionOf(summary.programme)));
    }
    const text = (typed: string): string | null => typed.trim() || null;
    const body: Given = { ...before, first_treatment: first, medicines: medicines as Record<string, Answer>, monitored_by: text(by), monitor_phone: text(phone), monitor_email: text(email) };
    await scope.ask("put", "/v1/sessions/{session_id}/form-answers", { session_id }, body, named(revisionOf(summary.answers)));
    again();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({}), save)} aria-label={say.title}>
      <h2>{say.title}</h2>
      <p>{say.why}</p>
      <Ask label={say.first_treatment} options={ANSWERS} picked={first} pick={setFirst} />
      <Ask label={say.enrolled} options={ANSWERS} picked={enrolled} pick={setEnrolled}>
        <span class="quiet">{say.enrolledWhy}</span>
      </Ask>
      {(Object.keys(say.medicines) as Medicine[]).map((medicine) => (
        <Ask key={medicine} label={say.medicines[medicine]} options={ANSWERS} picked={medicines[medicine] ?? null} pick={(answer) => setMedicines({ ...medicines, [medicine]: answer })} />
      ))}
      <Field label={say.monitored_by} value={by} set={setBy} most={200} fault={form.faults.monitored_by} />
      <Field label={say.monitor_phone} hint={say.ofClinic} value={phone} set={setPhone} most={80} fault={form.faults.monitor_phone} />
      <Field label={say.monitor_email} hint={say.ofClinic} value={email} set={setEmail} most={200} kind="username" fault={form.faults.monitor_email} />
      <button class="button primary" disabled={form.busy || !connected.value}>
        {say.save}
      </button>
      <Outcome form={form} fields={["monitored_by", "monitor_phone", "monitor_email"]} />
    </form>
  );
}
