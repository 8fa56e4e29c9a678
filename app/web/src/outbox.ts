// Everything typed goes through here: kept on this tablet first, then sent, in the order it was typed, once in the end.
//
// An item leaves this tablet only when the service has answered that it is in the record. Its id was made here, so that
// sending it again after a lost answer changes nothing. A refusal is shown to a person and never dropped. What is kept
// is encrypted under the tablet's key (see keys.ts) with strict durability: the browser's default forgets on power loss.

import { computed, signal } from "@preact/signals";
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { NoAnswer, Refused, type Problem } from "./api";
import { open, seal } from "./keys";

export type State = "on this tablet" | "sent" | "in the record" | "refused";

/** One thing typed. `path` names its ids; `about` is for people. */
export interface Item {
  id: string;
  method: "PUT" | "POST";
  path: string;
  body: unknown;
  headers: Record<string, string>;
  session_id: string | null;
  /** A patient, a course or a session made here: what comes after it for the same session waits for it. */
  makes: boolean;
  about: string;
  author: { staff_id: string; name: string; ticket: string };
  typed_at: string;
}

/** An item with where it stands. `problem` is what the service said to a refusal. */
export interface Kept {
  seq: number;
  item: Item;
  state: State;
  problem: Problem | null;
}

interface Row {
  seq?: number;
  id: string;
  refused: 0 | 1;
  iv: ArrayBuffer;
  box: ArrayBuffer;
}

interface Shape extends DBSchema {
  items: { key: number; value: Row; indexes: { id: string } };
}

/** Sends one item on behalf of its author. Raises `Refused` or `NoAnswer`. */
export type Deliver = (item: Item) => Promise<void>;

const STRICT: IDBTransactionOptions = { durability: "strict" };
/** Refusals that time or another sign-in may mend: the item waits as it is. */
const PASSING = new Set([401, 408, 425, 429, 500, 502, 503, 504]);

export const items = signal<Kept[]>([]);
/** Items that are not in the record yet, also those that cannot be read before somebody signs in. */
export const unsent = signal(0);
export const refused = computed(() => items.value.filter((kept) => kept.state === "refused"));
/** Why the last keeping failed, in words; null while it works. */
export const trouble = signal<string | null>(null);

export class Outbox {
  private db: Promise<IDBPDatabase<Shape>>;
  private key: CryptoKey | null = null;
  private draining: Promise<void> | null = null;
  private again = false;
  /** Reading all and adding one take turns, so that nothing added meanwhile falls out of the list. */
  private turn: Promise<unknown> = Promise.resolve();
  private recorded: ((item: Item) => void)[] = [];

  constructor(
    private deliver: Deliver,
    name = "outbox",
  ) {
    this.db = openDB<Shape>(name, 1, {
      upgrade(db) {
        db.createObjectStore("items", { keyPath: "seq", autoIncrement: true }).createIndex("id", "id", { unique: true });
      },
    });
  }

  /** Called for each item once the service has said that it is in the record. */
  onRecorded(tell: (item: Item) => void): void {
    this.recorded.push(tell);
  }

  /** How many items lie here. Needs no key. */
  async count(): Promise<number> {
    unsent.value = await (await this.db).count("items");
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
    return this.inTurn(() => this.readAll(key));
  }

  private async readAll(key: CryptoKey): Promise<void> {
    const rows = await (await this.db).getAll("items");
    const found: Kept[] = [];
    for (const row of rows) {
      try {
        const inside = await open<{ item: Item; problem: Problem | null }>(key, row.id, row);
        found.push({ seq: row.seq!, item: inside.item, state: row.refused ? "refused" : "on this tablet", problem: inside.problem });
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
    const sealed = await seal(this.key, item.id, { item, problem: null });
    const db = await this.db;
    try {
      const tx = db.transaction("items", "readwrite", STRICT);
      const [seq, count] = await Promise.all([tx.store.add({ id: item.id, refused: 0, ...sealed }), tx.store.count(), tx.done]);
      if (this.key !== null) items.value = [...items.value, { seq, item, state: "on this tablet", problem: null }];
      unsent.value = count;
      trouble.value = null;
    } catch (failure) {
      trouble.value = "This tablet could not keep it: its storage may be full. What you typed is still on the screen.";
      throw failure;
    }
    void this.drain();
  }

  /** Sends what waits, in order. One drain at a time; a call during one makes it look again at the end. */
  drain(): Promise<void> {
    this.again = true;
    this.draining ??= this.alone(() => this.run()).finally(() => {
      this.draining = null;
    });
    return this.draining;
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
    while (this.again) {
      this.again = false;
      const blocked = new Set(items.value.filter((kept) => kept.state === "refused" && kept.item.makes).map((kept) => kept.item.session_id));
      for (const kept of items.value) {
        if (kept.state !== "on this tablet" || blocked.has(kept.item.session_id)) continue;
        if (this.key === null) return;
        this.mark(kept.seq, "sent", null);
        try {
          await this.deliver(kept.item);
        } catch (failure) {
          if (failure instanceof Refused && !PASSING.has(failure.problem.status)) {
            if (!(await this.held(kept, () => this.refuse(kept, failure.problem)))) return;
            if (kept.item.makes) blocked.add(kept.item.session_id);
            continue;
          }
          this.mark(kept.seq, "on this tablet", null);
          if (failure instanceof NoAnswer || failure instanceof Refused) return; // later: reconnect, focus or timer
          throw failure;
        }
        if (!(await this.held(kept, () => this.done(kept)))) return;
      }
    }
  }

  /** The answer is noted here. Where the tablet cannot, the item waits as it is and is sent again: that changes nothing. */
  private async held(kept: Kept, note: () => Promise<void>): Promise<boolean> {
    try {
      await note();
      return true;
    } catch {
      trouble.value = "This tablet could not note what the service said: its storage may be full. Nothing is lost; it will be sent again.";
      this.mark(kept.seq, "on this tablet", null);
      return false;
    }
  }

  private async done(kept: Kept): Promise<void> {
    const tx = (await this.db).transaction("items", "readwrite", STRICT);
    const [, count] = await Promise.all([tx.store.delete(kept.seq), tx.store.count(), tx.done]);
    this.mark(kept.seq, "in the record", null);
    unsent.value = count;
    for (const tell of this.recorded) tell(kept.item);
    // shown a moment as done, then gone from the list
    setTimeout(() => {
      items.value = items.value.filter((held) => held.seq !== kept.seq);
    }, 4000);
  }

  private async refuse(kept: Kept, problem: Problem): Promise<void> {
    if (this.key === null) return;
    const sealed = await seal(this.key, kept.item.id, { item: kept.item, problem });
    const tx = (await this.db).transaction("items", "readwrite", STRICT);
    await tx.store.put({ seq: kept.seq, id: kept.item.id, refused: 1, ...sealed });
    await tx.done;
    this.mark(kept.seq, "refused", problem);
  }

  /** A person has looked at a refusal: send it again as it is. */
  async retry(seq: number): Promise<void> {
    const kept = items.value.find((held) => held.seq === seq);
    if (!kept || this.key === null) return;
    const sealed = await seal(this.key, kept.item.id, { item: kept.item, problem: null });
    const tx = (await this.db).transaction("items", "readwrite", STRICT);
    await tx.store.put({ seq, id: kept.item.id, refused: 0, ...sealed });
    await tx.done;
    this.mark(seq, "on this tablet", null);
    await this.drain();
  }

  /** A person has looked at a refusal and entered it anew, or it was the same thing twice: take it off this tablet. */
  async settle(seq: number): Promise<void> {
    const kept = items.value.find((held) => held.seq === seq);
    if (kept?.state !== "refused") return;
    const tx = (await this.db).transaction("items", "readwrite", STRICT);
    const [, count] = await Promise.all([tx.store.delete(seq), tx.store.count(), tx.done]);
    items.value = items.value.filter((held) => held.seq !== seq);
    unsent.value = count;
  }

  private mark(seq: number, state: State, problem: Problem | null): void {
    items.value = items.value.map((kept) => (kept.seq === seq ? { ...kept, state, problem } : kept));
  }
}
