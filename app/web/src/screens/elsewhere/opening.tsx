import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused, type Schemas } from "../../api";
import { headed, shortly } from "../../names";
import { NotHeard } from "../../parts/asked";
import { Outcome, said, useForm } from "../../parts/form";
import { Who } from "../../parts/person";
import { address } from "../../place";
import { useAsked, useScope } from "../../scope";
import { clockText, dayText, tick, wallNow } from "../../time";
import { plain, words } from "../../words";
import { open } from "./open";
import { Opened } from "./session";
import { elsewhereWords as say } from "./words";

type Look = Schemas["LookOut"];
/** Refusals that no time mends: it is over, or it is not there. */
const NEVER = new Set([403, 404]);

/** One patient of another clinic, as long as it is open; then nothing of them, and why. */
export function Opening({ id, of }: { id: string; of: string | undefined }): VNode {
  const [over, setOver] = useState("");
  const shut = (why: string): void => {
    if (open.peek() === id) open.value = null;
    setOver(why);
  };
  return over === "" ? <While id={id} of={of} shut={shut} /> : <Closed why={over} />;
}

function Closed({ why }: { why: string }): VNode {
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "patients" })} aria-label={words.titles.patients}>
          &#8592;
        </a>
        <h1>{say.closed}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        <p role="status">{why}</p>
        <p>
          <a class="button" href={address({ screen: "elsewhere" })}>
            {say.again}
          </a>
        </p>
      </main>
    </div>
  );
}

interface WhileProps {
  id: string;
  of: string | undefined;
  /** It is over: whatever is held of the patient goes with this component. */
  shut: (why: string) => void;
}

function While({ id: opening_id, of, shut }: WhileProps): VNode {
  const asked = useAsked(
    async ({ ask }) => {
      try {
        return (await ask("get", "/v1/break-glass/{opening_id}", { opening_id })).body;
      } catch (failure) {
        if (failure instanceof Refused && NEVER.has(failure.problem.status)) shut(said(failure));
        throw failure;
      }
    },
    [opening_id],
  );
  const look = asked.found;
  tick.value;
  const left = look === null ? null : Date.parse(look.until) - wallNow();
  useEffect(() => {
    if (look !== null) open.value = opening_id;
  }, [look]);
  useEffect(() => {
    if (left !== null && left <= 0) shut(say.hourIsUp);
  }, [left !== null && left <= 0]);
  const held = left === null || left <= 0 ? null : look;
  return (
    <div class="screen session">
      <header class="bar">
        <a
          class="button back"
          href={address(of === undefined ? { screen: "patients" } : { screen: "elsewhere", opening: opening_id })}
          aria-label={of === undefined ? words.titles.patients : say.back}
        >
          &#8592;
        </a>
        <div class="patient">
          <h1>{held ? headed(held.patient) : words.titles.elsewhere}</h1>
          {held && (
            <span class="number">
              {words.born(held.patient.birth_date)} · {held.patient.record_number}
            </span>
          )}
        </div>
        <Who />
      </header>
      <main class="page stack">
        {held === null ? (
          <NotHeard asked={asked} waiting={words.screenComes} />
        ) : (
          <>
            <p class="concern">
              &#9650; {say.opened(held.clinic)} {say.left(Math.max(1, Math.round(left! / 60_000)))}
            </p>
            {of === undefined ? <Sessions look={held} /> : <Opened key={of} opening={opening_id} id={of} shut={shut} />}
          </>
        )}
      </main>
      {held && <Foot look={held} shut={shut} />}
    </div>
  );
}

function Foot({ look, shut }: { look: Look; shut: (why: string) => void }): VNode {
  const form = useForm();
  const scope = useScope();
  const end = async (): Promise<void> => {
    await scope.ask("post", "/v1/break-glass/{opening_id}/end", { opening_id: look.id });
    shut(say.youClosed);
  };
  return (
    <footer class="foot">
      {form.fault && <Outcome form={form} />}
      <button class="button primary" disabled={form.busy} onClick={() => void form.run(end)}>
        {form.busy ? say.closing : say.close(shortly(look.patient))}
      </button>
    </footer>
  );
}

function Sessions({ look }: { look: Look }): VNode {
  const newest = [...look.sessions].sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""));
  return (
    <section class="card stack" aria-labelledby="sessions-elsewhere">
      <p>
        <span class="label">{say.given}</span> <span class="wrap">{look.reason}</span>
      </p>
      <h2 id="sessions-elsewhere">{say.sessions}</h2>
      {newest.length === 0 && <p>{say.noSession}</p>}
      {newest.map((each) => (
        <a key={each.id} class="button" href={address({ screen: "elsewhere", opening: look.id, of: each.id })}>
          {say.session(say.routes[each.route], each.at === null ? say.noDay : say.when(dayText(each.at), clockText(each.at)), plain(each.state))}
        </a>
      ))}
    </section>
  );
}
