// Documents that lie on this tablet for a while, each sealed under the tablet's key: nothing here is read without a
// sign-in, and nothing outlives its day.

import { open, seal } from "./keys";
import { Storage } from "./storage";

interface Row {
  iv: ArrayBuffer;
  box: ArrayBuffer;
  /** Epoch milliseconds, as near to the service's wall clock as the tablet knew. */
  kept_at: number;
}

const DAY_MS = 86_400_000;

export class Sealed {
  private db: Storage;

  constructor(
    private name: string,
    private durability: IDBTransactionDurability = "default",
  ) {
    this.db = new Storage(name, (db) => void db.createObjectStore(name));
  }

  /** Keeps one document under an id, in place of an older one. */
  async put(key: CryptoKey, id: string, document: unknown, now: number): Promise<void> {
    const row: Row = { ...(await seal(key, this.name, id, document)), kept_at: now };
    await this.db.use(async (db) => {
      const tx = db.transaction(this.name, "readwrite", { durability: this.durability });
      await Promise.all([tx.store.put(row, id), tx.done]);
    });
  }

  /** The document kept under this id and when; null: none, or one that this sign-in's key does not open. */
  async get<T>(key: CryptoKey, id: string): Promise<{ document: T; kept_at: number } | null> {
    const row: Row | undefined = await this.db.use((db) => db.get(this.name, id));
    if (!row) return null;
    try {
      return { document: await open<T>(key, this.name, id, row), kept_at: row.kept_at };
    } catch {
      return null;
    }
  }

  /** Under which ids something is kept. */
  async ids(): Promise<string[]> {
    return (await this.db.use((db) => db.getAllKeys(this.name))) as string[];
  }

  /** Takes one document away. */
  async drop(id: string): Promise<void> {
    await this.db.use(async (db) => {
      const tx = db.transaction(this.name, "readwrite", { durability: this.durability });
      await Promise.all([tx.store.delete(id), tx.done]);
    });
  }

  /** Takes away what has lain here for more than a day. `sure`: the time is the service's, so that what seems to come
   * from tomorrow was kept by a clock that was wrong, and goes too. */
  async sweep(now: number, sure: boolean): Promise<void> {
    await this.db.use(async (db) => {
      const tx = db.transaction(this.name, "readwrite", { durability: this.durability });
      for (let at = await tx.store.openCursor(); at; at = await at.continue()) {
        const row = at.value as Row;
        // kept by a version that noted no time: its day begins now
        if (row.kept_at === undefined) await at.update({ ...row, kept_at: now });
        else if (now - row.kept_at > DAY_MS || (sure && row.kept_at - now > DAY_MS)) await at.delete();
      }
      await tx.done;
    });
  }
}
