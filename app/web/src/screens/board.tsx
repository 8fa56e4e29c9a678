import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { offerFrom } from "../epoch";
import { flagOf, silence } from "../fresh";
import { missingToStart } from "../missing";
import { headed, listed, soundAlike } from "../names";
import { SoundSetting } from "../parts/alerts";
import { Boundary } from "../parts/boundary";
import { said } from "../parts/form";
import { MetBadge } from "../parts/met";
import { Who } from "../parts/person";
import { later } from "../parts/later";
import { Unfinished } from "../parts/unfinished";
import { address } from "../place";
import { shown } from "../project";
import { session } from "../records";
import { lastBoard } from "../shelf";
import { board, boardHeard, canSetPin, charts, here, person, setPin, signOut } from "../store";
import { inOrder, letsLeave, type Tile, tileOf } from "../tiles";
import { clinicNow, clockText, minutesBetween, pace, spoken, tick, wallNow } from "../time";
import { criterion, plain, words } from "../words";

const Outstanding = later(() => import("../desk/outstanding").then((found) => found.Outstanding), true);
const PushSetting = later(() => import("../parts/push").then((found) => found.PushSetting), true);

/** Every chair in its place. */
export function Board(): VNode {
  tick.value;
  const kept = boardHeard.value ? null : lastBoard.value;
  const tiles = inOrder((kept?.items ?? [...board.value.values()]).map(tileOf));
  const since = silence();
  const isLead = person.value?.role === "lead";
  return (
    <div class="screen">
      <header class="bar">
        <h1>{person.value?.clinic || words.board}</h1>
        <span class="phase quiet number">{since === null ? words.onBoard.live(clockText(clinicNow())) : words.onBoard.quiet(since)}</span>
        <Who />
      </header>
      <main class="page board">
        {isLead && <Unfinished />}
        {isLead && offerFrom.value !== null && <Outstanding />}
        {kept && <p class="unknown">{words.onBoard.asKept(clockText(clinicNow() - (wallNow() - kept.kept_at) * pace()))}</p>}
        {tiles.length === 0 ? (
          boardHeard.value ? <p>{words.noSessions}</p> : !kept && <p class="unknown">{words.onBoard.notKnown}</p>
        ) : (
          <ul class="chairs">
            {tiles.map((tile) => (
              <Boundary key={tile.id} on={board.value.get(tile.id)}>
                <Chair item={tile} />
              </Boundary>
            ))}
          </ul>
        )}
        {here.value.name === null && <p class="quiet">{words.notEnrolled}</p>}
        {canSetPin() && <PinSetting />}
        <SoundSetting />
        <PushSetting />
        <p class="row">
          <a class="button plain" href={address({ screen: "downtime" })}>
            {words.titles.downtime}
          </a>
          <a class="button plain" href={address({ screen: "account" })}>
            {words.titles.account}
          </a>
          <button class="button plain" onClick={() => void signOut()}>
            {words.signOut}
          </button>
        </p>
      </main>
      <footer class="foot">
        <a class="button" href={address({ screen: "days" })} aria-label={words.titles.days}>
          <span class="wide">{words.onBoard.sessionsOfA}</span>
          {words.onBoard.day}
        </a>
        <a class={isLead ? "button" : "button primary"} href={address({ screen: "patients" })}>
          {charts.value ? words.newSession : words.titles.patients}
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

function Chair({ item }: { item: Tile }): VNode {
  const now = clinicNow();
  const { patient } = item;
  const signed = letsLeave(item, now);
  return (
    <li class="card chair">
      <a class="chair-link" href={address({ screen: "session", id: item.id })}>
        <span class="chair-name">
          <span class="chair-number">{item.chair ?? "–"}</span>
          <span>
            <b>{headed(patient)}</b>{" "}
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
        <LastSet item={item} />
        {item.concerns.length > 0 && (
          <span class={item.concerns.some((concern) => concern.acknowledge) ? "danger" : "concern"}>
            {item.concerns.some((concern) => concern.acknowledge) ? "\u26a0" : "\u25b2"} {item.concerns.length > 1 && `${item.concerns.length}: `}
            {item.concerns.map((concern) => spoken(concern.because)).join("; ")}
          </span>
        )}
        {signed && (
          <span class="row number">
            <b>&#10003; {words.next.signedBy(words.next.signed[signed.decision], signed.name, clockText(signed.signed_at))}</b>
          </span>
        )}
        {item.open_notices > 0 && <span class="danger">&#9888; {words.onBoard.arrivedLate}</span>}
      </a>
      <span class="chair-foot">
        <Flag item={item} />
        {charts.value && (
          <a class="button" href={address({ screen: "entry", id: item.id })} aria-label={words.onBoard.newSetFor(listed(patient))}>
            {words.onBoard.newSet}
          </a>
        )}
      </span>
    </li>
  );
}

function LastSet({ item: { last_set: last, typedHere } }: { item: Tile }): VNode {
  if (last === null) return <span class="quiet">{words.onBoard.noSet}</span>;
  const shownAs = (value: number | null): string => (value === null ? "–" : String(value));
  const parts: [string, string][] = [
    [words.sheet.bp, `${shownAs(last.systolic)}/${shownAs(last.diastolic)}`],
    [words.vitals.heart_rate.short, shownAs(last.heart_rate)],
    [words.vitals.respiratory_rate.short, shownAs(last.respiratory_rate)],
    [words.vitals.spo2.short, shownAs(last.spo2)],
    [words.sheet.dissociation, last.dissociation === null ? "n/m" : words.onBoard.grades[last.dissociation]],
  ];
  return (
    <>
      <span class="last-set number">
        {parts.map(([label, value]) => (
          <span key={label}>
            <span class="label">{label} </span>
            <span class="value">{value}</span>
          </span>
        ))}
      </span>
      {typedHere && <span class="label number">{words.onBoard.typedHere(clockText(last.measured_at))}</span>}
    </>
  );
}

function Due({ item, now }: { item: Tile; now: number }): VNode | null {
  if (!item.due_at) return null;
  if (item.overdue_at && Date.parse(item.overdue_at) < now) return <span class="over">&#9888; {words.onBoard.over(minutesBetween(item.due_at, now))}</span>;
  return <span>{words.dueIn(Math.ceil((Date.parse(item.due_at) - now) / 60_000))}</span>;
}

/** A flag is shown only while the service's word is fresh: never a stale one. Before the dose it says what is missing. */
function Flag({ item }: { item: Tile }): VNode {
  const flag = flagOf(item);
  if (item.phase === "baseline" || item.phase === "infusion") return <ToStart item={item} why={flag.known ? null : flag.text} />;
  if (!flag.known) return <span class="unknown">{flag.text}</span>;
  const { met, status } = flag.value;
  if (met !== null)
    return (
      <a class="button met" href={address({ screen: "review", id: item.id })}>
        <span class="hidden-text">{(letsLeave(item, clinicNow()) ? words.onBoard.leavingOf : words.onBoard.reviewOf)(listed(item.patient))}: </span>
        <MetBadge met={met} />
      </a>
    );
  // the service says why in words where no finding does
  if (item.status_because) return <span class="unknown">{`${words.cannotTell}: ${spoken(item.status_because)}`}</span>;
  const open = [...item.not_met, ...item.unknown];
  // who can do something about it is led there
  if (person.value?.role === "lead" && open.includes("tablets-in-step"))
    return (
      <a class="button" href={address({ screen: "release", id: item.id })}>
        {status === "not-met" ? words.notMet : words.cannotTell}: {words.onBoard.behind}
      </a>
    );
  return (
    <span class="quiet">
      {status === "not-met" ? words.notMet : words.cannotTell}
      {open.length === 0 ? "" : `: ${open.length <= 2 ? open.map((name) => criterion(name).toLowerCase()).join(", ") : words.onBoard.open(open.length)}`}
    </span>
  );
}

function ToStart({ item, why }: { item: Tile; why: string | null }): VNode {
  if (item.failed.length > 0 && item.status_because) return <span class="unknown">{`${words.cannotTell}: ${spoken(item.status_because)}`}</span>;
  const record = session(item.id);
  const missing = item.phase === "baseline" ? missingToStart(record ? shown(record) : null, item.to_start) : null;
  // only of a session that is this tablet's own, and that the service has not heard of, is anything known without it
  if (why !== null && (missing === null || record?.known !== "made")) return <span class="unknown">{why}</span>;
  if (missing === null) return <span />;
  return <span class="quiet">{missing.length === 0 ? words.next.allThere : `${words.onBoard.toStart}: ${missing.map((each) => each.text).join(", ")}`}</span>;
}

/** Other chairs whose patient is easily taken for this one. */
function LookAlike({ item }: { item: Tile }): VNode | null {
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
    <form class="row pin" onSubmit={(event) => void submit(event)}>
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
