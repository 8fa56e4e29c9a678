// The clinic's time on this tablet, and how far the tablet's own clock is off.
// The service says what time it is; between two answers the browser's monotonic clock counts, so that setting the
// tablet's clock moves nothing. A demo's clinic runs at a pace of its own.

import { computed, signal } from "@preact/signals";
import { NoAnswer } from "./api";
import { carried, clocks, DRIFT_MS, narrowed, type Reckoning } from "./reckoning";

export interface Heard {
  /** The clinic's clock, epoch milliseconds. */
  now: number;
  /** The service's wall clock, epoch milliseconds. */
  wall: number;
  /** Clinic's seconds for each real one. */
  pace: number;
  /** performance.now() and Date.now() of this page when it was heard. */
  ticks: number;
  date: number;
}

const KEPT = "clock";
const DOUBT_MS = 60_000;

export const heard = signal<Heard | null>(null);
/** Moves once a second, for everything on a screen that counts. */
export const tick = signal(0);

let reckoning: Reckoning | null = null;

/** A new answer of the service. `sentAt` is performance.now() before the question: the answer is that old at most. False:
 * it contradicts what was heard before, and the service is to be asked again. Raises `NoAnswer` where it says no time. */
export function hear(now: string, wall: string, pace: number, sentAt: number): boolean {
  const at = clocks();
  const low = Date.parse(now);
  // somebody else's word is no time of day: nothing may be reckoned from it
  if (!Number.isFinite(low) || !Number.isFinite(Date.parse(wall)) || !(pace > 0)) throw new NoAnswer("it does not say what time it is");
  reckoning = narrowed(reckoning, { low, high: low + (at.ticks - sentAt) * pace, pace, at });
  const { held } = reckoning;
  const middle = (held.low + held.high) / 2;
  heard.value = { now: middle, wall: Date.parse(wall) + (middle - low) / pace, pace, ...at };
  // what is kept is for a start without a network: an offset, no patient's value
  localStorage.setItem(KEPT, JSON.stringify({ offset: offset(), shift: heard.value.now - heard.value.wall, pace, date: Date.now() }));
  return reckoning.before === null;
}

/** Tablet's clock minus the service's wall clock, in milliseconds; null while nothing was ever heard. */
export function offset(): number | null {
  const last = heard.value;
  return last ? Math.round(last.date - last.wall) : (stored()?.offset ?? null);
}

interface Stored {
  offset: number;
  shift: number;
  pace: number;
  /** Date.now() then; not there where an older version wrote it. */
  date?: number;
}

function stored(): Stored | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

/** When the service was last heard by this tablet, also before this start: Date.now() then; null: never. */
export const lastHeard = (): number | null => heard.value?.date ?? stored()?.date ?? null;

/** Clinic's seconds for each real one, as last heard. */
export const pace = (): number => heard.value?.pace ?? stored()?.pace ?? 1;

/** The wall's time as well as this tablet knows it, epoch milliseconds. */
export function wallNow(): number {
  const last = heard.peek();
  return last ? last.wall + (performance.now() - last.ticks) : Date.now() - (stored()?.offset ?? 0);
}

/** The latest it can be by the clinic's clock, epoch milliseconds; null before the service has said what time it is.
 * What grows old is judged by this: nothing looks fresher than it is because an answer took its time. */
export function latest(): number | null {
  return heard.value && reckoning && carried(reckoning.held, clocks()).high;
}

/** The service has said that it is no earlier than this. Whether that fits what was reckoned: else the clock was set, and
 * what time it is has to be asked again before anything is fresh. */
export function notBefore(instant: number): boolean {
  if (reckoning === null) return false;
  const held = carried(reckoning.held, clocks());
  const fits = instant <= held.high + DRIFT_MS * held.pace;
  reckoning = fits ? { ...reckoning, held: { ...held, low: Math.max(held.low, Math.min(instant, held.high)) } } : null;
  return fits;
}

/** Somebody came in, maybe at a service that was started anew: its clock is heard from the beginning. */
export function forgetClock(): void {
  reckoning = null;
}

/** The clinic's time now, epoch milliseconds. */
export function clinicNow(): number {
  const last = heard.value;
  if (last) return last.now + (performance.now() - last.ticks) * last.pace;
  const before = stored();
  // started without a network: the tablet's clock, less what it was off when last compared
  if (before && before.pace === 1) return Date.now() - before.offset + before.shift;
  return Date.now();
}

/** How far the tablet's clock has gone apart from the monotonic one since it was compared. Either it was set, or the
 * tablet slept and the monotonic clock slept with it: nothing here can tell which. */
function jumped(): number {
  const last = heard.value;
  return last ? Math.round(Date.now() - last.date - (performance.now() - last.ticks)) : 0;
}

/** The offset to send with what is typed now: how far this tablet's stamp may be from the service's time. */
export function offsetOfStamp(): number {
  const last = heard.value;
  if (last) return Math.abs(jumped()) > DOUBT_MS ? jumped() : (offset() ?? 0);
  // started without a network: the clock may have been set since it was compared, and that cannot be seen
  return DOUBT_MS * 60;
}

/** Whether the tablet's own clock is wrong enough to be said on the screen. */
export const clockWrong = computed(() => {
  tick.value;
  return Math.abs(offset() ?? 0) > DOUBT_MS || Math.abs(jumped()) > DOUBT_MS;
});

/** RFC 3339 in whole seconds, UTC. */
export function stamp(epoch: number): string {
  return `${new Date(Math.floor(epoch / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

export interface Clinic {
  id?: string;
  name: string;
  timezone: string;
}
const CLINIC = "clinic";

/** The clinic this tablet stands in, as last signed in: its name and its zone, for a start without a network. */
export const clinic = signal<Clinic>(
  ((): Clinic => {
    try {
      return { name: "", timezone: "UTC", ...JSON.parse(localStorage.getItem(CLINIC) ?? "null") };
    } catch {
      return { name: "", timezone: "UTC" };
    }
  })(),
);
export function standsIn(where: Clinic): void {
  clinic.value = { name: where.name, timezone: where.timezone, ...(where.id ? { id: where.id } : {}) };
  localStorage.setItem(CLINIC, JSON.stringify(clinic.value));
}

/** Whether this browser knows the clinic's zone: an old one may not, and then tells UTC, and says so. */
export const zoneKnown = computed(() => {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: clinic.value.timezone });
    return true;
  } catch {
    return false;
  }
});
const zone = (): string => (zoneKnown.value ? clinic.value.timezone : "UTC");

// made once for a zone: a list shows many times, and each of these takes long to make
const clocked = computed(() => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone() }));
const dayed = computed(() => new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone() }));

/** "14:32" on the clinic's wall. */
export function clockText(instant: string | number): string {
  const at = typeof instant === "number" ? instant : Date.parse(instant);
  return clocked.value.format(at) + (zoneKnown.value ? "" : " UTC");
}

/** "2026-11-23" on the clinic's wall. */
export function dayText(instant: string | number): string {
  const at = typeof instant === "number" ? instant : Date.parse(instant);
  return dayed.value.format(at);
}

/** A sentence of the service with its instants as the clinic's clock shows them. */
export function spoken(sentence: string): string {
  return sentence.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (instant) => clockText(instant));
}

/** Whole minutes from one instant to another, towards zero. */
export function minutesBetween(from: string | number, to: number): number {
  return Math.trunc((to - (typeof from === "number" ? from : Date.parse(from))) / 60_000);
}

setInterval(() => {
  tick.value += 1;
}, 1000);
