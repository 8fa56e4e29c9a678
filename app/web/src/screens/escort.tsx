import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { putSheet } from "../charting";
import { readName, shortly } from "../names";
import { readNumber } from "../numbers";
import { Field, type Faults, Outcome, useForm } from "../parts/form";
import { useUntouched } from "../parts/untouched";
import type { View } from "../project";
import { learn, neededOf } from "../protocols";
import { person } from "../store";
import { clinicNow, clockText, stamp } from "../time";
import { words } from "../words";

const MINUTE = 60_000;
const ARRIVES = { low: 0, high: 720, whole: true, unit: "min" };
type Called = "phone.number" | "phone.reached_by" | "phone.arrives_at";

/** Who takes the patient home, whether they are here, and whether they were reached by phone. */
export function EscortForm({ record }: { record: View }): VNode {
  const kept = record.escort;
  const [typed, setTyped] = useState<string | null>(null);
  const [called, setCalled] = useState<Partial<Record<Called, string>>>({});
  const form = useForm();
  useEffect(() => void learn(record.protocol), [record.protocol.id, record.protocol.version]);
  const needed = useUntouched(neededOf(record.protocol));
  const name = typed ?? kept?.name ?? "";
  const nameFault = (): string => (readName(name) === "" ? words.start.nameNeeded : "");
  const arrives = readNumber(called["phone.arrives_at"] ?? "", ARRIVES);
  const number = readName(called["phone.number"] ?? "");
  const by = readName(called["phone.reached_by"] ?? person.value?.name ?? "");
  /** What is known of this person already; nothing of it is another's. */
  const known = kept && readName(name) === kept.name ? kept : null;
  const put = async (more: Record<string, unknown>): Promise<void> => {
    const relationship = known?.relationship;
    const phone = known?.phone;
    const body = { name: readName(name), ...(relationship ? { relationship } : {}), ...(phone ? { phone } : {}), ...more };
    await putSheet(record, "escort", body, words.start.escortOf(shortly(record.patient)));
    setTyped(null);
  };
  const save = (present: boolean) => form.submit(() => ({ name: nameFault() }), () => put({ present, ...(present ? { present_at: stamp(clinicNow()) } : {}) }));
  const call = form.submit(
    (): Faults => ({
      name: nameFault(),
      "phone.number": number === "" ? words.start.phoneNeeded : "",
      "phone.reached_by": by === "" ? words.start.reachedByNeeded : "",
      "phone.arrives_at": arrives.fault ?? "",
    }),
    async () => {
      const now = clinicNow();
      const arrives_at = arrives.value === null ? null : stamp(now + arrives.value * MINUTE);
      const present = known?.present ? { present: true, present_at: known.present_at } : { present: false };
      await put({ ...present, phone: { number, reached_at: stamp(now), reached_by: by, arrives_at } });
      setCalled({});
    },
  );
  const field = (of: Called, label: string, value: string, kind: "text" | "number" = "text"): VNode => (
    <Field label={label} kind={kind} value={value} set={(text) => setCalled({ ...called, [of]: text })} fault={form.faults[of]} most={of === "phone.number" ? 40 : 200} />
  );
  return (
    <section class="card" aria-labelledby="escort">
      <h2 id="escort">{words.start.escort}</h2>
      {kept && <p>{kept.present && kept.present_at ? words.start.seenAt(kept.name, clockText(kept.present_at)) : words.start.notSeen(kept.name)}</p>}
      {kept?.phone && (
        <p>
          {words.start.reached(kept.phone.number, clockText(kept.phone.reached_at), kept.phone.reached_by)}
          {kept.phone.arrives_at && words.start.arrives(clockText(kept.phone.arrives_at))}
        </p>
      )}
      <form class="stack" noValidate ref={form.ref} onSubmit={(event) => event.preventDefault()}>
        <Field label={words.start.whoTakes} value={name} set={setTyped} fault={form.faults.name} most={200} />
        <span class="row">
          <button type="button" class="button" disabled={form.busy} onClick={save(false)}>
            {words.start.namedOnly}
          </button>
          <button type="button" class="button" disabled={form.busy} onClick={save(true)}>
            {words.start.seenNow}
          </button>
        </span>
        {needed?.escort_by_phone && (
          <details class="stack">
            <summary>{words.start.byPhone}</summary>
            <p class="quiet">{words.start.phoneSays}</p>
            {field("phone.number", words.start.phoneNumber, called["phone.number"] ?? "", "number")}
            {field("phone.reached_by", words.start.reachedBy, called["phone.reached_by"] ?? person.value?.name ?? "")}
            {field("phone.arrives_at", words.start.arrivesIn, called["phone.arrives_at"] ?? "", "number")}
            <button type="button" class="button" disabled={form.busy} onClick={call}>
              {words.start.saveCall}
            </button>
          </details>
        )}
        <Outcome form={form} fields={["name", "phone.number", "phone.reached_by", "phone.arrives_at"]} />
      </form>
    </section>
  );
}
