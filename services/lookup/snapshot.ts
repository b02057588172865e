import type { LookupStore } from "./lookup-store.js";
import type { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";
import { askedAbout } from "./subject.js";

/**
 * Everything that should survive a restart, as records whose replay gives it back. There may be millions, so they are
 * taken one by one while the state goes on changing: with the records of what changes meanwhile after them, the replay
 * ends where the state is then.
 */
export function snapshotOf(store: LookupStore, running: Iterable<RunningLookup>): Iterable<StateRecord> {
  return records(store, [...running]);
}

function* records(store: LookupStore, running: readonly RunningLookup[]): Generator<StateRecord> {
  for (const { key, finished, isOld } of store.results()) {
    const of = askedAbout(key);
    yield { is: "done", of, atMs: finished.checkedAtMs, hits: finished.hits };
    if (isOld) yield { is: "dropped", of };
  }
  for (const [id, key] of store.ids()) yield { is: "id", id, of: askedAbout(key) };
  yield* underWay(running);
  yield* gapOf(store);
}

/** What changes without a record of its own: polls, and what was lost. Added when the file is closed. */
export function* unrecorded(store: LookupStore, running: Iterable<RunningLookup>): Generator<StateRecord> {
  yield* underWay(running);
  yield* gapOf(store);
}

function* underWay(running: Iterable<RunningLookup>): Generator<StateRecord> {
  for (const { subject, acceptedAtMs, polls } of running) {
    yield { is: "asked", of: subject.candidates, atMs: acceptedAtMs, polls };
  }
}

function* gapOf({ gapAtMs }: LookupStore): Generator<StateRecord> {
  if (gapAtMs !== undefined) yield { is: "gap", atMs: gapAtMs };
}
