import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { zones } from "../opening";
import { Field } from "../parts/form";
import { tick } from "../time";
import { firstWords } from "../words.first";


const words = firstWords.clinic;
const MOST = 12;

/** The time there now; null for a zone that this browser cannot show. */
export function timeIn(zone: string): string | null {
  try {
    return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(Date.now());
  } catch {
    return null;
  }
}

/** This browser's own zone, where the service knows it. */
export function ownZone(): string {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zones.value.includes(own) ? own : "";
}

const folded = (text: string): string => text.toLowerCase().replaceAll(/[_\s/]+/g, " ").trim();

/** Every zone that is called so; those whose city begins so first. */
function called(text: string): string[] {
  const asked = folded(text);
  if (!asked) return [];
  const begins = (zone: string): boolean => folded(zone.split("/").at(-1) ?? "").startsWith(asked);
  const found = zones.value.filter((each) => folded(each).includes(asked) && timeIn(each) !== null);
  return [...found.filter(begins), ...found.filter((each) => !begins(each))];
}

/** The clinic's zone: this browser's, or another that is searched for. */
export function ZoneField({ zone, pick, fault }: { zone: string; pick: (zone: string) => void; fault?: string | undefined }): VNode {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const opener = useRef<HTMLButtonElement>(null);
  tick.value;
  const at = timeIn(zone);
  const found = called(text);
  const choose = (each: string): void => {
    pick(each);
    setOpen(false);
    setText("");
    // once it is drawn, and before the next key
    queueMicrotask(() => opener.current?.focus());
  };
  return (
    <section class="card" aria-labelledby="zone">
      <h2 id="zone">{words.zone}</h2>
      <p class="quiet">{words.zoneWhy}</p>
      <p role="status">{at === null ? words.none : words.now(zone, at)}</p>
      {fault && <p class="fault">{fault}</p>}
      {open ? (
        <>
          <Field label={words.search} value={text} set={setText} />
          {text.trim() && (
            <p class="quiet" role="status">
              {words.found(found.length, MOST)}
            </p>
          )}
          <ul class="stack zones">
            {found.slice(0, MOST).map((each) => (
              <li key={each}>
                <button type="button" class="button" onClick={() => choose(each)}>
                  {each.replaceAll("_", " ")} <span class="quiet number">{timeIn(each)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <span>
          <button type="button" class="button" ref={opener} onClick={() => setOpen(true)}>
            {words.another}
          </button>
        </span>
      )}
    </section>
  );
}
