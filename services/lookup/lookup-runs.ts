import { OverloadedError, TrustarResilientError } from "../../src/core/errors.js";
import type { LookupId } from "../../src/core/lookup.js";
import type { Log } from "../../src/core/ports.js";
import { isStillOn, MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import { BoundedMap } from "./bounded-map.js";
import type { Examiner } from "./examiner.js";
import type { Forecast } from "./forecast.js";
import type { Ending, LookupObserver } from "./lookup-observer.js";
import { longestLookupMs, type LookupStore } from "./lookup-store.js";
import { RunningLookup } from "./running-lookup.js";
import type { StateRecord } from "./state-record.js";
import { askedAbout, textBytes, waitingBytes, type Subject } from "./subject.js";

/** How the platform polls for a look-up. */
export interface Polling {
  readonly firstRetrySecs: number;
  readonly laterRetrySecs: number;
  readonly maxRetries: number;
}

export interface LookupRunsOptions extends Polling {
  readonly examiner: Examiner;
  readonly store: LookupStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: LookupObserver;
  /** Told of every change that should survive a restart. */
  readonly record: (record: StateRecord) => void;
  /** When look-ups are likely to be answered. Absent: polls come as configured. */
  readonly forecast?: Forecast | undefined;
  /** Why no call can go to TruSTAR just now, when it is our own limits that hold it. Default: nothing does. */
  readonly whyHeld?: (() => string | undefined) | undefined;
  /** Look-ups under way; beyond that the platform is asked to come back. */
  readonly maxRunning: number;
  /** What they may hold beyond the few kilobytes that each takes. */
  readonly maxWaitingBytes: number;
}

/** Of what look-ups that wait may take, for the reasons of those that have failed. */
const failuresShare = 1 / 8;
/** Whoever still works for a look-up that has its end on record; nobody reads its stack, so one will do. */
const ended = new Error("the look-up has ended");

/** How long a look-up may take: nobody polls for it after that. */
export function giveUpAfterMs({ firstRetrySecs, laterRetrySecs, maxRetries }: Polling): number {
  const pollsSecs = firstRetrySecs + (maxRetries + 1) * laterRetrySecs;
  return Math.min(pollsSecs * SECOND_MS, longestLookupMs);
}

/**
 * The look-ups under way, one per subject, from their start to their one end: a result that goes to the store, or a
 * failure that goes nowhere but to those who poll for it.
 */
export class LookupRuns {
  readonly #options: LookupRunsOptions;
  readonly #running = new Map<string, RunningLookup>();
  #waitingBytes = 0;
  /** Only so that the polls of a failed look-up hear of the failure; the next POST starts afresh. */
  readonly #failures: BoundedMap<string, string>;
  readonly #giveUpAfterMs: number;
  /** By what was told of which error code: a handful of entries. */
  readonly #toldAtMs = new Map<string, number>();
  #trouble: { readonly message: string; readonly atMs: number } | undefined;

  constructor(options: LookupRunsOptions) {
    this.#options = options;
    this.#failures = new BoundedMap({
      maxEntries: options.maxRunning,
      maxBytes: options.maxWaitingBytes * failuresShare,
      bytesOf: (key, why) => textBytes(key) + textBytes(why),
    });
    this.#giveUpAfterMs = giveUpAfterMs(options);
  }

  get size(): number {
    return this.#running.size;
  }

  hasRoomFor(subject: Subject): boolean {
    const { maxRunning, maxWaitingBytes } = this.#options;
    return this.#running.size < maxRunning && this.#waitingBytes + waitingBytes(subject) <= maxWaitingBytes;
  }

  /** What went wrong last when TruSTAR was asked. */
  get trouble(): string | undefined {
    return this.#trouble?.message;
  }

  all(): Iterable<RunningLookup> {
    return this.#running.values();
  }

  get(key: string): RunningLookup | undefined {
    return this.#running.get(key);
  }

  /** Why the last look-up of the subject failed, until it is started again. */
  failureOf(key: string): string | undefined {
    return this.#failures.get(key);
  }

  /** An upstream call failed and will be made again: what a look-up that runs out of polls then says. */
  noteTrouble(error: Error): void {
    this.#trouble = { message: error.message, atMs: this.#options.clock.now() };
    this.#tellOnce(error, "TruSTAR could not be asked; the look-ups wait and it will be asked again");
  }

  /** @param id the first that asks for it, when that is not known yet */
  start(subject: Subject, acceptedAtMs: number, polls: number, id?: LookupId): RunningLookup {
    const { clock, record, store, forecast } = this.#options;
    const lookup = new RunningLookup(subject, acceptedAtMs, polls);
    this.#running.set(subject.key, lookup);
    this.#waitingBytes += lookup.bytes;
    this.#failures.delete(subject.key);
    lookup.hasOldHits = store.forget(subject.key);
    record({ is: "asked", of: subject.candidates, atMs: acceptedAtMs, polls, id });
    // Not accepted in the future: then the clock was set back, and it would be given more time than a timer can count.
    const ageMs = Math.max(0, clock.now() - acceptedAtMs);
    const leftMs = Math.max(0, this.#giveUpAfterMs - ageMs);
    lookup.giveUpTimer = setTimeout(() => {
      this.#fail(lookup, this.#whyUnanswered(lookup));
    }, leftMs).unref();
    void this.#run(lookup);
    lookup.expectation.place = forecast?.place() ?? 0;
    return lookup;
  }

  /** A poll that is told to come back; past `max_retries` it ends the look-up instead. @returns whether it goes on */
  countPoll(lookup: RunningLookup): boolean {
    lookup.polls += 1;
    if (lookup.polls <= this.#options.maxRetries) return true;
    this.#fail(lookup, this.#whyUnanswered(lookup));
    return false;
  }

  /** Cancels what runs, without a verdict. */
  close(): void {
    const reason = new OverloadedError("shutting down");
    for (const lookup of this.#running.values()) lookup.end(reason);
    this.#running.clear();
    this.#waitingBytes = 0;
  }

  async #run(lookup: RunningLookup): Promise<void> {
    const { examiner, forecast, clock } = this.#options;
    try {
      await Promise.all(
        lookup.subject.candidates.map((candidate, index) =>
          examiner.examine(candidate, lookup.cancellation, {
            onKnown: () => {
              if (forecast !== undefined) lookup.expectation.noteKnown(forecast, clock.now());
            },
            onHits: (hits) => {
              lookup.addHits(index, hits);
            },
          }),
        ),
      );
      // Its last poll may have ended it between the last answer and this line.
      if (!lookup.cancellation.aborted) this.#finish(lookup);
    } catch (error) {
      if (lookup.cancellation.aborted) return; // its fate is on record
      this.#fail(lookup, error instanceof Error ? error.message : "unknown failure");
      this.#tellOnce(error, "look-ups fail: the platform is answered 503 and asks again");
    }
  }

  /** Many fail of one cause: it is told once a minute. What is not of our making is a bug, told each time. */
  #tellOnce(error: unknown, what: string): void {
    const { clock, log } = this.#options;
    if (!(error instanceof TrustarResilientError)) {
      log.error({ err: error }, "a look-up failed");
      return;
    }
    const nowMs = clock.now();
    const cause = `${error.code} ${what}`;
    const toldAtMs = this.#toldAtMs.get(cause);
    if (toldAtMs !== undefined && isStillOn(nowMs, toldAtMs, MINUTE_MS)) return;
    this.#toldAtMs.set(cause, nowMs);
    log.warn({ err: error }, what);
  }

  #finish(lookup: RunningLookup): void {
    const { store, clock, record } = this.#options;
    const { hits } = lookup;
    const { key } = lookup.subject;
    const nowMs = clock.now();
    store.keep(key, { hits, checkedAtMs: nowMs });
    record({ is: "done", of: askedAbout(key), atMs: nowMs, hits });
    this.#end(lookup, hits.length > 0 ? "hit" : "miss");
  }

  #fail(lookup: RunningLookup, why: string): void {
    const { key } = lookup.subject;
    this.#failures.set(key, why);
    this.#options.record({ is: "dropped", of: askedAbout(key) });
    this.#end(lookup, "failed");
  }

  #end(lookup: RunningLookup, ending: Ending): void {
    this.#running.delete(lookup.subject.key);
    this.#waitingBytes -= lookup.bytes;
    lookup.end(ended);
    this.#options.observer.ended(ending, this.#options.clock.now() - lookup.acceptedAtMs);
  }

  #whyUnanswered(lookup: RunningLookup): string {
    const trouble = this.#trouble;
    if (trouble !== undefined && trouble.atMs >= lookup.acceptedAtMs) return trouble.message;
    const held = this.#options.whyHeld?.();
    return held === undefined
      ? "TruSTAR has not answered in time"
      : `TruSTAR has not been asked in time: ${held}`;
  }
}
