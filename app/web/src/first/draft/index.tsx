// The form in which a lead makes a version of a protocol from another. Fetched when it is first shown.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Refused, type Schemas } from "../../api";
import { Discard } from "../../parts/discard";
import { useForm } from "../../parts/form";
import { useTyped } from "../../parts/typed";
import { useAsked, useScope, type Asked } from "../../scope";
import { words as everywhere } from "../../words";
import { draftWords as words } from "../../words.draft";
import { firstWords } from "../../words.first";
import { NotHeard, Screen } from "../setup";
import { TableFields } from "./fields";
import { countOf, documentOf, faultOf, type Line, notTaken, NOTHING, placed, type Shown, shownOf, type Typed, withText, withThere } from "./made";
import "./draft.css";

type Whole = Schemas["ProtocolFormOut"];
/** The draft has moved on, its number is taken, or somebody has approved it. */
const MOVED_ON = new Set([409, 412, 428]);
const FORM = "draft";

/** `change`: what is saved takes the place of this draft, as long as nobody has approved it; else it is a new version. */
export function DraftScreen({ id, version, change }: { id: string; version: string; change: boolean }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/protocols/{protocol_id}/versions/{version}/form", { protocol_id: id, version })).body, [id, version]);
  if (asked.found !== null) return <DraftForm asked={asked} form={asked.found} change={change && asked.found.status === "draft"} />;
  return (
    <Screen title={firstWords.protocols.title} back={`${id}:${version}`}>
      <NotHeard asked={asked} />
    </Screen>
  );
}

function DraftForm({ asked, form: found, change }: { asked: Asked<Whole>; form: Whole; change: boolean }): VNode {
  const [typed, setTyped, done] = useTyped<Typed>("protocols", `${found.id}:${found.version}`, NOTHING);
  // a number that was tried stays: the same again, after an answer that was lost, is the same version
  const [tried, setTried] = useState<number | null>(null);
  const [movedOn, setMovedOn] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [mended, setMended] = useState<ReadonlySet<string>>(new Set());
  const form = useForm();
  const scope = useScope();
  const version = change ? found.version : (tried ?? found.next_version);
  const shown = shownOf(found, typed);
  const lines = shown.flatMap((each) => (each.there ? each.lines : []));
  const said = placed(shown, form.faults);
  // what the service said of a field holds until it is typed again; from then on the reader says what it sees
  const fault = (line: Line): string => (left.has(line.path) ? faultOf(line) : "") || (mended.has(line.path) ? "" : (said[line.path] ?? ""));
  const faults = { ...said, ...Object.fromEntries(lines.map((line) => [line.path, fault(line)])) };
  const count = countOf(typed);
  const atFault = Object.entries(faults).filter(([path, what]) => path !== "" && what).length;

  const setText = (line: Line, text: string): void => {
    if (faults[line.path]) setLeft(new Set([...left, line.path]));
    setMended(new Set([...mended, line.path]));
    setTyped(withText(typed, line, text));
  };
  const check = (): Record<string, string> => {
    setMended(new Set());
    return Object.fromEntries(lines.map((line) => [line.path, faultOf(line)]));
  };
  const save = async (): Promise<void> => {
    setMovedOn(false);
    setTried(version);
    const names = { protocol_id: found.id, version: String(version) };
    const headers: Record<string, string> = change ? { "If-Match": `"${found.revision}"` } : {};
    try {
      await scope.ask("put", "/v1/protocols/{protocol_id}/versions/{version}", names, documentOf(found, typed, version), { headers });
    } catch (failure) {
      if (failure instanceof Refused && MOVED_ON.has(failure.problem.status)) {
        setMovedOn(true);
        setTried(null);
        asked.again();
      }
      throw failure;
    }
    done();
    scope.goOn({ screen: "setup", part: `${found.id}:${version}` });
  };

  const gone = notTaken(found);
  const told = form.busy ? everywhere.saving : movedOn ? words.movedOn : said[""] || (atFault > 0 ? words.atFault(atFault) : count === 0 ? words.nothingNew : words.changed(count));
  return (
    <Screen
      title={change ? words.changeTitle(found.id, version) : words.newTitle(found.id, version)}
      back={`${found.id}:${found.version}`}
      foot={
        <>
          <p role="status" class={movedOn || said[""] || atFault > 0 ? "fault grow" : "quiet grow"}>
            {told}
          </p>
          <button class="button primary" form={FORM} disabled={form.busy || count === 0}>
            {words.save(version)}
          </button>
        </>
      }
    >
      <p>{change ? words.ofDraft : words.from(found.id, found.version)}</p>
      <p class="quiet">{words.route(everywhere.planning.routes[found.route as keyof typeof everywhere.planning.routes])}</p>
      <p class="quiet">{words.next}</p>
      <p class="quiet">{words.kept}</p>
      {gone.length > 0 && <p class="concern">{words.notTaken(gone.join(", "))}</p>}
      <form
        id={FORM}
        class="stack draft"
        noValidate
        ref={form.ref}
        onSubmit={form.submit(check, save)}
        onFocusOut={({ target }) => setLeft(new Set([...left, (target as HTMLElement).id]))}
      >
        {groupsOf(shown).map(([title, tables]) => (
          <div key={title} class="stack">
            <h2>{title}</h2>
            {tables.map((each) => (
              <TableFields key={each.path} shown={each} faults={faults} setText={setText} setThere={(path, there) => setTyped(withThere(typed, found, path, there))} />
            ))}
          </div>
        ))}
      </form>
      {count > 0 && <Discard label={words.discard} discard={done} />}
    </Screen>
  );
}

/** The tables under the headings under which a protocol is read, in that order. */
function groupsOf(shown: readonly Shown[]): [string, Shown[]][] {
  const titles: Record<string, string> = { "": words.version, ...firstWords.protocols.groups };
  const groups = Object.keys(titles).map((group): [string, Shown[]] => [titles[group] ?? "", shown.filter((each) => each.path.split(".")[0] === group)]);
  return groups.filter(([, tables]) => tables.length > 0);
}
