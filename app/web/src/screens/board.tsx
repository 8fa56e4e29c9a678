import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { flagOf, silence } from "../fresh";
import { Boundary } from "../parts/boundary";
import { MetBadge } from "../parts/met";
import { Who } from "../parts/person";
import { Unfinished } from "../parts/unfinished";
import { said } from "../parts/saving";
import { headed, listed, soundAlike } from "../names";
import { address } from "../place";
import { lastBoard } from "../shelf";
import { board, boardHeard, canSetPin, person, setPin, signOut, type BoardItem } from "../store";
import { clinicNow, clockText, minutesBetween, pace, spoken, tick, wallNow } from "../time";
import { criterion, plain, words } from "../words";

/** What needs a person now comes first, then what is due soon, then the rest. */
function urgency(item: BoardItem): number {
  if (item.concerns.some((concern) => concern.acknowledge) || item.open_notices > 0) return 0;
  if (item.overdue_at && Date.parse(item.overdue_at) < clinicNow()) return 1;
  if (item.status === "met") return 2;
  return 3;
}

function inOrder(items: BoardItem[]): BoardItem[] {
  const due = (item: BoardItem): number => (item.due_at ? Date.parse(item.due_at) : Number.MAX_SAFE_INTEGER);
  return [...items].sort((a, b) => urgency(a) - urgency(b) || due(a) - due(b) || a.id.localeCompare(b.id));
}

export function Board(): VNode {
  tick.value;
  const kept = boardHeard.value ? null : lastBoard.value;
  const [items, hold] = useHeldOrder(inOrder(kept?.items ?? [...board.value.values()]));
  const since = silence();
  const isLead = person.value?.role === "lead";
  return (
    <div class="screen" onPointerDown={hold}>
      <header class="bar">
        <h1>{person.value?.clinic || words.board}</h1>
        <span class="phase quiet number">{since === null ? words.onBoard.live(clockText(clinicNow())) : words.onBoard.quiet(since)}</span>
        <Who />
      </header>
      <main class="page stack">
        {isLead && <Unfinished />}
        {kept && <p class="unknown">{words.onBoard.asKept(clockText(clinicNow() - (wallNow() - kept.kept_at) * pace()))}</p>}
        {items.length === 0 ? (
          boardHeard.value ? <p>{words.noSessions}</p> : !kept && <p class="unknown">{words.onBoard.notKnown}</p>
        ) : (
          <ul class="cards">
            {items.map((item) => (
              <Boundary key={item.id} on={item}>
                <Chair item={item} />
              </Boundary>
            ))}
          </ul>
        )}
        {canSetPin() && <PinSetting />}
        <p>
          <button class="button plain" onClick={() => void signOut()}>
            {words.signOut}
          </button>
        </p>
      </main>
      <footer class="foot">
        <a class={isLead ? "button" : "button primary"} href={address({ screen: "patients" })}>
          {words.newSession}
        </a>
        {isLead && (
          <a class="button primary" href={address({ screen: "setup" })}>
            {words.onBoard.setup}
          </a>
        )}
      </footer>
    </div>
  );
}

/** A finger may rest: a chair that has left meanwhile is never shown for longer than this. */
const HELD_MS = 3_000;

/** The chairs in their order, which does not jump while a finger is down; and what holds it. Only the order is held:
 * every chair shows what is known of it now, and one that has left goes. */
function useHeldOrder(items: BoardItem[]): [BoardItem[], () => void] {
  const [order, setOrder] = useState<string[] | null>(null);
  useEffect(() => {
    if (order === null) return;
    const release = (): void => setOrder(null);
    const alarm = setTimeout(release, HELD_MS);
    // wherever the finger is lifted, and also where nobody hears of it
    for (const event of ENDS) addEventListener(event, release, true);
    return () => {
      clearTimeout(alarm);
      for (const event of ENDS) removeEventListener(event, release, true);
    };
  }, [order]);
  const place = (item: BoardItem): number => {
    const at = order?.indexOf(item.id) ?? -1;
    return at < 0 ? items.length : at;
  };
  const shown = order === null ? items : [...items].sort((a, b) => place(a) - place(b));
  return [shown, () => setOrder(items.map(({ id }) => id))];
}
const ENDS = ["pointerup", "pointercancel", "blur", "visibilitychange"] as const;

function Chair({ item }: { item: BoardItem }): VNode {
  const now = clinicNow();
  const { patient } = item;
  return (
    <li class="card chair">
      <a class="chair-link" href={address({ screen: "session", id: item.id })}>
        <span class="chair-name">
          <span class="chair-number">{item.chair ?? "–"}</span>
          <span>
            <b>
              {headed(patient)}
            </b>
            <br />
            <span class="number quiet">
              {patient.birth_date} · {patient.record_number}
            </span>
          </span>
        </span>
        <LookAlike item={item} />
        <span class="row spread number">
          <b>
            {item.phase && item.phase_since ? `${words.phases[item.phase]} ${words.onBoard.plus(minutesBetween(item.phase_since, now))}` : plain(item.state)}
            {item.phase === "infusion" && item.planned_minutes ? words.onBoard.of(item.planned_minutes) : ""}
          </b>
          <Due item={item} now={now} />
        </span>
        <LastSet last={item.last_set} />
        {item.concerns.map((concern) => (
          <span class="concern" key={concern.id}>
            &#9650; {spoken(concern.because)}
            {concern.acknowledge ? `. ${words.onBoard.acknowledge}` : ""}
          </span>
        ))}
        {item.open_notices > 0 && <span class="danger">&#9888; {words.onBoard.arrivedLate}</span>}
        <Flag item={item} />
      </a>
      <span class="row acts">
        {isMet(item) && (
          <a class="button" href={address({ screen: "review", id: item.id })} aria-label={words.onBoard.reviewOf(listed(item.patient))}>
            {words.onBoard.review}
          </a>
        )}
        <a class="button" href={address({ screen: "entry", id: item.id })} aria-label={words.onBoard.newSetFor(listed(item.patient))}>
          {words.onBoard.newSet}
        </a>
      </span>
    </li>
  );
}

function LastSet({ last }: { last: BoardItem["last_set"] }): VNode {
  if (last === null) return <span class="quiet">{words.onBoard.noSet}</span>;
  const part = (label: string, value: string): VNode => (
    <span>
      <span class="label">{label}</span>
      <span class="value">{value}</span>
    </span>
  );
  const shown = (value: number | null): string => (value === null ? "–" : String(value));
  return (
    <span class="last-set number">
      {part(`${words.sheet.bp} · ${clockText(last.measured_at)}`, `${shown(last.systolic)}/${shown(last.diastolic)}`)}
      {part(words.vitals.heart_rate.short, shown(last.heart_rate))}
      {part(words.vitals.respiratory_rate.short, shown(last.respiratory_rate))}
      {part(words.vitals.spo2.short, shown(last.spo2))}
    </span>
  );
}

function Due({ item, now }: { item: BoardItem; now: number }): VNode | null {
  if (!item.due_at) return null;
  if (item.overdue_at && Date.parse(item.overdue_at) < now) return <span class="over">&#9888; {words.overdueBy(minutesBetween(item.due_at, now))}</span>;
  return <span>{words.dueIn(Math.ceil((Date.parse(item.due_at) - now) / 60_000))}</span>;
}

const isMet = (item: BoardItem): boolean => {
  const flag = flagOf(item);
  return flag.known && flag.value.met !== null;
};

/** A flag is shown only while the service's word is fresh: never a stale one. */
function Flag({ item }: { item: BoardItem }): VNode {
  const flag = flagOf(item);
  if (!flag.known) return <span class="unknown">{flag.text}</span>;
  const { met, status } = flag.value;
  if (met !== null)
    return (
      <span class="row">
        <MetBadge met={met} /> {words.onBoard.reviewNeeded}
      </span>
    );
  // the service says why in words where no finding does
  if (item.status_because) return <span class="unknown">{`${words.cannotTell}: ${spoken(item.status_because)}`}</span>;
  const open = [...item.not_met, ...item.unknown];
  return (
    <span class="quiet">
      {status === "not-met" ? words.notMet : words.cannotTell}
      {open.length === 0 ? "" : `: ${open.length <= 3 ? open.map((name) => criterion(name).toLowerCase()).join(", ") : words.onBoard.open(open.length)}`}
    </span>
  );
}

/** Other chairs whose patient is easily taken for this one. */
function LookAlike({ item }: { item: BoardItem }): VNode | null {
  const mine = item.patient;
  const alike = (boardHeard.value ? [...board.value.values()] : (lastBoard.value?.items ?? [])).filter(
    ({ patient }) => patient.id !== mine.id && (soundAlike(patient, mine) || patient.birth_date === mine.birth_date),
  );
  if (alike.length === 0) return null;
  return (
    <span class="concern">
      &#9650; {words.onBoard.alike(alike.map((other) => `${other.chair ? words.chair(other.chair) : words.onBoard.another} (${listed(other.patient)})`).join(", "))}
    </span>
  );
}

function PinSetting(): VNode {
  const [pin, setTyped] = useState("");
  const [answer, setAnswer] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await setPin(pin);
      setAnswer(words.onBoard.pinSet);
    } catch (failure) {
      setAnswer(said(failure));
    }
    setTyped("");
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span class="quiet">{words.setPin}</span>
        <input type="password" inputMode="numeric" autoComplete="off" maxLength={8} value={pin} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <button class="button" disabled={pin.length < 4}>
        {words.onBoard.pinNow}
      </button>
      <span role="status">{answer}</span>
    </form>
  );
}
