// Makes alerts heard and felt, and shows their number where the app itself is not looked at: in the tab's title and icon,
// and on the app's own icon. The sounds are made here; nothing is fetched.

import { computed, effect, signal, untracked } from "@preact/signals";
import { alerts, alertsHeard, type Call, type Called, callsFor, volume } from "./alerts";
import { calling, type Loudness, LOUDNESS, type Voice, VOICES, within } from "./calling";
import { hearSeen, isSeen, seen } from "./seen";
import { person } from "./store";
import { type Place, place } from "./place";
import { tick } from "./time";

const KEPT = "sound";
const USUAL: Record<Voice, Loudness> = { concern: "loud", overdue: "quiet" };

/** How loud each voice was chosen to be on this tablet. */
const chosen = signal<Record<Voice, Loudness>>(
  ((): Record<Voice, Loudness> => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Record<Voice, Loudness>> | null;
      const known = VOICES.filter((voice) => LOUDNESS.includes(kept?.[voice] as Loudness)).map((voice) => [voice, kept![voice]]);
      return { ...USUAL, ...Object.fromEntries(known) };
    } catch {
      return USUAL;
    }
  })(),
);
/** How loud each voice is here: as chosen, within what the clinic allows. */
export const loudness = computed(() => Object.fromEntries(VOICES.map((voice) => [voice, within(voice, chosen.value[voice])])) as Record<Voice, Loudness>);
export function choose(voice: Voice, how: Loudness): void {
  chosen.value = { ...chosen.value, [voice]: how };
  localStorage.setItem(KEPT, JSON.stringify(chosen.value));
  // what was chosen is heard at once
  sound({ why: voice, times: 1 });
}

// --- sound -----------------------------------------------------------------------------------------------------------

let context: AudioContext | null = null;
/** Whether a sound could be heard now: a browser lets no page sound before it was touched. */
const awake = signal(false);
/** Whether somebody has to touch the screen before anything can be heard. */
export const muted = computed(() => !awake.value);
/** Whether severe concerns are silent because somebody chose so, here or for the clinic. */
export const silenced = computed(() => loudness.value.concern === "off");

/** From a touch or a key, the only moments at which a browser lets a page begin to sound. */
export function unlockSound(): void {
  if (awake.value || typeof AudioContext === "undefined") return;
  if (context === null) {
    context = new AudioContext();
    context.onstatechange = () => void (awake.value = context?.state === "running");
  }
  void context.resume().catch(() => undefined);
}

/** Hertz and seconds: three rising and two more for a severe concern, two falling ones for a set that is overdue. */
const TUNES: Record<Voice, [pitch: number, at: number][]> = {
  concern: [[784, 0], [988, 0.2], [1175, 0.4], [988, 0.75], [1175, 0.95]],
  overdue: [[587, 0], [440, 0.3]],
};
const TREMBLES: Record<Voice, number[]> = { concern: [400, 150, 400, 150, 400], overdue: [200] };

function sound({ why, times }: Call): void {
  const loud = volume(loudness.value[why], times);
  // a clinic that wants no sound may want to be felt
  if (calling.value.vibration && (loud > 0 || chosen.value[why] !== "off")) navigator.vibrate?.(TREMBLES[why]);
  if (loud === 0 || context?.state !== "running") return;
  for (const [pitch, at] of TUNES[why]) {
    const from = context.currentTime + at;
    const level = context.createGain();
    // from nothing and back to it: a tone that begins at once clicks
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(loud, from + 0.02);
    level.gain.setValueAtTime(loud, from + 0.14);
    level.gain.linearRampToValueAtTime(0, from + 0.18);
    level.connect(context.destination);
    const tone = context.createOscillator();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    tone.connect(level);
    tone.start(from);
    tone.stop(from + 0.2);
  }
}

/** Before it calls again it hears whether somebody has seen it at another tablet. */
async function callOut(call: Call): Promise<void> {
  if (call.times > 1) await hearSeen();
  if (alerts.peek().some(({ why, ids }) => why === call.why && !isSeen(ids))) sound(call);
}

// --- the icons, and the screen that stays on -------------------------------------------------------------------------

const MARKED = "/icon-alert.svg";
const PLAIN = "/icon.svg";

/** The number on the app's icon; a browser tab's icon has room for a mark alone, and the title says how many. */
function mark(count: number): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link) link.href = count > 0 ? MARKED : PLAIN;
  const told = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  void told?.catch(() => undefined);
}

let lit: WakeLockSentinel | null = null;
let asking = false;

/** The screen stays on while the board is shown: nobody taps on a tablet that hangs on a wall. */
async function light(on: boolean): Promise<void> {
  if (!on) return lit?.release();
  if (asking || (lit !== null && !lit.released)) return;
  asking = true;
  // a tablet that saves power may refuse it
  lit = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  asking = false;
  if (!boardShown()) await lit?.release();
}
const boardShown = (): boolean => looksOn(person.peek() !== null, place.peek()) && document.visibilityState === "visible";
/** A board is looked at, and not touched: of a clinic's own people, or on a wall. */
const looksOn = (someone: boolean, { screen }: Place): boolean => screen === "wall" || (someone && screen === "board");

/** Starts what runs by itself. */
export function beginBell(): void {
  for (const event of ["pointerup", "click", "keydown"]) addEventListener(event, unlockSound, { passive: true, capture: true });
  let called: ReadonlyMap<string, Called> = new Map();
  effect(() => {
    const found = callsFor(alerts.value, seen.value, called, performance.now(), alertsHeard.value, calling.value.escalate_seconds * 1000);
    called = found.called;
    if (found.call !== null) untracked(() => void callOut(found.call!));
  });
  let counted = 0;
  effect(() => {
    const count = alerts.value.length;
    if (count !== counted) mark(count);
    counted = count;
  });
  effect(() => {
    // by the tick too: a lock that the browser took back is asked for again
    tick.value;
    const on = looksOn(person.value !== null, place.value);
    void light(on && boardShown());
  });
}
