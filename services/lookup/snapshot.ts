import type { LookupStore } from "./lookup-store.js";
import type { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";
import { candidatesOfKey } from "./subject.js";

/** Everything that should survive a restart, as records whose replay gives it back. */
export function snapshotOf(store: LookupStore, running: Iterable<RunningLookup>): readonly StateRecord[] {
  const done = store.results().map(([key, { checkedAtMs, hits }]): StateRecord => ({
    is: "done",
    of: candidatesOfKey(key),
    atMs: checkedAtMs,
    hits,
  }));
  const ids = store.ids().map(([id, key]): StateRecord => ({ is: "id", id, of: candidatesOfKey(key) }));
  const asked = [...running].map(({ subject, acceptedAtMs, polls }): StateRecord => ({
    is: "asked",
    of: subject.candidates,
    atMs: acceptedAtMs,
    polls,
  }));
  const gap = store.gapAtMs === undefined ? [] : [{ is: "gap", atMs: store.gapAtMs } as const];
  return [...done, ...ids, ...asked, ...gap];
}
