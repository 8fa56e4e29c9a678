import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { takeFile } from "../files";
import { Outcome, useForm } from "../parts/form";
import { useScope } from "../scope";
import { clinicNow, clockText, dayText } from "../time";
import { auditWords } from "../words.desk";

const words = auditWords.check;

interface Checked {
  links: number;
  chains: number;
  unsealed: number;
  broken: Schemas["BadRowOut"][];
  /** When the end was reached, null before. */
  done: number | null;
}
const NOTHING: Checked = { links: 0, chains: 0, unsealed: 0, broken: [], done: null };

/** The check of the whole audit, a part in each request; what was found so far stands there meanwhile. */
export function Check(): VNode {
  const [checked, setChecked] = useState<Checked | null>(null);
  const form = useForm();
  const scope = useScope();
  const go = async (): Promise<void> => {
    let so: Checked = NOTHING;
    for (let after: string | null = ""; after !== null; ) {
      const part: Schemas["CheckedOut"] = (await scope.ask("get", "/v1/audit/check", {}, undefined, after === "" ? {} : { query: { after } })).body;
      so = { links: so.links + part.links, chains: so.chains + part.chains, unsealed: so.unsealed + part.unsealed, broken: [...so.broken, ...part.broken], done: part.next === null ? clinicNow() : null };
      setChecked(so);
      after = part.next;
    }
  };
  const begin = (): void => {
    setChecked(null);
    void form.run(go);
  };
  return (
    <section class="card stack">
      <h2>{words.title}</h2>
      <p>{words.why}</p>
      <span>
        <button class="button" disabled={form.busy} onClick={begin}>
          {checked === null ? words.go : words.again}
        </button>
      </span>
      <div class="stack" role="status">
        {checked !== null && <Found checked={checked} />}
        {form.fault && checked !== null && <p class="fault">{words.stopped}</p>}
      </div>
      {form.fault && <Outcome form={form} />}
      <h3>{words.not}</h3>
      <ul class="points">
        {words.cannot.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </section>
  );
}

function Found({ checked: { links, chains, unsealed, broken, done } }: { checked: Checked }): VNode {
  return (
    <>
      <p>{done === null ? words.so(links, chains) : words.done(links, chains, `${dayText(done)} ${clockText(done)}`)}</p>
      {broken.length > 0 && <p class="danger">{words.broken(broken.length)}</p>}
      {done !== null && broken.length === 0 && <p>{words.holds}</p>}
      {done !== null && unsealed > 0 && <p class="quiet">{words.waiting(unsealed)}</p>}
      {broken.length > 0 && (
        <ul class="stack">
          {broken.map((each, place) => (
            <li key={place}>
              <b>{words.row(each.stream, each.position, each.kind)}</b>
              <br />
              {each.because}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A file that holds the record to what it is now. */
export function TakeAnchor(): VNode {
  const say = auditWords.anchor;
  const form = useForm();
  return (
    <section class="card stack">
      <h2>{say.title}</h2>
      <p>{say.why}</p>
      <span>
        <button class="button" disabled={form.busy} onClick={() => void form.run(() => takeFile("/v1/audit/anchor", say.name(dayText(clinicNow()))))}>
          {say.take}
        </button>
      </span>
      <Outcome form={form} />
    </section>
  );
}
