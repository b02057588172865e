import type { LookupStore } from "./lookup-store.js";
import type { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";
import { candidatesOfKey } from "./subject.js";

/**
 * Everything that should survive a restart, as records whose replay gives it back: the state of this moment, however
 * slowly the records are taken. There may be hundreds of thousands.
 */
export function snapshotOf(store: LookupStore, running: Iterable<RunningLookup>): Iterable<StateRecord> {
  return records(store.results(), store.ids(), [...running], store.gapAtMs);
}

function* records(
  results: ReturnType<LookupStore["results"]>,
  ids: ReturnType<LookupStore["ids"]>,
  running: readonly RunningLookup[],
  gapAtMs: number | undefined,
): Generator<StateRecord> {
  for (const { key, finished, isOld } of results) {
    const of = candidatesOfKey(key);
    yield { is: "done", of, atMs: finished.checkedAtMs, hits: finished.hits };
    if (isOld) yield { is: "dropped", of };
  }
  for (const [id, key] of ids) yield { is: "id", id, of: candidatesOfKey(key) };
  for (const { subject, acceptedAtMs, polls } of running) {
    yield { is: "asked", of: subject.candidates, atMs: acceptedAtMs, polls };
  }
  if (gapAtMs !== undefined) yield { is: "gap", atMs: gapAtMs };
}
