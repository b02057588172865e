import { BoundedMap } from "./bounded-map.js";
import type { EgressPolicy } from "./egress-policy.js";
import type { LookupStore } from "./lookup-store.js";
import type { StateRecord } from "./state-record.js";
import { toSubject, waitingBytes, type AskedAbout, type Subject } from "./subject.js";

/** What an id means whose values may not leave any more under the rules of today: its polls send the platform back. */
export const withdrawn = "";

/** A look-up that was under way. */
export interface OpenLookup {
  readonly subject: Subject;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly polls: number;
}

export interface ReplayOptions {
  readonly policy: EgressPolicy;
  readonly store: LookupStore;
  /** As many look-ups under way as there may be; of more the newest are taken up again. */
  readonly maxRunning: number;
  readonly maxWaitingBytes: number;
}

/** Brings the store to where the records end, and finds the look-ups that were under way then. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #open: BoundedMap<string, OpenLookup>;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#open = new BoundedMap({
      maxEntries: options.maxRunning,
      maxBytes: options.maxWaitingBytes,
      bytesOf: (_key, { subject }) => waitingBytes(subject),
    });
  }

  take(records: Iterable<StateRecord>): void {
    for (const record of records) this.#takeOne(record);
  }

  /** Oldest first. */
  *open(): Generator<OpenLookup> {
    for (const [, lookup] of this.#open) yield lookup;
  }

  #takeOne(record: StateRecord): void {
    const { store } = this.#options;
    if (record.is === "gap") {
      store.noteGap(record.atMs);
      return;
    }
    const id = "id" in record ? record.id : undefined;
    // What the configuration keeps inside by now must not leave because it was accepted before.
    if (!this.#mayLeave(record.of)) {
      if (id !== undefined) store.remember(id, withdrawn);
      return;
    }
    const key = typeof record.of === "string" ? record.of : toSubject(record.of).key;
    if (id !== undefined) store.remember(id, key);
    if (record.is === "id") return;
    if (record.is === "asked") {
      this.#open.set(key, {
        subject: { key, candidates: record.of },
        atMs: record.atMs,
        polls: record.polls,
      });
    } else this.#open.delete(key);
    if (record.is === "done") store.restore(key, { hits: record.hits, checkedAtMs: record.atMs });
    else store.forget(key);
  }

  /** A digest can't: nothing is ever asked by it. */
  #mayLeave(of: AskedAbout): boolean {
    if (typeof of === "string") return true;
    return of.length > 0 && of.every((candidate) => this.#options.policy.keeps(candidate) === undefined);
  }
}
