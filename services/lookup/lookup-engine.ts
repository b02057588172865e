import { LRUCache } from "lru-cache";
import { OverloadedError, UpstreamError } from "../../src/core/errors.js";
import type { Answer, LookupId, LookupService, Submission } from "../../src/core/lookup.js";
import type { Log } from "../../src/core/ports.js";
import { DAY_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import type { Candidate } from "./candidate.js";
import { candidatesOf } from "./candidates.js";
import type { EgressPolicy, StayReason } from "./egress-policy.js";
import type { Examiner } from "./examiner.js";
import { lookupIdOf } from "./lookup-id.js";
import { toSubject, type LookupStore, type Subject } from "./lookup-store.js";
import { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";

/** How a submission was taken, for metrics. */
export type Intake = "started" | "joined" | "cached" | "kept_inside" | "not_knowable" | "refused";
export type Ending = "hit" | "miss" | "failed";

export interface LookupObserver {
  taken(intake: Intake): void;
  kept(reason: StayReason): void;
  ended(ending: Ending, durationMs: number): void;
}

export interface LookupEngineOptions {
  readonly examiner: Examiner;
  readonly store: LookupStore;
  readonly policy: EgressPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: LookupObserver;
  /** Told of every change that should survive a restart. */
  readonly record: (record: StateRecord) => void;
  /** How long a POST may wait for its answer. */
  readonly answerWithinMs: number;
  readonly firstRetrySecs: number;
  readonly laterRetrySecs: number;
  readonly maxRetries: number;
  /** Look-ups under way; beyond that the platform is asked to come back. */
  readonly maxRunning: number;
}

/**
 * POSTs that wait for their answer at once. More of them means a burst: then everybody is told to come back, so that
 * the platform's threads bring the next artifacts and the batches fill.
 */
const maxWaiting = 8;
/** More recipients than this are a mailing list, not indicators. */
const maxCandidates = 20;
const noHits: readonly [] = [];

interface Failure {
  readonly error: string;
}

/**
 * The look-up engine: one upstream look-up per value however many ask, an answer at once when there is one, and an
 * end for every look-up it accepted: hits, no hits, or an honest failure. Failures are never kept as results.
 */
export class LookupEngine implements LookupService {
  readonly #options: LookupEngineOptions;
  readonly #running = new Map<string, RunningLookup>();
  /** Only so that the polls of a failed look-up hear of the failure; the next POST starts afresh. */
  readonly #failures: LRUCache<string, Failure>;
  readonly #giveUpAfterMs: number;
  #waiting = 0;
  #closing = false;
  #trouble: { readonly message: string; readonly atMs: number } | undefined;

  constructor(options: LookupEngineOptions) {
    this.#options = options;
    this.#failures = new LRUCache({ max: options.maxRunning });
    const pollsSecs = options.firstRetrySecs + (options.maxRetries + 1) * options.laterRetrySecs;
    this.#giveUpAfterMs = Math.min(pollsSecs * SECOND_MS, DAY_MS);
  }

  /** Look-ups that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  /** What went wrong last when TruSTAR was asked. */
  get trouble(): string | undefined {
    return this.#trouble?.message;
  }

  /** An upstream call failed and will be made again: what a look-up that runs out of polls then says. */
  noteTrouble(error: Error): void {
    this.#trouble = { message: error.message, atMs: this.#options.clock.now() };
    this.#options.log.warn(
      { err: error },
      "TruSTAR could not be asked; the look-ups wait and it will be asked again",
    );
  }

  async submit(submission: Submission): Promise<Answer> {
    const id = lookupIdOf(submission.sourceText);
    const candidates = this.#askable(submission);
    if (candidates.length === 0) return { state: "finished", id, hits: noHits };
    const subject = toSubject(candidates);
    const finished = this.#options.store.fresh(subject.key);
    if (finished !== undefined) {
      this.#remember(id, subject);
      this.#options.observer.taken("cached");
      return { state: "finished", id, hits: finished.hits };
    }
    const lookup = this.#join(subject) ?? this.#accept(subject);
    this.#remember(id, subject);
    await this.#waitAMoment(lookup);
    return this.#answer(id, subject, this.#options.firstRetrySecs);
  }

  poll(id: string): Answer {
    const known = id as LookupId;
    const subject = this.#options.store.subjectOf(id);
    if (subject === undefined) return { state: "finished", id: known, hits: noHits };
    const lookup = this.#running.get(subject.key);
    if (lookup !== undefined) this.#countPoll(lookup);
    else if (this.#isForgotten(subject)) this.#lookUpAgain(subject);
    return this.#answer(known, subject, this.#options.laterRetrySecs);
  }

  /** Takes up what a state file kept. Look-ups that were under way are started again under their old ids. */
  restore(records: readonly StateRecord[]): void {
    const open = new Map<string, { subject: Subject; atMs: number; polls: number }>();
    for (const record of records) {
      // What the configuration keeps inside by now must not leave because it was accepted before.
      if (record.of.some((candidate) => this.#options.policy.keeps(candidate) !== undefined)) continue;
      const subject = toSubject(record.of);
      if (record.is === "id") this.#options.store.remember(record.id, subject);
      else if (record.is === "asked") open.set(subject.key, { subject, ...record });
      else open.delete(subject.key);
      if (record.is === "done") {
        this.#options.store.restore(subject.key, {
          hits: record.hits,
          checkedAtMs: record.atMs,
          of: subject.candidates,
        });
      }
    }
    for (const { subject, atMs, polls } of open.values()) this.#start(subject, atMs, polls);
  }

  /** The whole state as a state file keeps it. */
  snapshot(): readonly StateRecord[] {
    const { store } = this.#options;
    const done = store
      .results()
      .map(([, { of, checkedAtMs, hits }]): StateRecord => ({ is: "done", of, atMs: checkedAtMs, hits }));
    const ids = store.ids().map(([id, { candidates }]): StateRecord => ({ is: "id", id, of: candidates }));
    const asked = [...this.#running.values()].map(({ subject, acceptedAtMs, polls, posts }): StateRecord => ({
      is: "asked",
      of: subject.candidates,
      atMs: acceptedAtMs,
      polls: Math.floor(polls / posts),
    }));
    return [...done, ...ids, ...asked];
  }

  /** Accepts nothing more and lets the POSTs that wait answer "come back"; what runs stays in the snapshot. */
  drain(): void {
    this.#closing = true;
    for (const lookup of this.#running.values()) lookup.wake();
  }

  /** Cancels what still runs. */
  close(): void {
    this.drain();
    for (const lookup of this.#running.values()) lookup.end(new OverloadedError("shutting down"));
    this.#running.clear();
  }

  #askable({ artifact, file }: Submission): readonly Candidate[] {
    const { policy, observer } = this.#options;
    const typeReason = policy.keepsType(artifact.type);
    if (typeReason !== undefined) {
      observer.taken("kept_inside");
      observer.kept(typeReason);
      return [];
    }
    const candidates = candidatesOf(artifact, file);
    const askable = candidates.filter((candidate) => {
      const reason = policy.keeps(candidate);
      if (reason !== undefined) observer.kept(reason);
      return reason === undefined;
    });
    if (askable.length === 0) observer.taken(candidates.length === 0 ? "not_knowable" : "kept_inside");
    return askable.slice(0, maxCandidates);
  }

  #join(subject: Subject): RunningLookup | undefined {
    const lookup = this.#running.get(subject.key);
    if (lookup === undefined) return undefined;
    lookup.posts += 1;
    this.#options.observer.taken("joined");
    return lookup;
  }

  #accept(subject: Subject): RunningLookup {
    const { observer, clock } = this.#options;
    if (!this.#hasRoom()) {
      observer.taken("refused");
      throw new OverloadedError(
        this.#closing ? "shutting down" : "too many look-ups are waiting for TruSTAR",
      );
    }
    observer.taken("started");
    return this.#start(subject, clock.now(), 0);
  }

  #hasRoom(): boolean {
    return !this.#closing && this.#running.size < this.#options.maxRunning;
  }

  #start(subject: Subject, acceptedAtMs: number, polls: number): RunningLookup {
    const lookup = new RunningLookup(subject, acceptedAtMs, polls);
    this.#running.set(subject.key, lookup);
    this.#failures.delete(subject.key);
    this.#options.store.forget(subject.key);
    this.#options.record({ is: "asked", of: subject.candidates, atMs: acceptedAtMs, polls });
    const leftMs = Math.max(0, acceptedAtMs + this.#giveUpAfterMs - this.#options.clock.now());
    lookup.giveUpTimer = setTimeout(() => {
      this.#fail(lookup, this.#whyUnanswered(lookup));
    }, leftMs).unref();
    void this.#run(lookup);
    return lookup;
  }

  #remember(id: LookupId, subject: Subject): void {
    const { store, record } = this.#options;
    if (store.subjectOf(id)?.key === subject.key) return;
    store.remember(id, subject);
    record({ is: "id", id, of: subject.candidates });
  }

  async #waitAMoment(lookup: RunningLookup): Promise<void> {
    const { answerWithinMs } = this.#options;
    if (answerWithinMs === 0 || this.#closing || this.#waiting >= maxWaiting) return;
    this.#waiting += 1;
    try {
      await lookup.waitForEnd(answerWithinMs);
    } finally {
      this.#waiting -= 1;
    }
  }

  #answer(id: LookupId, subject: Subject, retrySecs: number): Answer {
    const lookup = this.#running.get(subject.key);
    if (lookup !== undefined) return { state: "pending", id, hits: lookup.hits, retrySecs };
    const failure = this.#failures.get(subject.key);
    const finished = failure === undefined ? this.#options.store.deliver(subject.key) : undefined;
    if (finished !== undefined) return { state: "finished", id, hits: finished.hits };
    return {
      state: "failed",
      id,
      error: failure?.error ?? "the look-up was not accepted; send the artifact again",
    };
  }

  /** Evicted or outlived before its poll came: "no hits" would be a lie. */
  #isForgotten(subject: Subject): boolean {
    return !this.#options.store.holds(subject.key) && !this.#failures.has(subject.key);
  }

  #lookUpAgain(subject: Subject): void {
    if (this.#hasRoom()) this.#start(subject, this.#options.clock.now(), 0);
  }

  #countPoll(lookup: RunningLookup): void {
    lookup.polls += 1;
    // Incidents that hold the same artifact poll the same id: each has its own patience.
    if (lookup.polls > this.#options.maxRetries * lookup.posts)
      this.#fail(lookup, this.#whyUnanswered(lookup));
  }

  #whyUnanswered(lookup: RunningLookup): string {
    const trouble = this.#trouble;
    if (trouble !== undefined && trouble.atMs >= lookup.acceptedAtMs) return trouble.message;
    return "TruSTAR has not answered in time";
  }

  async #run(lookup: RunningLookup): Promise<void> {
    const { candidates } = lookup.subject;
    try {
      await Promise.all(
        candidates.map((candidate, index) =>
          this.#options.examiner.examine(candidate, lookup.signal, (hits) => {
            lookup.addHits(index, hits);
          }),
        ),
      );
      this.#finish(lookup);
    } catch (error) {
      if (lookup.signal.aborted) return; // its fate is on record
      this.#fail(lookup, error instanceof Error ? error.message : "unknown failure");
      if (!(error instanceof UpstreamError)) this.#options.log.error({ err: error }, "a look-up failed");
    }
  }

  #finish(lookup: RunningLookup): void {
    const { store, clock, record } = this.#options;
    const { key, candidates } = lookup.subject;
    const { hits } = lookup;
    const nowMs = clock.now();
    store.keep(key, { hits, checkedAtMs: nowMs, of: candidates });
    record({ is: "done", of: candidates, atMs: nowMs, hits });
    this.#close(lookup, hits.length > 0 ? "hit" : "miss");
  }

  #fail(lookup: RunningLookup, error: string): void {
    this.#failures.set(lookup.subject.key, { error });
    this.#options.record({ is: "dropped", of: lookup.subject.candidates });
    this.#close(lookup, "failed");
  }

  #close(lookup: RunningLookup, ending: Ending): void {
    this.#running.delete(lookup.subject.key);
    lookup.end(new Error(`the look-up ended: ${ending}`));
    this.#options.observer.ended(ending, this.#options.clock.now() - lookup.acceptedAtMs);
  }
}
