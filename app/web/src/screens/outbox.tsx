import type { VNode } from "preact";
import { Who } from "../parts/person";
import { address } from "../place";
import { items, type Kept } from "../outbox";
import { outbox } from "../store";
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
          <p>{problem.detail}</p>
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
          <span class="row">
            <button class="button" onClick={() => void outbox.retry(kept.seq)}>
              {words.outbox.again}
            </button>
            <button class="button" onClick={() => void outbox.settle(kept.seq)}>
              {words.outbox.settle}
            </button>
          </span>
        </>
      )}
    </li>
  );
}
