// Everything typed goes through here: kept on this tablet first, then sent, in the order it was typed, once in the end.
//
// An item counts as in the record only when the service has named it (see `api.ts`), and stays on the screen until a
// record that is at least as new is held here. Its id was made here, so that sending it again after a lost answer changes
// nothing. What has arrived lies here for three days more: see again.ts. A refusal is shown to a person and never dropped, and what rests on it is refused with it. What is kept is encrypted under the tablet's key (see
// keys.ts) with strict durability: the browser's default forgets on power loss.

import { computed, signal } from "@preact/signals";
import type { DBSchema } from "idb";
import { NoAnswer, Refused, type Problem } from "./api";
import { isUnfounded, lanes, laneOf, nextIn, restingOn, unfounded, type Item, type Kept, type State } from "./items";
import { open, seal } from "./keys";
import { Storage } from "./storage";
import { wallNow } from "./time";

export type { Item, Kept, State } from "./items";

/** How a row lies here: 0 to be sent, 1 refused, 2 in the record, waiting for a record that shows it, 3 in the record and
 * kept in case that is lost. */
type Standing = 0 | 1 | 2 | 3;
const STATES: Record<Standing, State> = { 0: "on this tablet", 1: "refused", 2: "in the record", 3: "in the record" };

export interface Row {
  seq?: number;
  id: string;
  refused: Standing;
  /** Of one that is kept: since when, by the service's wall clock. */
  kept_at?: number;
  /** It was in the record once, and is offered to one that was brought back. */
  again?: boolean;
  iv: ArrayBuffer;
  box: ArrayBuffer;
}

interface Inside {
  item: Item;
  problem: Problem | null;
  version?: number | null;
}

export interface Shape extends DBSchema {
  items: { key: number; value: Row; indexes: { id: string } };
}

/** Sends one item on behalf of its author; the session's version with it, null where it is of none. Raises `Refused` or
 * `NoAnswer`. `tries`: how often its lane failed in a row. */
export type Deliver = (item: Item, tries: number) => Promise<number | null>;

const STRICT: IDBTransactionOptions = { durability: "strict" };
/** Refusals that time or another sign-in may mend: the item waits as it is. */
const PASSING = new Set([401, 408, 425, 429, 500, 502, 503, 504]);
/** What is offered again may come before what it rests on, which lies on another tablet: so often it is tried again. */
const OUT_OF_ORDER = new Set([404, 409, 412]);
const OFFERS = 9;
/** That this tablet is not known by its key, or is out of use, or that another may send it: it waits for a lead, or for
 * somebody else. */
export const isUnproven = (failure: unknown): boolean => failure instanceof Refused && failure.problem.status === 403 && /tablet|^sender/.test(failure.problem.code);
/** How long a lane rests after it failed: longer each time, up to a minute. */
const REST_MS = 2_000;
const LONGEST_MS = 60_000;
/** How long an item that has arrived is shown as such. */
const SHOWN_MS = 4_000;

export const items = signal<Kept[]>([]);
/** Items that are not in the record yet, also those that cannot be read before somebody signs in. */
export const unsent = signal(0);
export const refused = computed(() => items.value.filter((kept) => kept.state === "refused"));
/** Why the last keeping failed, in words; null while it works. */
export const trouble = signal<string | null>(null);

interface Rest {
  tries: number;
  until: number;
  /** There was no answer at all: as soon as the service is heard it is tried again. */
  unheard: boolean;
}

export class Outbox {
  private db: Storage<Shape>;
  private key: CryptoKey | null = null;
  private draining: Promise<void> | null = null;
  private more: () => void = () => undefined;
  private rests = new Map<string, Rest>();
  /** Reading all and adding one take turns, so that nothing added meanwhile falls out of the list. */
  private turn: Promise<unknown> = Promise.resolve();
  private recorded: ((item: Item, version: number | null) => void)[] = [];

  constructor(
    private deliver: Deliver,
    name = "outbox",
  ) {
    this.db = new Storage<Shape>(name, (db) => {
      db.createObjectStore("items", { keyPath: "seq", autoIncrement: true }).createIndex("id", "id", { unique: true });
    });
  }

  /** Called for each item once the service has said that it is in the record; with the session's version, if it is of one. */
  onRecorded(tell: (item: Item, version: number | null) => void): void {
    this.recorded.push(tell);
  }

  /** How many items lie here that are not in the record. Needs no key. */
  async count(): Promise<number> {
    const rows = await this.db.use((db) => db.getAll("items"));
    unsent.value = rows.filter((row) => row.refused < 2).length;
    return unsent.value;
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act, act);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Somebody signed in: what lies here can be read and sent. Items of another key stay, unread. */
  unlock(key: CryptoKey): Promise<void> {
    this.key = key;
    this.mine.clear();
    this.rests.clear();
    return this.inTurn(() => this.readAll(key));
  }

  private async readAll(key: CryptoKey): Promise<void> {
    const rows = await this.db.use((db) => db.getAll("items"));
    const found: Kept[] = [];
    for (const row of rows) {
      if (row.refused === 3) continue;
      try {
        const inside = await open<Inside>(key, "outbox", row.id, row);
        found.push({ seq: row.seq!, item: inside.item, state: STATES[row.refused], problem: inside.problem, version: inside.version ?? null, again: row.again === true });
      } catch {
        trouble.value = "Something kept on this tablet cannot be read with this sign-in. It is kept; tell the lead.";
      }
    }
    if (this.key !== key) return; // locked meanwhile, or somebody else's turn
    items.value = found;
    await this.count();
  }

  /** Locked: nothing that lies here stays readable. */
  lock(): void {
    this.key = null;
    items.value = [];
  }

  /** Keeps one item. It is safe on this tablet when this resolves; raises where it could not be kept. */
  add(item: Item): Promise<void> {
    return this.inTurn(() => this.put(item));
  }

  private async put(item: Item): Promise<void> {
    if (this.key === null) throw new Error("nobody is signed in");
    const sealed = await seal(this.key, "outbox", item.id, { item, problem: null } satisfies Inside);
    let tries = 0;
    try {
      const seq = await this.db.use(async (db) => {
        tries += 1;
        const tx = db.transaction("items", "readwrite", STRICT);
        // the connection may have gone after it was kept
        const there = tries > 1 ? await tx.store.index("id").getKey(item.id) : undefined;
        const [key] = await Promise.all([there ?? tx.store.add({ id: item.id, refused: 0, ...sealed }), tx.done]);
        return key;
      });
      if (this.key !== null) items.value = [...items.value, { seq, item, state: "on this tablet", problem: null, version: null }];
      unsent.value += 1;
      trouble.value = null;
    } catch (failure) {
      trouble.value = "This tablet could not keep it: its storage may be full. What you typed is still on the screen.";
      throw failure;
    }
    void this.drain();
  }

  /** Sends what waits, in each lane in order, except where a lane rests. */
  drain(): Promise<void> {
    this.more();
    this.draining ??= this.alone(() => this.run()).finally(() => {
      this.draining = null;
    });
    return this.draining;
  }

  /** The service is heard again (`unheard`), or a person asks for it: who rested for that rests no longer. */
  wake(unheard = false): Promise<void> {
    for (const [lane, rest] of this.rests) if (!unheard || rest.unheard) this.rests.set(lane, { ...rest, until: 0 });
    return this.drain();
  }

  /** Of several tabs one sends at a time; the others look again later. */
  private async alone(act: () => Promise<void>): Promise<void> {
    if (!globalThis.navigator?.locks) return act();
    await navigator.locks.request("outbox", { ifAvailable: true }, (mine) => (mine ? act() : undefined));
  }

  private async run(): Promise<void> {
    const key = this.key;
    const listed = items.value.filter((kept) => kept.state !== "in the record").length;
    // another tab has put something here, or has sent what this one still lists
    if (key !== null && (await this.count()) !== listed) await this.inTurn(() => this.readAll(key));
    const running = new Map<string, Promise<void>>();
    while (this.key !== null) {
      const called = new Promise<void>((again) => (this.more = again));
      for (const lane of lanes(items.value)) {
        const rests = (this.rests.get(lane)?.until ?? 0) > performance.now();
        if (running.has(lane) || rests || nextIn(lane, items.value) === null) continue;
        running.set(lane, this.sendAll(lane).finally(() => running.delete(lane)));
      }
      if (running.size === 0) return;
      await Promise.race([...running.values(), called]);
    }
  }

  private async sendAll(lane: string): Promise<void> {
    for (let kept = nextIn(lane, items.value); kept !== null && this.key !== null; kept = nextIn(lane, items.value)) {
      if (!(await this.sendOne(lane, kept))) return;
    }
  }

  /** What was taken off this tablet after it was refused, in this run of the app, by what people call it. */
  private settled = new Map<string, string>();

  /** What an item rests on, by what people call it, where that was refused; null: it may be sent. */
  private refusedGround({ rests }: Item): string | null {
    if (rests === undefined) return null;
    const ground = items.value.find(({ item, state }) => item.id === rests && state === "refused");
    return ground?.item.about ?? this.settled.get(rests) ?? null;
  }

  /** False: the lane rests. */
  private async sendOne(lane: string, kept: Kept): Promise<boolean> {
    const ground = this.refusedGround(kept.item);
    if (ground !== null) return this.held(lane, kept, () => this.keepAs(1, [{ ...kept, problem: unfounded(ground) }]));
    this.mark(kept.seq, { state: "sent", problem: null });
    let version: number | null;
    try {
      version = await this.deliver(kept.item, this.rests.get(lane)?.tries ?? 0);
    } catch (failure) {
      if (failure instanceof Refused && !PASSING.has(failure.problem.status) && !isUnproven(failure) && !this.mayFollow(lane, kept, failure)) {
        this.rests.delete(lane);
        return this.held(lane, kept, () => this.keepAs(1, [{ ...kept, problem: failure.problem }]));
      }
      this.mark(kept.seq, { state: "on this tablet", problem: null });
      this.rest(lane, failure instanceof NoAnswer && failure.unheard);
      if (failure instanceof NoAnswer || failure instanceof Refused) return false;
      throw failure;
    }
    this.rests.delete(lane);
    return this.held(lane, kept, () => this.done(kept, version));
  }

  private mayFollow(lane: string, { again }: Kept, { problem }: Refused): boolean {
    return again === true && OUT_OF_ORDER.has(problem.status) && (this.rests.get(lane)?.tries ?? 0) < OFFERS;
  }

  private rest(lane: string, unheard: boolean): void {
    const tries = (this.rests.get(lane)?.tries ?? 0) + 1;
    // not all at once: many tablets come back at the same moment
    const gap = Math.min(LONGEST_MS, REST_MS * 2 ** (tries - 1)) * (0.75 + Math.random() / 4);
    this.rests.set(lane, { tries, until: performance.now() + gap, unheard });
  }

  /** The answer is noted here. Where the tablet cannot, the item waits as it is and is sent again: that changes nothing. */
  private async held(lane: string, kept: Kept, note: () => Promise<void>): Promise<boolean> {
    try {
      await note();
      return true;
    } catch {
      trouble.value = "This tablet could not note what the service said: its storage may be full. Nothing is lost; it will be sent again.";
      this.mark(kept.seq, { state: "on this tablet", problem: null });
      this.rest(lane, false);
      return false;
    }
  }

  private async done(kept: Kept, version: number | null): Promise<void> {
    // of no session: there is no record that would show it
    if (version === null) await this.layBy([kept.seq]);
    else await this.keepAs(2, [{ ...kept, problem: null, version }]);
    this.mark(kept.seq, { state: "in the record", problem: null, version });
    await this.count();
    for (const tell of this.recorded) tell(kept.item, version);
    // shown a moment as done
    setTimeout(() => {
      this.shown.add(kept.seq);
      this.sweep();
    }, SHOWN_MS);
  }

  private shown = new Set<number>();
  private successors = new Map<string, number>();

  /** A record of this session is held here, of this version: what it shows is let go. */
  letGo(session_id: string, version: number): void {
    this.successors.set(session_id, Math.max(version, this.successors.get(session_id) ?? 0));
    this.sweep();
  }

  private sweep(): void {
    const held = items.value.filter(
      ({ item, state, version }) => state === "in the record" && (version === null || version <= (this.successors.get(item.session_id ?? "") ?? -1)),
    );
    const lie = held.filter(({ version }) => version !== null).map(({ seq }) => seq);
    if (lie.length > 0) void this.layBy(lie).catch(() => undefined);
    // what was read back from the tablet was shown long enough
    const over = held.filter(({ seq }) => this.shown.has(seq) || !this.mine.has(seq));
    if (over.length > 0) items.value = items.value.filter((kept) => !over.includes(kept));
  }

  /** Sent in this run of the app. */
  private mine = new Set<number>();

  /** It is needed here no more, unless the record is lost. */
  private async layBy(seqs: readonly number[]): Promise<void> {
    await this.db.use(async (db) => {
      const tx = db.transaction("items", "readwrite", STRICT);
      for (const seq of seqs) {
        const row = await tx.store.get(seq);
        if (row !== undefined) await tx.store.put({ ...row, refused: 3, kept_at: wallNow() });
      }
      await tx.done;
    });
  }

  private async remove(seqs: readonly number[]): Promise<void> {
    await this.db.use(async (db) => {
      const tx = db.transaction("items", "readwrite", STRICT);
      await Promise.all([...seqs.map((seq) => tx.store.delete(seq)), tx.done]);
    });
  }

  /** Keeps items as they stand now: all of them or none. */
  private async keepAs(standing: Standing, all: readonly Kept[]): Promise<void> {
    const { key } = this;
    if (key === null) throw new Error("locked meanwhile");
    const row = async ({ seq, item, problem, version, again }: Kept): Promise<Row> => ({ seq, id: item.id, refused: standing, ...(again ? { again } : {}), ...(await seal(key, "outbox", item.id, { item, problem, version } satisfies Inside)) });
    const rows = await Promise.all(all.map(row));
    await this.db.use(async (db) => {
      const tx = db.transaction("items", "readwrite", STRICT);
      await Promise.all([...rows.map((each) => tx.store.put(each)), tx.done]);
    });
    for (const { seq, problem } of all) this.mark(seq, { state: STATES[standing], problem });
  }

  /** A person has looked at a refusal: send it again as it is, and after it what rests on it. */
  async retry(seq: number): Promise<void> {
    const kept = items.value.find((held) => held.seq === seq);
    // what rests on another refusal goes with that one, or not at all
    if (kept?.state !== "refused" || isUnfounded(kept)) return;
    const again = [kept, ...restingOn(kept.item.id, items.value).filter(isUnfounded)];
    await this.keepAs(0, again.map((each) => ({ ...each, problem: null })));
    this.rests.delete(laneOf(kept.item));
    await this.drain();
  }

  /** A refused item whose values the service has kept in some other way: take it off this tablet. What rests on it is
   * refused for good, before nothing here says any more why. */
  async settle(seq: number): Promise<void> {
    const kept = items.value.find((held) => held.seq === seq);
    if (kept?.state !== "refused") return;
    const { id, about } = kept.item;
    const resting = restingOn(id, items.value).filter(({ state }) => state === "on this tablet");
    if (resting.length > 0) await this.keepAs(1, resting.map((each) => ({ ...each, problem: unfounded(about) })));
    this.settled.set(id, about);
    await this.remove([seq]);
    items.value = items.value.filter((held) => held.seq !== seq);
    await this.count();
  }

  private mark(seq: number, change: Partial<Kept>): void {
    if (change.state === "sent") this.mine.add(seq);
    items.value = items.value.map((kept) => (kept.seq === seq ? { ...kept, ...change } : kept));
  }
}
