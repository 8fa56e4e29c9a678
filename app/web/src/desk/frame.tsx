import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { NotHeard as Waiting } from "../parts/asked";
import { Who } from "../parts/person";
import { address, type Place } from "../place";
import type { Asked } from "../scope";
import { words as everywhere } from "../words";
import { deskWords } from "../words.desk";

/** A screen of the desk. `back` null: there is nowhere else to go. */
export function Screen({ title, why, back, children }: { title: string; why: string; back: Place | null; children: ComponentChildren }): VNode {
  return (
    <div class="screen desk">
      <header class="bar">
        {back !== null && (
          <a class="button back" href={address(back)} aria-label={everywhere.back}>
            &#8592;
          </a>
        )}
        <h1>{title}</h1>
        <Who />
      </header>
      <main class="page stack">
        <p>{why}</p>
        {children}
      </main>
    </div>
  );
}

export const NotHeard = ({ asked }: { asked: Asked<unknown> }): VNode => <Waiting asked={asked} waiting={deskWords.asking} />;

interface SeveralProps {
  label: string;
  options: [string, string][];
  picked: ReadonlySet<string>;
  set: (picked: ReadonlySet<string>) => void;
  fault?: string | undefined;
}

/** Any number of a few. */
export function Several({ label, options, picked, set, fault }: SeveralProps): VNode {
  const turn = (value: string): void => {
    const now = new Set(picked);
    if (!now.delete(value)) now.add(value);
    set(now);
  };
  return (
    <fieldset class="several">
      <legend>{label}</legend>
      <span class="picks">
        {options.map(([value, name]) => (
          <button type="button" key={value} class="button" aria-pressed={picked.has(value)} onClick={() => turn(value)}>
            {picked.has(value) && "\u2713 "}
            {name}
          </button>
        ))}
      </span>
      {fault && (
        <span class="fault" role="alert">
          {fault}
        </span>
      )}
    </fieldset>
  );
}

/** What ends something for ever: one tap says what that means, the next does it. */
export function Ending({ label, name, means, busy, end }: { label: string; name: string; means: string; busy: boolean; end: () => void }): VNode {
  const [sure, setSure] = useState(false);
  const said = sure ? deskWords.sure : label;
  return (
    <>
      <button type="button" class="button" disabled={busy} aria-label={`${said}: ${name}`} onClick={() => (sure ? end() : setSure(true))}>
        {said}
      </button>
      {sure && <p class="whole-row">{means}</p>}
    </>
  );
}
