import type { Hit } from "../../src/core/hit.js";
import { Canceller } from "./cancellation.js";
import { Expectation } from "./expectation.js";
import { waitingBytes, type Subject } from "./subject.js";

/** Most look-ups end with this. */
const noHits: readonly [] = [];

/** A look-up that has neither a result nor a failure yet. */
export class RunningLookup {
  readonly subject: Subject;
  /** Milliseconds since the epoch. */
  readonly acceptedAtMs: number;
  /** What it takes while it waits. */
  readonly bytes: number;
  readonly cancellation: Canceller;
  #wakers: readonly (() => void)[] = [];
  #hitsByCandidate: (readonly Hit[])[] | undefined;
  /** Polls that were told to come back after the configured time since the artifact was last posted. */
  polls: number;
  readonly expectation = new Expectation();
  /** There are hits of an earlier look-up, for when this one can't be made. */
  hasOldHits = false;
  giveUpTimer: NodeJS.Timeout | undefined;

  constructor(subject: Subject, acceptedAtMs: number, polls: number) {
    this.subject = subject;
    this.acceptedAtMs = acceptedAtMs;
    this.bytes = waitingBytes(subject);
    this.polls = polls;
    this.cancellation = new Canceller(acceptedAtMs);
  }

  /**
   * What is known so far, in the candidates' order whatever order the answers came in. Several spellings of one value
   * have the same hits, which are shown once.
   */
  get hits(): readonly Hit[] {
    if (this.#hitsByCandidate === undefined) return noHits;
    const byText = new Map(this.#hitsByCandidate.flat().map((hit) => [JSON.stringify(hit), hit]));
    return [...byText.values()];
  }

  addHits(candidateIndex: number, hits: readonly Hit[]): void {
    const all = (this.#hitsByCandidate ??= []);
    all[candidateIndex] = [...(all[candidateIndex] ?? []), ...hits];
  }

  /** Resolves when the look-up ends or `withinMs` is over; leaves nothing behind. */
  waitForEnd(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers = this.#wakers.filter((other) => other !== wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#wakers = [...this.#wakers, wake];
    });
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const wake of this.#wakers) wake();
  }

  /** Ends the upstream work and the timer; the caller has put the look-up's fate on record. */
  end(reason: Error): void {
    clearTimeout(this.giveUpTimer);
    this.cancellation.cancel(reason);
    this.wake();
  }
}
