import type { VNode } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { type Alert, alerts, alertsHeard, isVoice } from "../alerts";
import { choose, loudness, muted, silenced, unlockSound } from "../bell";
import { allowed, calling, type Voice, VOICES } from "../calling";
import { shortly } from "../names";
import { address } from "../place";
import { isSeen, say } from "../seen";
import type { Tile } from "../tiles";
import { clinicNow, clockText, minutesBetween } from "../time";
import { words } from "../words";
import { Choice } from "./choice";

/** A touch ends in a click some milliseconds later, and a hand that is on its way aims at what stood there before. */
const SETTLES_MS = 400;
/** As long as anything is held under a finger; that it was lifted may never be heard. */
const HELD_MS = 3_000;

/** What calls comes before what somebody has seen: a small screen shows one alone. */
const calls = ({ why, ids }: Alert): boolean => isVoice(why) && !isSeen(ids);
const inSight = (all: Alert[]): Alert[] => [...all.filter(calls), ...all.filter((each) => !calls(each))];

const keyOf = ({ tile, why }: Alert): string => `${tile.id} ${why}`;

/** What is drawn: as it is now, or as it was when a finger came down. And whether it has stood long enough to be tapped. */
function useSteady(now: Alert[]): { drawn: Alert[]; settled: () => boolean; down: () => void; up: () => void } {
  const [, draw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const held = useRef<{ alerts: Alert[]; until: number } | null>(null);
  const last = useRef({ keys: "", at: -SETTLES_MS });
  const hold = (ms: number): void => {
    held.current = { alerts: held.current?.alerts ?? now, until: performance.now() + ms };
    setTimeout(() => draw(undefined), ms + 1);
  };
  if (held.current !== null && performance.now() >= held.current.until) held.current = null;
  const drawn = held.current?.alerts ?? now;
  const keys = drawn.map(keyOf).join();
  if (keys !== last.current.keys) last.current = { keys, at: performance.now() };
  return { drawn, settled: () => performance.now() - last.current.at >= SETTLES_MS, down: () => hold(HELD_MS), up: () => hold(SETTLES_MS) };
}

/** One line on every screen, as high when it is empty as when it speaks. A tap on it goes to the chair. */
export function Alerts(): VNode {
  const { drawn, settled, down, up } = useSteady(inSight(alerts.value));
  const heard = alertsHeard.value;
  const call = alerts.value.find((each) => each.why === "concern" && calls(each));
  const list = useRef<HTMLUListElement>(null);
  const first = drawn[0] && keyOf(drawn[0]);
  useLayoutEffect(() => {
    // whoever had moved the line sideways sees what comes to its front
    list.current?.scrollTo({ left: 0 });
  }, [first]);
  const unsettled = (event: Event): void => {
    if (settled()) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="alerts" aria-label={words.onBoard.urgent} onPointerDown={down} onPointerUp={up} onPointerCancel={up} onClickCapture={unsettled}>
      <p class="hidden-text" aria-live="assertive">
        {call && sentence(call)}
      </p>
      {!heard && drawn.length > 0 && <span class="label">{words.alerts.asHeard}</span>}
      {/* the line shows as many as it has room for, and can be moved sideways */}
      {drawn.length > 1 && <b class="number">
          {drawn.length} <span class="alerts-word">{words.alerts.alerts}</span>
        </b>}
      <ul ref={list} aria-label={words.onBoard.urgent} tabIndex={drawn.length > 0 ? 0 : undefined}>
        {drawn.length === 0 && <li class={heard ? "quiet" : "unknown"}>{heard ? words.onBoard.nothingUrgent : words.alerts.notHeard}</li>}
        {drawn.map((alert) => (
          <One key={keyOf(alert)} alert={alert} />
        ))}
      </ul>
      <Sound />
    </section>
  );
}

const ICONS = { concern: "\u26a0", notice: "\u26a0", overdue: "\u25f7", unknown: "?", review: "\u25ce" };

function One({ alert }: { alert: Alert }): VNode {
  const { tile, why, ids } = alert;
  const done = isSeen(ids);
  return (
    <li class={`alert ${why}${done ? " seen" : ""}`}>
      <a href={address({ screen: why === "review" || why === "notice" ? "review" : "session", id: tile.id })}>
        <span aria-hidden="true">{ICONS[why]}</span>{" "}
        <span>
          <b>
            {seat(tile)}
            <span class="alert-name"> &middot; {shortly(tile.patient).toUpperCase()}</span>
          </b>{" "}
          {what(alert)}
        </span>
      </a>
      {isVoice(why) && (
        <button type="button" class="button" disabled={done} aria-label={`${done ? words.alerts.wasSeen : words.alerts.seen}: ${sentence(alert)}`} onClick={() => say(tile.id, ids)}>
          {done ? words.alerts.wasSeen : words.alerts.seen}
        </button>
      )}
    </li>
  );
}

const seat = ({ chair }: Tile): string => (chair === null ? words.alerts.noChair : words.alerts.chair(chair));
const sentence = (alert: Alert): string => `${seat(alert.tile)}, ${shortly(alert.tile.patient)}: ${what(alert)}`;

function what({ tile, why }: Alert): string {
  if (why === "concern") return words.alerts.look(values(tile));
  return words.alerts.needs[why](tile.due_at ? minutesBetween(tile.due_at, clinicNow()) : 0);
}

/** The newest severe value of each vital, with its time where a later set has been taken. */
function values({ concerns, last_set: last }: Tile): string {
  const newest = new Map(concerns.filter(({ acknowledge }) => acknowledge).map((concern) => [concern.vital, concern]));
  // a line that was kept before it named the values of its concerns
  if (newest.has(null)) return words.alerts.severe(concerns.length);
  const told: [string, string | null][] = [];
  const pressures = [newest.get("systolic"), newest.get("diastolic")];
  const at = pressures.map((one) => one?.measured_at ?? "").sort().at(-1);
  if (at) {
    // both of one measurement: what does not concern of it is known of the last set alone
    const ofLast = at === last?.measured_at ? [last.systolic, last.diastolic] : [];
    const pair = pressures.map((one, place) => (one?.measured_at === at ? one.value : ofLast[place]) ?? "\u2013");
    told.push([`${words.sheet.bp} ${pair.join("/")}`, at]);
  }
  for (const [vital, { value, measured_at }] of newest)
    if (vital !== null && vital !== "systolic" && vital !== "diastolic") told.push([`${words.vitals[vital].short} ${value}`, measured_at]);
  return told.map(([text, when]) => (when !== null && when !== last?.measured_at ? words.alerts.at(text, clockText(when)) : text)).join(", ");
}

/** That nothing can be heard, where it is so. */
function Sound(): VNode | null {
  if (muted.value)
    return (
      <button type="button" class="button sound" onClick={unlockSound}>
        {words.alerts.muted}
      </button>
    );
  return silenced.value ? <span class="label sound">{calling.value.loudest === "off" ? words.alerts.silencedByClinic : words.alerts.silenced}</span> : null;
}

/** How loud this tablet is, within what the clinic allows. */
export function SoundSetting(): VNode {
  return (
    <section class="stack sounds" aria-label={words.alerts.setting}>
      {VOICES.map((voice: Voice) => (
        <Choice key={voice} name={`sound-${voice}`} label={words.alerts.voices[voice]} options={allowed(voice).map((value) => ({ value, label: words.alerts.loudness[value] }))} picked={loudness.value[voice]} pick={(how) => choose(voice, how)} />
      ))}
    </section>
  );
}
