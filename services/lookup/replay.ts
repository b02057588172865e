import type { EgressPolicy } from "./egress-policy.js";
import type { LookupStore } from "./lookup-store.js";
import type { StateRecord } from "./state-record.js";
import { toSubject, type Subject } from "./subject.js";

/** What an id means whose values may not leave any more under the rules of today: its polls send the platform back. */
export const withdrawn = "";

/** A look-up that was under way. */
export interface OpenLookup {
  readonly subject: Subject;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly polls: number;
}

/** Brings the store to where the records end. @returns the look-ups that were under way then */
export function replay(
  records: readonly StateRecord[],
  policy: EgressPolicy,
  store: LookupStore,
): readonly OpenLookup[] {
  const open = new Map<string, OpenLookup>();
  for (const record of records) {
    if (record.is === "gap") {
      store.noteGap(record.atMs);
      continue;
    }
    const id = "id" in record ? record.id : undefined;
    // What the configuration keeps inside by now must not leave because it was accepted before.
    if (record.of.length === 0 || record.of.some((candidate) => policy.keeps(candidate) !== undefined)) {
      if (id !== undefined) store.remember(id, withdrawn);
      continue;
    }
    const subject = toSubject(record.of);
    if (id !== undefined) store.remember(id, subject.key);
    if (record.is === "id") continue;
    if (record.is === "asked") open.set(subject.key, { subject, atMs: record.atMs, polls: record.polls });
    else open.delete(subject.key);
    if (record.is === "done") store.restore(subject.key, { hits: record.hits, checkedAtMs: record.atMs });
    else store.forget(subject.key);
  }
  return [...open.values()];
}
