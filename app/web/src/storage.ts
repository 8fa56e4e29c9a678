// The databases of this browser. A connection can end by itself (the browser ends it to save memory, or loses its storage
// process): the next use opens another one. An opening that failed is tried again too, never remembered.

import { openDB, type DBSchema, type IDBPDatabase, type OpenDBCallbacks } from "idb";

/** What a connection that is no more says to whoever uses it. Any other failure is the caller's. */
const GONE = new Set(["InvalidStateError", "UnknownError", "AbortError"]);
const isGone = (failure: unknown): boolean => failure instanceof Error && GONE.has(failure.name);

export class Storage<S extends DBSchema | unknown = unknown> {
  private opened: Promise<IDBPDatabase<S>> | null = null;

  constructor(
    private name: string,
    private upgrade: NonNullable<OpenDBCallbacks<S>["upgrade"]>,
  ) {}

  private open(): Promise<IDBPDatabase<S>> {
    if (this.opened !== null) return this.opened;
    const forget = (): void => {
      if (this.opened === opening) this.opened = null;
    };
    const opening: Promise<IDBPDatabase<S>> = openDB<S>(this.name, 1, {
      upgrade: this.upgrade,
      terminated: forget,
      // another tab deletes or upgrades it, and waits for this one
      blocking: (_, __, event) => {
        forget();
        (event.target as IDBDatabase).close();
      },
    });
    this.opened = opening;
    opening.catch(forget);
    return opening;
  }

  /** Does something with the database; once more where the connection turns out to be gone. So `act` must come to the
   * same when it is done twice. */
  async use<T>(act: (db: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    try {
      return await act(await this.open());
    } catch (failure) {
      if (!isGone(failure)) throw failure;
      this.opened = null;
      return act(await this.open());
    }
  }
}

/** Whether this browser lets the app open a database: nothing typed may be taken in where it does not. */
export async function storageWorks(): Promise<boolean> {
  try {
    const db = await openDB("works", 1);
    db.close();
    return true;
  } catch {
    return false;
  }
}
