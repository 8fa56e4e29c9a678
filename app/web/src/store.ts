// What the app knows right now: who is here, which clinic, whether the service can be heard, what the board shows.

import { computed, effect, signal, untracked } from "@preact/signals";
import { ask, NoAnswer, Refused, send, type Asked, type Schemas } from "./api";
import { begun } from "./drafts";
import { hearService } from "./epoch";
import { farewell } from "./farewell";
import { fromBase64, holders, outboxKey, unwrap, forget, wrap, toBase64, type PinHolder } from "./keys";
import type { Told } from "./looks";
import { askToLast } from "./lasting";
import { isUnproven, Outbox, unsent, type Item } from "./outbox";
import { prepareGoodbye, sayGoodbye, whatToSay } from "./saying";
import { clinic, clinicNow, forgetClock, lastHeard, offsetOfStamp, stamp, standsIn, tick, wallNow } from "./time";

export type Person = { staff_id: string; username: string; name: string; role: Schemas["Role"]; clinic: string; ticket: string };
export type BoardItem = Schemas["BoardItemOut"];

/** Who is at this tablet; null: the lock screen. */
export const person = signal<Person | null>(null);
/** The bearer of the requests; null while only a PIN without a network opened the app. */
export const token = signal<string | null>(null);
/** The key of what lies on this tablet, while somebody is signed in. */
export const sealingKey = signal<CryptoKey | null>(null);
const DEMO = "demo";
/** Whether nobody here is a patient, as last heard: for a start without a network too. */
export const demo = signal(localStorage.getItem(DEMO) === "true");
export function isDemo(said: boolean): void {
  demo.value = said;
  localStorage.setItem(DEMO, String(said));
}
/** Epoch milliseconds (wall) since when nothing is heard; null while connected. */
export const silentSince = signal<number | null>(lastHeard() ?? Date.now());
export const connected = computed(() => silentSince.value === null);
export const board = signal<Map<string, BoardItem>>(new Map());
/** Whether the board is what the service has said since somebody came in; else it is only empty. */
export const boardHeard = signal(false);
/** What the answer to the last heartbeat said of the sessions that are open here. */
export const toldOf = signal<ReadonlyMap<string, Told>>(new Map());
/** Sessions that are open on this tablet's screen: the service is told, so that it knows who may hold unsent sets. */
export const openSessions = signal<string[]>([]);

export const tabletId: string = (() => {
  const kept = localStorage.getItem("tablet");
  if (kept) return kept;
  const made = crypto.randomUUID();
  localStorage.setItem("tablet", made);
  return made;
})();
// an earlier version kept it here, in the open
localStorage.removeItem("device");

/** Headers of everything this tablet sends for itself. */
export function own(): { token: string | null; headers: Record<string, string> } {
  return { token: token.value, headers: { "X-Tablet-Id": tabletId } };
}

const PATIENCE_MS = 15_000;
const MOST_PATIENCE_MS = 120_000;

async function deliver(item: Item, tries: number): Promise<number | null> {
  const bearer = token.value;
  if (bearer === null || !charts.value) throw new NoAnswer("nobody who may chart is signed in with the service");
  const headers: Record<string, string> = { ...item.headers, "X-Tablet-Id": tabletId, "X-Item-Id": item.id };
  // one's own needs none, and the ticket of long ago may be over
  if (item.author.staff_id !== person.value?.staff_id) headers["X-Author-Ticket"] = item.author.ticket;
  try {
    // a service that answers late is waited for longer, or it would be asked for ever
    const timeout = Math.min(PATIENCE_MS * 2 ** tries, MOST_PATIENCE_MS);
    const answer = await send(item.method, item.path, item.body, { token: bearer, headers, timeout });
    // an answer that does not name what was sent is not about it, whoever gave it
    if (answer.item !== item.id || (item.session_id !== null && !Number.isInteger(answer.version))) throw new NoAnswer("it was not acknowledged");
    lifeSign();
    return answer.version;
  } catch (failure) {
    // one thing that gets no answer says little of the service: the heartbeat asks
    if (isUnproven(failure)) here.value = { ...here.value, trouble: (failure as Refused).problem.detail };
    if (!(failure instanceof NoAnswer)) noticeFailure(failure, bearer);
    else if (connected.value) void contact();
    throw failure;
  }
}

/** Whether whoever is here may chart: only then is anything sent that was typed, or said of this tablet. */
export const charts = computed(() => person.value?.role === "nurse" || person.value?.role === "clinician");
/** Whether whoever is here has to do with the patients of the day: an auditor has the audit alone, and follows nothing. */
export const onWard = computed(() => person.value !== null && person.value.role !== "auditor");
/** What the service calls this tablet, null where nobody enrolled it, undefined before it was heard; and why it cannot
 * tell that it is this one. */
export const here = signal<{ name: string | null | undefined; trouble: string | null }>({ name: undefined, trouble: null });

export const outbox = new Outbox(deliver);

/** Keeps something typed and sends it when it can. Resolves when it is safe on this tablet. */
export async function type(what: Omit<Item, "author" | "typed_at" | "headers"> & { headers?: Record<string, string> }): Promise<void> {
  const who = person.value;
  if (!who) throw new Error("nobody is signed in");
  await outbox.add({
    ...what,
    headers: { "X-Tablet-Clock-Offset-Ms": String(offsetOfStamp()), ...what.headers },
    author: { staff_id: who.staff_id, name: who.name, ticket: who.ticket },
    typed_at: stamp(clinicNow()),
  });
}

export function lifeSign(): void {
  if (silentSince.value !== null) {
    silentSince.value = null;
    void outbox.wake(true);
  }
}

/** `bearer`: whose question it was; an answer to somebody who has left locks nobody else out. */
export function noticeFailure(failure: unknown, bearer: string | null = token.value): void {
  if (failure instanceof NoAnswer) silentSince.value ??= Date.now();
  if (failure instanceof Refused && failure.problem.status === 401 && token.value !== null && bearer === token.value) {
    token.value = null;
    lock();
  }
}

// --- signing in, locking, leaving ------------------------------------------------------------------------------------

type SignedIn = Schemas["SignInOut"];

async function release(raw: ArrayBuffer): Promise<void> {
  const key = await outboxKey(raw);
  await outbox.unlock(key);
  sealingKey.value = key;
}

/** Counts the locks: an answer that was under way when the tablet was locked lets nobody back in. */
let locks = 0;

async function arrived(answer: SignedIn, before = locks): Promise<ArrayBuffer> {
  const asked = { token: answer.access_token, headers: own().headers };
  const key = await ask("post", "/v1/tablets/{tablet_id}/key", { tablet_id: tabletId }, {}, asked);
  if (before !== locks) throw new NoAnswer("locked meanwhile");
  // nothing of the clinic is asked for before what lies here can be opened too
  token.value = answer.access_token;
  const raw = fromBase64(key.body.key);
  await release(raw);
  if (before !== locks) {
    sealingKey.value = null;
    outbox.lock();
    throw new NoAnswer("locked meanwhile");
  }
  const staff = answer.staff;
  standsIn(answer.clinic);
  forgetClock();
  person.value = { staff_id: staff.id, username: staff.username, name: staff.name, role: staff.role, clinic: answer.clinic.name, ticket: answer.author_ticket };
  silentSince.value = null;
  void outbox.drain();
  void contact();
  return raw;
}

let rawForPin: { raw: ArrayBuffer; until: number } | null = null;

/** The full sign-in. Raises `Refused` or `NoAnswer`. */
export async function signIn(username: string, password: string): Promise<void> {
  const answer = await ask("post", "/v1/sign-in", {}, { username, password }, { headers: { "X-Tablet-Id": tabletId } });
  if (answer.body.password_must_change) toChange.value = { signedIn: answer.body, password };
  else await comeIn(answer.body);
}

/** Whoever has just signed in comes in. */
export async function comeIn(signedIn: SignedIn): Promise<void> {
  rawForPin = { raw: await arrived(signedIn), until: Date.parse(signedIn.expires_at) };
}

/** Who has signed in with a password that somebody else chose, and must set their own first. In memory only. */
export const toChange = signal<{ signedIn: SignedIn; password: string } | null>(null);

/** Sets one's own password, and comes in. Raises `Refused` or `NoAnswer`. */
export async function changeGiven(chosen: string): Promise<void> {
  if (toChange.value === null) return;
  const { signedIn, password } = toChange.value;
  const asked = { token: signedIn.access_token, headers: own().headers };
  await ask("post", "/v1/account/password", {}, { password, new_password: chosen }, asked);
  toChange.value = null;
  await comeIn(signedIn);
}

/** Goes away again: what the given password opened is over. */
export function leaveGiven(): void {
  const bearer = toChange.value?.signedIn.access_token;
  toChange.value = null;
  if (bearer) farewell({ bearer, shift: true, contact: async () => undefined });
}

/** The PIN set on this tablet ends with the password it came after. */
export async function pinIsOver(): Promise<void> {
  if (person.value) await forget(person.value.staff_id);
}

/** Whether a PIN can be set now: after a full sign-in in this run of the app. */
export function canSetPin(): boolean {
  return rawForPin !== null && token.value !== null;
}

/** Sets a PIN for quick unlocking until the end of the shift. Raises `Refused` or `NoAnswer`. */
export async function setPin(pin: string): Promise<void> {
  const who = person.value;
  if (!who || !rawForPin) return;
  const device = toBase64(crypto.getRandomValues(new Uint8Array(32)).buffer);
  await ask("put", "/v1/tablets/{tablet_id}/pin", { tablet_id: tabletId }, { pin, device }, own());
  await wrap(pin, rawForPin.raw, { ...who, until: rawForPin.until }, { ticket: who.ticket, device });
}

/** Unlocks with a PIN: at the service where it can be heard, else on this tablet alone. False for a wrong PIN. */
export async function unlock(holder: PinHolder, pin: string): Promise<boolean> {
  const found = await unwrap(holder, pin);
  if (found === null) return false;
  await release(found.raw);
  person.value = { staff_id: holder.staff_id, username: holder.username, name: holder.name, role: holder.role as Person["role"], clinic: clinic.value.name, ticket: found.secrets.ticket };
  await signInByPin(holder, pin, found.secrets.device);
  return true;
}

/** Somebody unlocked without the service: signs in with it as soon as it is heard. In memory only, gone when locked. */
let signInLater: (() => Promise<void>) | null = null;

/** What ends a PIN. Any other refusal is a bad moment of the service: the PIN stays good, and is tried again. */
const PIN_ENDS = new Set(["wrong-pin", "tablet-not-in-use"]);

async function signInByPin(holder: PinHolder, pin: string, device: string): Promise<void> {
  signInLater = null;
  const before = locks;
  try {
    const body = { tablet_id: tabletId, staff_id: holder.staff_id, pin, device };
    const answer = await ask("post", "/v1/sign-in/pin", {}, body, { headers: { "X-Tablet-Id": tabletId } });
    await arrived(answer.body as SignedIn, before);
  } catch (failure) {
    if (before !== locks) return;
    if (failure instanceof Refused && (PIN_ENDS.has(failure.problem.code) || isUnproven(failure))) {
      // the service says that this PIN opens nothing here: nobody stays in by it
      if (PIN_ENDS.has(failure.problem.code)) await forget(holder.staff_id);
      lock();
      throw failure;
    }
    silentSince.value ??= Date.now();
    if (person.value?.staff_id === holder.staff_id) signInLater = () => signInByPin(holder, pin, device);
  }
}

/** Who may unlock here with a PIN. */
export const pinHolders = (): Promise<PinHolder[]> => holders(wallNow());

/** One tap: nothing of a patient stays on the screen. The sign-in with the service ends too; the shift does not. */
export function lock(): void {
  leave(false);
}

function leave(shift: boolean): void {
  locks += 1;
  signInLater = null;
  openSessions.value = [];
  const bearer = token.value;
  const spoke = charts.value;
  person.value = null;
  token.value = null;
  rawForPin = null;
  boardHeard.value = false;
  board.value = new Map();
  toldOf.value = new Map();
  sealingKey.value = null;
  outbox.lock();
  // last, for it is begun at once: a locked tablet types nothing, said until it is heard, so that its silence holds nobody up
  if (bearer !== null) farewell({ bearer, shift, contact: async () => spoke && token.value === null && (await tell({ token: bearer, headers: own().headers })) });
}

/** Ends the shift on this tablet. */
export async function signOut(): Promise<void> {
  const who = person.value;
  // at once: the screen waits for no network
  leave(true);
  if (who) await forget(who.staff_id);
}

// --- the heartbeat ---------------------------------------------------------------------------------------------------

/** What the service last heard this tablet hold: how many items, and which unfinished sets. */
const told = signal<{ unsent: number; begun: readonly string[] }>({ unsent: 0, begun: [] });
/** Tells the service that this tablet is here, what it has open and how much it holds. */
export async function contact(): Promise<void> {
  const asked = own();
  if (asked.token === null) {
    const later = signInLater;
    signInLater = null;
    return later?.().catch(() => undefined);
  }
  if (!charts.value) return void ((await compareClocks()) ? lifeSign() : (silentSince.value ??= Date.now()));
  try {
    const { answer, sentAt, said, unfinished } = await tell(asked);
    hearService(answer.body, sentAt, () => void compareClocks());
    lifeSign();
    told.value = { unsent: said.unsent, begun: unfinished };
    here.value = { name: answer.body.name, trouble: null };
    if (answer.body.renew_key) void import("./renewal").then(({ renew }) => renew()).catch(() => undefined);
    if (asked.token === token.value) toldOf.value = new Map(((answer.body as { sessions?: Told[] }).sessions ?? []).map((each) => [each.id, each]));
  } catch (failure) {
    if (isUnproven(failure)) here.value = { ...here.value, trouble: (failure as Refused).problem.detail };
    noticeFailure(failure, asked.token);
  }
}

/** One heartbeat of this tablet. */
async function tell(asked: Asked) {
  const { said, unfinished } = await whatToSay(openSessions.value, () => outbox.count());
  // whoever has left has said goodbye already
  const number = asked.token === token.value ? await prepareGoodbye(asked, tabletId, said) : undefined;
  // a heartbeat after the goodbye would take it back
  if (gone) throw new NoAnswer("the page is gone");
  const sentAt = performance.now();
  const answer = await ask("put", "/v1/tablets/{tablet_id}/contact", { tablet_id: tabletId }, said, { ...asked, number });
  return { answer, sentAt, said, unfinished };
}

/** The page goes, maybe for good. */
let gone = false;
function leavePage(): void {
  gone = true;
  if (token.value !== null) sayGoodbye(token.value);
}

/** Whether the service has answered what it says to everybody, in this run of the app. */
let greeted = false;

/** Compares the clocks, and asks whether this is a demo, before anybody is signed in. */
export async function compareClocks(): Promise<boolean> {
  const sentAt = performance.now();
  try {
    const answer = await ask("get", "/v1/clock", {});
    hearService(answer.body, sentAt, () => void compareClocks());
    isDemo(answer.body.demo);
    greeted = true;
    return true;
  } catch {
    return false; // heard later
  }
}

const HEARTBEAT_SECONDS = 15;

/** Starts what runs by itself: heartbeat, drain on reconnect, focus and timer, lock after idle minutes. */
export function begin(): void {
  void outbox.count();
  void compareClocks();
  effect(() => {
    const seconds = tick.value;
    // only the clock drives this: what a heartbeat reads or changes must not start another one
    untracked(() => {
      if (seconds % (token.value === null ? 5 : HEARTBEAT_SECONDS) === 0) void contact();
      if (seconds % 5 === 0 && unsent.value > 0) void outbox.drain();
      if (seconds % 10 === 9 && !greeted) void compareClocks();
    });
  });
  for (const event of ["online", "focus", "visibilitychange"] as const) {
    (event === "visibilitychange" ? document : window).addEventListener(event, () => {
      void contact();
      void (event === "online" ? outbox.wake() : outbox.drain());
    });
  }
  addEventListener("pagehide", leavePage);
  // the browser may bring the page back as it was
  addEventListener("pageshow", () => {
    gone = false;
    void contact();
  });
  effect(() => {
    // the service knows of an opened session before the network can go
    if (openSessions.value.length > 0) untracked(() => void contact());
  });
  effect(() => {
    // whatever waits for this tablet waits no longer than it must, and a set begun here is known at once
    const sent = told.value.unsent > 0 && unsent.value === 0;
    if (sent || told.value.begun.join() !== begun.value.join()) untracked(() => void contact());
  });
  // step by step, by the clock that went further: the monotonic one may sleep with the tablet, the other may be set back
  let seen = { steady: performance.now(), wall: Date.now() };
  let idle = 0;
  const rest = (): void => {
    const now = { steady: performance.now(), wall: Date.now() };
    idle += Math.max(0, now.steady - seen.steady, now.wall - seen.wall);
    seen = now;
    if (idle <= IDLE_MINUTES * 60_000) return;
    if (person.value) lock();
    else leaveGiven();
  };
  for (const event of ["pointerdown", "keydown"])
    // a hand that comes after the tablet slept does not undo the sleep
    addEventListener(event, () => (rest(), (idle = 0)), { passive: true, capture: true });
  effect(() => {
    tick.value;
    untracked(rest);
  });
  void askToLast();
}

const IDLE_MINUTES = 4;
