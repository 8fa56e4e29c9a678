import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { address } from "../place";
import { Who } from "../parts/person";
import { board, canSetPin, connected, person, setPin, signOut, silentSince, type BoardItem } from "../store";
import { clinicNow, clockText, minutesBetween, tick } from "../time";
import { words } from "../words";

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
  // the order does not jump while a finger is down
  const still = useRef<BoardItem[] | null>(null);
  const items = still.current?.map((item) => board.value.get(item.id) ?? item) ?? inOrder([...board.value.values()]);
  return (
    <div class="screen" onPointerDown={() => (still.current = items)} onPointerUp={() => (still.current = null)} onPointerCancel={() => (still.current = null)}>
      <header class="bar">
        <h1>{person.value?.clinic || words.board}</h1>
        <span class="quiet">{connected.value ? `live · ${clockText(clinicNow())}` : words.notConnected(clockText(silentSince.value ?? 0))}</span>
        <Who />
      </header>
      <main class="page stack">
        {items.length === 0 ? <p>{words.noSessions}</p> : <ul class="cards">{items.map((item) => <Chair key={item.id} item={item} />)}</ul>}
        {canSetPin() && <PinSetting />}
        <p>
          <button class="button plain" onClick={() => void signOut()}>
            {words.signOut}
          </button>
        </p>
      </main>
      <footer class="foot">
        <a class="button primary link" href={address({ screen: "patients" })}>
          {words.newSession}
        </a>
      </footer>
    </div>
  );
}

function Chair({ item }: { item: BoardItem }): VNode {
  const now = clinicNow();
  const last = item.last_set;
  return (
    <li class="card chair">
      <a class="chair-link" href={address({ screen: "session", id: item.id })}>
        <span class="row spread">
          <b>
            {item.chair ? `${item.chair} · ` : ""}
            {item.patient.family_name.toUpperCase()}, {item.patient.given_name}
          </b>
        </span>
        <span class="number quiet">
          {item.patient.birth_date} · {item.patient.record_number}
        </span>
        <LookAlike item={item} />
        <span class="row spread">
          <b>
            {item.phase && item.phase_since ? `${words.phases[item.phase]} +${minutesBetween(item.phase_since, now)}` : item.state}
            {item.phase === "infusion" && item.planned_minutes ? ` of ${item.planned_minutes}` : ""}
          </b>
          <Due item={item} now={now} />
        </span>
        {last ? (
          <span class="value number">
            {last.systolic ?? "–"}/{last.diastolic ?? "–"} · {last.heart_rate ?? "–"} · {last.respiratory_rate ?? "–"} · {last.spo2 ?? "–"}
            <span class="label"> {clockText(last.measured_at)}</span>
          </span>
        ) : (
          <span class="quiet">no set yet</span>
        )}
        {item.concerns.map((concern) => (
          <span class="concern" key={concern.id}>
            &#9650; {concern.because}
            {concern.acknowledge ? ": a clinician must acknowledge it" : ""}
          </span>
        ))}
        {item.open_notices > 0 && <span class="danger">&#9888; Information arrived after signing: review</span>}
        <Flag item={item} now={now} />
      </a>
      <span class="row">
        <a class="button link" href={address({ screen: "entry", id: item.id })} aria-label={`New set for ${item.patient.family_name}, ${item.patient.given_name}`}>
          New set
        </a>
        {item.status === "met" && connected.value && (
          <a class="button link" href={address({ screen: "review", id: item.id })} aria-label={`Review ${item.patient.family_name}, ${item.patient.given_name}`}>
            Review
          </a>
        )}
      </span>
    </li>
  );
}

function Due({ item, now }: { item: BoardItem; now: number }): VNode | null {
  if (!item.due_at) return null;
  if (item.overdue_at && Date.parse(item.overdue_at) < now) return <b class="danger">&#9888; {words.overdueBy(minutesBetween(item.due_at, now))}</b>;
  return <span>{words.dueIn(Math.ceil((Date.parse(item.due_at) - now) / 60_000))}</span>;
}

/** A flag is shown only while the service can be heard: never a stale one. */
export function Flag({ item, now }: { item: Pick<BoardItem, "status" | "status_since" | "not_met" | "unknown">; now: number }): VNode {
  if (!connected.value) return <span class="unknown">{words.unknownOffline(clockText(silentSince.value ?? 0))}</span>;
  if (item.status === "met" && item.status_since)
    return (
      <span class="row">
        <span class="badge">
          &#9678; {words.met}, {Math.max(0, minutesBetween(item.status_since, now))} min ago
        </span>{" "}
        review needed
      </span>
    );
  const open = [...item.not_met, ...item.unknown];
  return (
    <span class="quiet">
      {item.status === "not-met" ? words.notMet : words.cannotTell}
      {open.length > 0 && open.length <= 3 ? `: ${open.map((name) => words.criteria[name].toLowerCase()).join(", ")}` : open.length > 3 ? `: ${open.length} open` : ""}
    </span>
  );
}

/** Other chairs whose patient is easily taken for this one. */
function LookAlike({ item }: { item: BoardItem }): VNode | null {
  const mine = item.patient;
  const alike = [...board.value.values()].filter(
    (other) => other.patient.id !== mine.id && (other.patient.family_name.slice(0, 4).toLowerCase() === mine.family_name.slice(0, 4).toLowerCase() || other.patient.birth_date === mine.birth_date),
  );
  if (alike.length === 0) return null;
  return (
    <span class="concern">
      &#9650; look-alike: {alike.map((other) => `${other.chair ? `chair ${other.chair}` : "another chair"} (${other.patient.family_name}, ${other.patient.given_name})`).join(", ")}
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
      setAnswer("The PIN is set until the end of your shift.");
    } catch (failure) {
      setAnswer(failure instanceof Error ? failure.message : String(failure));
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
        Set PIN
      </button>
      <span role="status">{answer}</span>
    </form>
  );
}
