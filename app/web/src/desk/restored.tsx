import type { VNode } from "preact";
import type { Schemas } from "../api";
import { address } from "../place";
import { useAsked, type Scope } from "../scope";
import { clockText, dayText } from "../time";
import { deskWords, restoredWords as words } from "../words.desk";
import { NotHeard, Screen } from "./frame";

type Restored = Schemas["RestoredOut"];
type Tablet = Schemas["TabletSinceOut"];
const MOST_DAYS = 7;
const DAY_MS = 86_400_000;

export const ask = async (scope: Scope): Promise<Restored> => (await scope.ask("get", "/v1/restored", {})).body;
/** Those of them that somebody can be sent to look for. */
export const enrolled = (tablets: Tablet[]): Tablet[] => tablets.filter((each) => each.name !== null);
export const when = (at: string): string => `${dayText(at)} ${clockText(at)}`;

/** How far the clinic has come since its record was brought back from a backup. */
export function RestoredScreen(): VNode {
  const asked = useAsked(ask);
  const { found } = asked;
  return (
    <Screen {...deskWords.restored} back={{ screen: "setup" }}>
      {found === null ? <NotHeard asked={asked} /> : found.restored_at === null || found.lost_from === null ? <p class="card">{words.never}</p> : <Since found={found} from={found.lost_from} at={found.restored_at} />}
      <span>
        <button class="button" onClick={asked.again}>
          {words.look}
        </button>
      </span>
    </Screen>
  );
}

function Since({ found, from, at }: { found: Restored; from: string; at: string }): VNode {
  return (
    <>
      <section class="card stack">
        <h2>{words.what}</h2>
        <p>
          {words.backup(when(from))} {words.restore(when(at))}
        </p>
        <p>{words.gone}</p>
      </section>
      <Tablets found={found} at={at} />
      <section class="card stack">
        <h2>{words.came}</h2>
        <p>{found.came_back.length === 0 ? words.cameNothing : words.cameWhy}</p>
        <ul class="points">
          {found.came_back.map((each) => (
            <li key={each.kind}>
              {words.kinds[each.kind] ?? each.kind}: <b class="number">{each.count}</b>
            </li>
          ))}
        </ul>
      </section>
      <section class="card stack">
        <h2>{words.lost}</h2>
        <p>{words.lostWhy}</p>
        <ul class="points">
          {words.lostKinds.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <p>{words.lostUnknown}</p>
      </section>
      <section class="card stack">
        <h2>{words.todo}</h2>
        <ol class="points">
          {words.steps(enrolled(found.not_back).length === 0).map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ol>
        <Ways from={from} at={at} />
      </section>
    </>
  );
}

function Tablets({ found: { back, not_back }, at }: { found: Restored; at: string }): VNode {
  const missing = enrolled(not_back);
  const browsers = not_back.filter((each) => each.name === null);
  return (
    <section class="card stack">
      <h2>{words.tablets}</h2>
      {missing.length > 0 ? (
        <>
          <p class="concern">{words.notBack(missing.length)}</p>
          <Named tablets={missing} at={at} />
        </>
      ) : (
        <p>{enrolled(back).length === 0 ? words.noTablets : words.allBack}</p>
      )}
      {back.length > 0 && (
        <>
          <p>{words.back(back.length)}</p>
          <Named tablets={back} at={at} />
        </>
      )}
      {browsers.length > 0 && (
        <details>
          <summary>{words.browsers(browsers.length)}</summary>
          <Named tablets={browsers} at={at} />
        </details>
      )}
    </section>
  );
}

const Named = ({ tablets, at }: { tablets: Tablet[]; at: string }): VNode => (
  <ul class="points">
    {tablets.map((each) => (
      <li key={each.id}>
        <b>{each.name ?? words.browser(each.id.slice(0, 8))}</b>: {said(each, at)}
      </li>
    ))}
  </ul>
);

function said({ heard_at, unsent }: Tablet, at: string): string {
  if (heard_at === null) return words.neverHeard;
  if (Date.parse(heard_at) <= Date.parse(at)) return words.silent(when(heard_at));
  return unsent ? words.holds(unsent, when(heard_at)) : words.heard(when(heard_at));
}

/** Where the steps lead: the days of which something may be missing, the tablets, the colleagues. */
function Ways({ from, at }: { from: string; at: string }): VNode {
  const days: string[] = [];
  for (let day = Date.parse(from); day < Date.parse(at) && days.length < MOST_DAYS; day += DAY_MS) days.push(dayText(day));
  const last = dayText(at);
  if (days.length < MOST_DAYS && !days.includes(last)) days.push(last);
  return (
    <>
      <span class="row">
        {days.map((day) => (
          <a key={day} class="button" href={address({ screen: "days", day })}>
            {words.day(day)}
          </a>
        ))}
        {!days.includes(last) && <span>{words.moreDays(last)}</span>}
      </span>
      <span class="row">
        <a class="button" href={address({ screen: "clinic", part: "tablets" })}>
          {words.toTablets}
        </a>
        <a class="button" href={address({ screen: "setup", part: "colleagues" })}>
          {words.staff}
        </a>
      </span>
    </>
  );
}
