import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { NoAnswer, Refused } from "../api";
import { canBeAddendum, enterAsAddendum, setAside } from "../aside";
import { Who } from "../parts/person";
import { address } from "../place";
import { isUnfounded } from "../items";
import { mayVanish } from "../lasting";
import { items, type Kept } from "../outbox";
import { refusalOf } from "../refusals";
import { outbox, person } from "../store";
import { clockText } from "../time";
import { words } from "../words";

/** Everything typed here that is not in the record yet, in three states in words; refusals with what the service said. */
export function OutboxScreen(): VNode {
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address({ screen: "board" })} aria-label={words.board}>
          &#8592;
        </a>
        <h1>{words.outbox.title}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        {items.value.length === 0 && <p>{words.outbox.empty}</p>}
        {mayVanish.value && <p class="concern">{words.lasting.whole}</p>}
        <ul class="stack">
          {items.value.map((kept) => (
            <Line key={kept.seq} kept={kept} />
          ))}
        </ul>
      </main>
      <footer class="foot">
        <button class="button primary" disabled={items.value.length === 0} onClick={() => void outbox.wake()}>
          {words.outbox.sendNow}
        </button>
      </footer>
    </div>
  );
}

function Line({ kept }: { kept: Kept }): VNode {
  const { item, state, problem } = kept;
  return (
    <li class={state === "refused" ? "danger stack" : "card"}>
      <b>{item.about}</b>
      <span class="quiet">
        {words.outbox.typedAt(clockText(item.typed_at), item.author.name)}
      </span>
      <span class="badge">{words.states[state]}</span>
      {problem && (
        <>
          <p>{refusalOf(problem)}</p>
          <ul>
            {(problem.errors ?? []).map((each) => (
              <li key={each.field + each.message}>
                {each.field}: {each.message}
              </li>
            ))}
          </ul>
          <details>
            <summary>{words.outbox.both}</summary>
            <h2>{words.outbox.typed}</h2>
            <pre class="number wrap">{JSON.stringify(item.body, null, 1)}</pre>
            <h2>{words.outbox.answered}</h2>
            <pre class="number wrap">{JSON.stringify(problem, null, 1)}</pre>
          </details>
          <Ways kept={kept} />
        </>
      )}
    </li>
  );
}

/** What can become of a refusal: nothing typed goes without a trace. */
function Ways({ kept }: { kept: Kept }): VNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState("");
  const busy = useRef(false);
  const once = async (act: () => Promise<void>): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setFault("");
    await act().catch((failure: unknown) => setFault(failure instanceof Refused ? failure.problem.detail : failure instanceof NoAnswer ? words.notHeard : words.notKeptHere));
    busy.current = false;
  };
  return (
    <>
      <span class="row">
        {!isUnfounded(kept) && (
          <button class="button" onClick={() => void outbox.retry(kept.seq)}>
            {words.outbox.again}
          </button>
        )}
        {canBeAddendum(kept) && (
          <button class="button" onClick={() => void once(() => enterAsAddendum(kept))}>
            {words.outbox.asAddendum}
          </button>
        )}
        <button class="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {words.outbox.aside}
        </button>
      </span>
      {open && (
        <form class="stack" onSubmit={(event) => (event.preventDefault(), void once(() => setAside(kept, reason.trim())))}>
          <span class="row" role="group" aria-label={words.outbox.aside}>
            {words.outbox.asideReasons.map((each) => (
              <button type="button" class="button" key={each} aria-pressed={reason === each} onClick={() => setReason(each)}>
                {each}
              </button>
            ))}
          </span>
          <label class="field">
            <span>{words.outbox.asideWhy}</span>
            <input maxLength={200} autoComplete="off" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
          <p class="quiet">{words.outbox.asideKept}</p>
          <button class="button" disabled={reason.trim() === ""}>
            {words.outbox.asideNow(person.value?.name ?? "")}
          </button>
        </form>
      )}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
