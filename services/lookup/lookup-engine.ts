import { OverloadedError } from "../../src/core/errors.js";
import { breathe } from "../../src/core/breathe.js";
import type { Answer, LookupId, LookupService, Submission } from "../../src/core/lookup.js";
import type { Hit } from "../../src/core/hit.js";
import { SECOND_MS } from "../../src/core/time.js";
import { askableOf } from "./askable.js";
import type { EgressPolicy } from "./egress-policy.js";
import { lookupIdOf } from "./lookup-id.js";
import { LookupRuns, type LookupRunsOptions } from "./lookup-runs.js";
import { markAge } from "./mark-age.js";
import type { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";
import { Replay, withdrawn } from "./replay.js";
import { snapshotOf, unrecorded } from "./snapshot.js";
import { askedAbout, candidatesOfKey, ownCopy, toSubject, type Subject } from "./subject.js";
import { WaitingRoom } from "./waiting-room.js";

export interface LookupEngineOptions extends LookupRunsOptions {
  readonly policy: EgressPolicy;
  /** Whether a `string` artifact that is no indicator is asked about as it is. Default: no. */
  readonly plainStrings?: boolean | undefined;
  /** How long a POST may wait for its answer. */
  readonly answerWithinMs: number;
  /** Whether nothing can be asked until the quota is renewed. Default: never. */
  readonly isQuotaSpent?: (() => boolean) | undefined;
  /** Resolves when a crash could not lose what was recorded so far. Default: nothing is kept anyway. */
  readonly kept?: (() => Promise<void>) | undefined;
}

const noHits: readonly [] = [];

type FinishedAnswer = Answer & { readonly state: "finished" };

/**
 * The look-up engine: one upstream look-up per value however many ask, an answer at once when there is one, and an
 * end for every look-up it accepted: hits, no hits, or an honest failure. Failures are never kept as results.
 */
export class LookupEngine implements LookupService {
  readonly #options: LookupEngineOptions;
  readonly #runs: LookupRuns;
  readonly #waitingRoom: WaitingRoom;
  #closing = false;
  #isRestoring = false;

  constructor(options: LookupEngineOptions) {
    this.#options = options;
    this.#runs = new LookupRuns(options);
    this.#waitingRoom = new WaitingRoom(options.clock);
  }

  /** Look-ups that have not ended. */
  get running(): number {
    return this.#runs.size;
  }

  /** Somebody waits for the answer to a POST. */
  get isAwaited(): boolean {
    return !this.#waitingRoom.isEmpty;
  }

  /** @param key of a subject; while a state file is read, none is known to have ended */
  isRunning(key: string): boolean {
    return this.#isRestoring || this.#runs.get(key) !== undefined;
  }

  /** What went wrong last when TruSTAR was asked. */
  get trouble(): string | undefined {
    return this.#runs.trouble;
  }

  /** An upstream call failed and will be made again. */
  noteTrouble(error: Error): void {
    this.#runs.noteTrouble(error);
  }

  async submit(submission: Submission): Promise<Answer> {
    const id = lookupIdOf(submission.sourceText, submission.file);
    const reading = askableOf(submission, this.#options);
    let step = reading.next();
    for (; step.done !== true; step = reading.next()) await breathe();
    const candidates = step.value;
    if (candidates.length === 0) return { state: "finished", id, hits: noHits };
    const subject = toSubject(ownCopy(candidates));
    const finished = this.#options.store.fresh(subject.key);
    if (finished !== undefined) {
      this.#remember(id, subject);
      this.#options.observer.taken("cached");
      return { state: "finished", id, hits: finished.hits };
    }
    const outdated = this.#outdated(id, subject.key);
    if (outdated !== undefined) {
      this.#remember(id, subject);
      this.#options.observer.taken("outdated");
      return outdated;
    }
    const lookup = this.#join(id, subject) ?? this.#accept(id, subject);
    const { answerWithinMs } = this.#options;
    if (!this.#closing && this.#isLikelyWithin(answerWithinMs, lookup)) {
      await this.#waitingRoom.wait(lookup, answerWithinMs);
    }
    // "Come back" is a promise: a crash must not turn its id into one that nobody knows, which reads "no hits".
    if (this.#runs.get(subject.key) !== undefined) await this.#options.kept?.();
    return this.#answer(id, subject.key, this.#options.firstRetrySecs);
  }

  poll(id: string): Answer {
    const known = id as LookupId;
    const key = this.#options.store.keyOf(known);
    if (key === undefined) return this.#answerUnknown(known);
    if (key === withdrawn) {
      return {
        state: "failed",
        id: known,
        error: "the rules of what may leave have changed; send the artifact again",
      };
    }
    const { laterRetrySecs } = this.#options;
    const lookup = this.#runs.get(key);
    if (lookup === undefined) return this.#ended(known, key) ?? this.#lookUpAgain(known, key);
    const answer = this.#underWay(known, lookup, laterRetrySecs);
    if (answer.state === "finished") return answer;
    // `max_retries` is meant for polls that are this far apart: those that come early because we asked for it are free.
    if (answer.retrySecs < laterRetrySecs || this.#runs.countPoll(lookup)) return answer;
    return this.#ended(known, key) ?? noRoom(known);
  }

  /**
   * Takes up what a state file kept, piece by piece. Look-ups that were under way are started again under their old ids:
   * of more than there is room for the newest, and the polls of the others are sent back.
   */
  async restore(
    records: Iterable<readonly StateRecord[]> | AsyncIterable<readonly StateRecord[]>,
  ): Promise<void> {
    const replay = new Replay(this.#options);
    this.#isRestoring = true;
    for await (const some of records) replay.take(some);
    for (const { subject, atMs, polls } of replay.open()) this.#runs.start(subject, atMs, polls);
    this.#isRestoring = false;
  }

  /** The whole state as a state file keeps it. */
  snapshot(): Iterable<StateRecord> {
    return snapshotOf(this.#options.store, this.#runs.all());
  }

  /** What of it changes without being recorded. */
  unrecorded(): Iterable<StateRecord> {
    return unrecorded(this.#options.store, this.#runs.all());
  }

  /** Accepts nothing more and lets the POSTs that wait answer "come back"; what runs stays in the snapshot. */
  drain(): void {
    this.#closing = true;
    for (const lookup of this.#runs.all()) lookup.wake();
  }

  /** Cancels what still runs. */
  close(): void {
    this.drain();
    this.#runs.close();
  }

  /**
   * While the quota is spent an old hit is better than none. An old "no hits" is not: it would read "clean".
   * @param newer hits that are known beside it
   */
  #outdated(id: LookupId, key: string, newer: readonly Hit[] = noHits): FinishedAnswer | undefined {
    const { store, clock, isQuotaSpent } = this.#options;
    if (isQuotaSpent?.() !== true) return undefined;
    const old = store.oldHits(key);
    if (old === undefined) return undefined;
    const hits = markAge(old.hits, clock.now() - old.checkedAtMs);
    return { state: "finished", id, hits: [...newer, ...hits] };
  }

  /** rc-cts, too, says "no hits" for an id that it does not know; we don't when it may be one that we have lost. */
  #answerUnknown(id: LookupId): Answer {
    if (this.#options.store.gapAtMs === undefined) return { state: "finished", id, hits: noHits };
    return { state: "failed", id, error: "this id is not remembered; send the artifact again" };
  }

  #join(id: LookupId, subject: Subject): RunningLookup | undefined {
    const lookup = this.#runs.get(subject.key);
    if (lookup === undefined) return undefined;
    this.#remember(id, subject);
    lookup.polls = 0; // a fresh question has all its polls before it
    this.#options.observer.taken("joined");
    return lookup;
  }

  #accept(id: LookupId, subject: Subject): RunningLookup {
    const { observer, clock, store } = this.#options;
    if (this.#closing || !this.#runs.hasRoomFor(subject)) {
      observer.taken("refused");
      throw new OverloadedError(
        this.#closing ? "shutting down" : "too many look-ups are waiting for TruSTAR",
      );
    }
    observer.taken("started");
    store.remember(id, subject.key);
    return this.#runs.start(subject, clock.now(), 0, id);
  }

  #remember(id: LookupId, subject: Subject): void {
    const { store, record } = this.#options;
    if (store.keyOf(id) === subject.key) return;
    store.remember(id, subject.key);
    record({ is: "id", id, of: askedAbout(subject.key) });
  }

  #answer(id: LookupId, key: string, maxRetrySecs: number): Answer {
    const lookup = this.#runs.get(key);
    return lookup === undefined
      ? (this.#ended(id, key) ?? noRoom(id))
      : this.#underWay(id, lookup, maxRetrySecs);
  }

  /** Old hits do not end the look-up: what it finds when the quota is renewed is there for the next question. */
  #underWay(
    id: LookupId,
    lookup: RunningLookup,
    maxRetrySecs: number,
  ): FinishedAnswer | (Answer & { readonly state: "pending" }) {
    const outdated = lookup.hasOldHits ? this.#outdated(id, lookup.subject.key, lookup.hits) : undefined;
    if (outdated !== undefined) return outdated;
    return { state: "pending", id, hits: lookup.hits, retrySecs: this.#retrySecs(lookup, maxRetrySecs) };
  }

  /** undefined = evicted or outlived before its poll came: "no hits" would be a lie. */
  #ended(id: LookupId, key: string): Answer | undefined {
    const failure = this.#runs.failureOf(key);
    if (failure !== undefined) return this.#outdated(id, key) ?? { state: "failed", id, error: failure };
    const finished = this.#options.store.deliver(key);
    return finished && { state: "finished", id, hits: finished.hits };
  }

  /** Otherwise the wait would only keep the platform's thread. */
  #isLikelyWithin(ms: number, lookup: RunningLookup): boolean {
    const { forecast, clock } = this.#options;
    return ms > 0 && (forecast === undefined || lookup.expectation.likelyInMs(forecast, clock.now()) <= ms);
  }

  #retrySecs(lookup: RunningLookup, maxSecs: number): number {
    const { forecast, clock } = this.#options;
    if (forecast === undefined) return maxSecs;
    const likelyInMs = lookup.expectation.likelyInMs(forecast, clock.now());
    return Math.min(Math.max(1, Math.ceil(likelyInMs / SECOND_MS)), maxSecs);
  }

  #lookUpAgain(id: LookupId, key: string): Answer {
    const outdated = this.#outdated(id, key);
    if (outdated !== undefined) return outdated;
    const candidates = candidatesOfKey(key);
    if (candidates === undefined)
      return { state: "failed", id, error: "its result is not kept any more; send the artifact again" };
    const subject = { key, candidates };
    if (this.#closing || !this.#runs.hasRoomFor(subject)) return noRoom(id);
    const { clock, laterRetrySecs } = this.#options;
    const lookup = this.#runs.start(subject, clock.now(), 0);
    return this.#underWay(id, lookup, laterRetrySecs);
  }
}

function noRoom(id: LookupId): Answer {
  return { state: "failed", id, error: "there is no room to look it up again; send the artifact again" };
}
