// What the app knows right now: who is here, which clinic, whether the service can be heard, what the board shows.

import { computed, effect, signal, untracked } from "@preact/signals";
import { ask, NoAnswer, Refused, send, type Schemas } from "./api";
import { fromBase64, holders, outboxKey, unwrap, forget, wrap, toBase64, type PinHolder } from "./keys";
import { Outbox, unsent, type Item } from "./outbox";
import { clinicNow, hear, heard, offset, offsetOfStamp, stamp, tick, useZone } from "./time";

export type Person = { staff_id: string; username: string; name: string; role: Schemas["Role"]; clinic: string; ticket: string };
export type BoardItem = Schemas["BoardItemOut"];

/** Who is at this tablet; null: the lock screen. */
export const person = signal<Person | null>(null);
/** The bearer of the requests; null while only a PIN without a network opened the app. */
export const token = signal<string | null>(null);
/** The key of what lies on this tablet, while somebody is signed in. */
export const sealingKey = signal<CryptoKey | null>(null);
export const demo = signal(false);
/** Epoch milliseconds (wall) since when nothing is heard; null while connected. */
export const silentSince = signal<number | null>(Date.now());
export const connected = computed(() => silentSince.value === null);
export const board = signal<Map<string, BoardItem>>(new Map());
/** Sessions that are open on this tablet's screen: the service is told, so that it knows who may hold unsent sets. */
export const openSessions = signal<string[]>([]);

export const tabletId: string = (() => {
  const kept = localStorage.getItem("tablet");
  if (kept) return kept;
  const made = crypto.randomUUID();
  localStorage.setItem("tablet", made);
  return made;
})();
const device: string = (() => {
  const kept = localStorage.getItem("device");
  if (kept) return kept;
  const made = toBase64(crypto.getRandomValues(new Uint8Array(32)).buffer);
  localStorage.setItem("device", made);
  return made;
})();

/** Headers of everything this tablet sends for itself. */
export function own(): { token: string | null; headers: Record<string, string> } {
  return { token: token.value, headers: { "X-Tablet-Id": tabletId } };
}

async function deliver(item: Item): Promise<void> {
  if (token.value === null) throw new NoAnswer("nobody is signed in with the service");
  const headers: Record<string, string> = { ...item.headers, "X-Tablet-Id": tabletId };
  if (item.author.staff_id !== person.value?.staff_id || item.author.ticket !== person.value.ticket) headers["X-Author-Ticket"] = item.author.ticket;
  try {
    await send(item.method, item.path, item.body, { token: token.value, headers });
    lifeSign();
  } catch (failure) {
    noticeFailure(failure);
    throw failure;
  }
}

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
    void outbox.drain();
  }
}

export function noticeFailure(failure: unknown): void {
  if (failure instanceof NoAnswer) silentSince.value ??= Date.now();
  if (failure instanceof Refused && failure.problem.status === 401 && token.value !== null) {
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

async function arrived(answer: SignedIn): Promise<ArrayBuffer> {
  token.value = answer.access_token;
  const key = await ask("post", "/v1/tablets/{tablet_id}/key", { tablet_id: tabletId }, {}, own());
  const raw = fromBase64(key.body.key);
  await release(raw);
  const staff = answer.staff;
  useZone(answer.clinic.timezone);
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
  const signedIn = answer.body as SignedIn;
  rawForPin = { raw: await arrived(signedIn), until: Date.parse(signedIn.expires_at) };
}

/** Whether a PIN can be set now: after a full sign-in in this run of the app. */
export function canSetPin(): boolean {
  return rawForPin !== null && token.value !== null;
}

/** Sets a PIN for quick unlocking until the end of the shift. Raises `Refused` or `NoAnswer`. */
export async function setPin(pin: string): Promise<void> {
  const who = person.value;
  if (!who || !rawForPin) return;
  await ask("put", "/v1/tablets/{tablet_id}/pin", { tablet_id: tabletId }, { pin, device }, own());
  await wrap(pin, rawForPin.raw, { ...who, until: rawForPin.until, device });
}

/** Unlocks with a PIN: at the service where it can be heard, else on this tablet alone. False for a wrong PIN. */
export async function unlock(holder: PinHolder, pin: string): Promise<boolean> {
  const raw = await unwrap(holder, pin);
  if (raw === null) return false;
  await release(raw);
  person.value = { staff_id: holder.staff_id, username: holder.username, name: holder.name, role: holder.role as Person["role"], clinic: "", ticket: holder.ticket };
  await signInByPin(holder, pin);
  return true;
}

async function signInByPin(holder: PinHolder, pin: string): Promise<void> {
  try {
    const body = { tablet_id: tabletId, staff_id: holder.staff_id, pin, device: holder.device };
    const answer = await ask("post", "/v1/sign-in/pin", {}, body, { headers: { "X-Tablet-Id": tabletId } });
    await arrived(answer.body as SignedIn);
  } catch (failure) {
    if (failure instanceof Refused) {
      // the service no longer knows this PIN: nobody stays in by it
      await forget(holder.staff_id);
      lock();
      throw failure;
    }
    silentSince.value ??= Date.now();
  }
}

/** Who may unlock here with a PIN. */
export const pinHolders = (): Promise<PinHolder[]> => holders(Date.now());

/** One tap: nothing of a patient stays on the screen. The sign-in with the service ends too; the shift does not. */
export function lock(): void {
  person.value = null;
  token.value = null;
  rawForPin = null;
  board.value = new Map();
  openSessions.value = [];
  sealingKey.value = null;
  outbox.lock();
}

/** Ends the shift on this tablet. */
export async function signOut(): Promise<void> {
  const who = person.value;
  try {
    await ask("post", "/v1/sign-out", {}, undefined, own());
  } catch {
    // without a network the sign-in ends by itself
  }
  if (who) await forget(who.staff_id);
  lock();
}

// --- the heartbeat ---------------------------------------------------------------------------------------------------

/** Tells the service that this tablet is here, what it has open and how much it holds. */
export async function contact(): Promise<void> {
  if (token.value === null) return;
  const sentAt = performance.now();
  try {
    const said = { unsent: unsent.value, open_sessions: openSessions.value, clock_offset_ms: offset() ?? 0 };
    const answer = await ask("put", "/v1/tablets/{tablet_id}/contact", { tablet_id: tabletId }, said, own());
    hear(answer.body.now, answer.body.wall, answer.body.pace, sentAt);
    lifeSign();
  } catch (failure) {
    noticeFailure(failure);
  }
}

/** Compares the clocks before anybody is signed in. */
export async function compareClocks(): Promise<void> {
  const sentAt = performance.now();
  try {
    const answer = await ask("get", "/v1/clock", {});
    hear(answer.body.now, answer.body.wall, answer.body.pace, sentAt);
  } catch {
    // heard later
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
      if (seconds % HEARTBEAT_SECONDS === 0) void contact();
      if (seconds % 5 === 0 && unsent.value > 0) void outbox.drain();
      if (seconds % 10 === 9 && heard.value === null) void compareClocks();
    });
  });
  for (const event of ["online", "focus", "visibilitychange"] as const) {
    (event === "visibilitychange" ? document : window).addEventListener(event, () => {
      void contact();
      void outbox.drain();
    });
  }
  let touched = performance.now();
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touched = performance.now()), { passive: true });
  effect(() => {
    tick.value;
    if (person.value && performance.now() - touched > IDLE_MINUTES * 60_000) lock();
  });
  void navigator.storage?.persist?.();
}

const IDLE_MINUTES = 4;
