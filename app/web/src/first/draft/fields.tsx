import type { VNode } from "preact";
import { useId, useState } from "preact/hooks";
import { Several } from "../../desk/frame";
import { Ask, Field, type Faults } from "../../parts/form";
import { draftWords as words } from "../../words.draft";
import { type Line, nameFrom, type Shown } from "./made";

interface TableProps {
  shown: Shown;
  faults: Faults;
  setText: (line: Line, text: string) => void;
  setThere: (path: string, there: boolean) => void;
}

/** One table of the file: its fields, and whether it is in this version at all. */
export function TableFields({ shown, faults, setText, setThere }: TableProps): VNode {
  const id = useId();
  // of rows it is said once
  const ofAll = shown.lines.find((line) => line.name !== "")?.field.hint;
  return (
    <div class="card stack" role="group" aria-labelledby={id}>
      <div class="row spread">
        <h3 id={id}>{shown.title}</h3>
        {!shown.required && <Presence title={shown.title} there={shown.there} set={(there) => setThere(shown.path, there)} />}
      </div>
      {!shown.there && <p class="quiet">{words.isOut}</p>}
      {shown.there && ofAll && <p class="quiet">{ofAll}</p>}
      {shown.there && (
        <div class="fields">
          {shown.lines.map((line) => {
            const field = line.there && <LineField key={line.path} line={line} fault={faults[line.path]} set={(text) => setText(line, text)} />;
            if (line.name === "") return field;
            return (
              <div key={line.path} class="own-row">
                {field || <p class="quiet">{`${plain(line.name)}: ${words.isOut}`}</p>}
                <Presence title={plain(line.name)} there={line.there} set={(there) => setThere(line.path, there)} />
              </div>
            );
          })}
        </div>
      )}
      {shown.there && shown.adds && <Adding shown={shown} what={shown.adds} fault={faults[`${shown.path}.*`]} add={(name) => setThere(`${shown.path}.${name}`, true)} />}
    </div>
  );
}

const plain = (name: string): string => name.replaceAll("-", " ");

function Presence({ title, there, set }: { title: string; there: boolean; set: (there: boolean) => void }): VNode {
  const label = there ? words.leaveOut : words.putIn;
  return (
    <button type="button" class="button" aria-label={`${label}: ${title}`} onClick={() => set(!there)}>
      {label}
    </button>
  );
}

/** A row under a name that the clinic chooses. */
function Adding({ shown, what, fault, add }: { shown: Shown; what: "item" | "medication"; fault: string | undefined; add: (name: string) => void }): VNode {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const act = (): void => {
    const name = nameFrom(typed);
    const isTaken = name !== null && shown.lines.some((line) => line.name === name);
    setWrong(name === null ? words.named : isTaken ? words.taken(name) : "");
    if (name === null || isTaken) return;
    add(name);
    setTyped("");
  };
  return (
    <div class="own-row">
      <Field label={words.another[what]} most={64} value={typed} set={setTyped} fault={wrong || fault} />
      <button type="button" class="button" aria-label={`${words.add}: ${words.another[what]}`} onClick={act}>
        {words.add}
      </button>
    </div>
  );
}

const yesNo = [
  { value: "true", label: words.yes },
  { value: "false", label: words.no },
];

function LineField({ line, fault, set }: { line: Line; fault: string | undefined; set: (text: string) => void }): VNode {
  const { field, text, was, name } = line;
  const label = name ? words.row(plain(name), field.unit) : words.labelled(field.label, field.unit);
  const changed = text === was ? "" : words.was(saidOf(line) || words.nothing);
  const band = field.kind === "whole-number" ? words.band(field.low!, field.high!, field.unit, field.required) : "";
  const hint = [band, name ? "" : field.hint, changed].filter(Boolean).join(" ");
  switch (field.kind) {
    case "codes": {
      const picked = new Set(text.split(" ").filter(Boolean));
      // in the order of the version, and what is new behind it: as it was is no change
      const order = [...was.split(" "), ...field.choices.map((each) => each.value)];
      const setPicked = (now: ReadonlySet<string>): void => set([...new Set(order)].filter((each) => now.has(each)).join(" "));
      return (
        <>
          <Several label={label} options={field.choices.map((each) => [each.value, each.label])} picked={picked} set={setPicked} fault={fault} />
          {hint && <p class="quiet">{hint}</p>}
        </>
      );
    }
    case "yes-no":
    case "choice": {
      const given = field.kind === "yes-no" ? yesNo : field.choices;
      const options = field.kind === "choice" && !field.required ? [{ value: "", label: words.none }, ...given] : given;
      return (
        <Ask label={label} options={[...options]} picked={text === "" && field.required ? null : text} pick={set} fault={fault}>
          {hint && <span class="quiet">{hint}</span>}
        </Ask>
      );
    }
    case "whole-number":
      return <Field id={line.path} label={label} kind="number" most={12} value={text} set={set} hint={hint || undefined} fault={fault} />;
    default:
      return <Field id={line.path} label={label} {...(field.kind === "text" ? { lines: 3 } : {})} most={field.longest ?? undefined} value={text} set={set} hint={hint || undefined} fault={fault} />;
  }
}

/** What stood in a field, in the words in which it is chosen. */
function saidOf({ field, was }: Line): string {
  if (field.kind === "yes-no") return yesNo.find((each) => each.value === was)?.label ?? "";
  const labelOf = (code: string): string => field.choices.find((each) => each.value === code)?.label ?? code;
  if (field.kind === "codes") return was.split(" ").map(labelOf).join(", ");
  return field.kind === "choice" ? labelOf(was) : was;
}
