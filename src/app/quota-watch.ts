import type { DailyQuota, DayQuota } from "../../services/trustar/day-quota.js";
import type { Log, ReadinessCheck } from "../core/ports.js";

/** Shares of the day's quota; each is told once when less than it is left. */
const thresholds = [0.5, 0.2, 0.05] as const;

/** Tells an operator of the day's TruSTAR quota before it is spent. */
export class QuotaWatch {
  /** Never a reason not to be ready: what is cached is still answered. */
  readonly readiness: ReadinessCheck;
  readonly #day: DayQuota;
  readonly #log: Log;
  /** How many of the thresholds have been told, one more for "spent". */
  #told = 0;

  constructor(day: DayQuota, log: Log) {
    this.#day = day;
    this.#log = log;
    day.onChange(() => {
      this.#look();
    });
    this.readiness = {
      name: "quota",
      problem: () => Promise.resolve(undefined),
      warning: () => this.#warning(),
    };
  }

  #look(): void {
    const quota = this.#day.current();
    const isSpent = this.#day.isSpentFor("lookup");
    const passed = isSpent ? thresholds.length + 1 : thresholdsPassed(quota);
    if (passed > this.#told) this.#tell(isSpent, quota);
    // A few calls that come free again, as when the analysts' part melts, are no news.
    if (passed > this.#told || passed <= 1) this.#told = passed;
  }

  #tell(isSpent: boolean, quota: DailyQuota | undefined): void {
    const renewedAtMs = isSpent ? this.#day.renewedAtMs("lookup") : quota?.resetAtMs;
    const facts = {
      left: this.#day.left(),
      of: quota?.maxRequests,
      renewedAt: renewedAtMs && iso(renewedAtMs),
      ...this.#runsOut(),
    };
    if (isSpent) this.#log.error(facts, "the day's TruSTAR quota is spent: new look-ups wait or end as 503");
    else this.#log.warn(facts, "the day's TruSTAR quota runs low");
  }

  #runsOut(): { readonly runsOutAt?: string } {
    const atMs = this.#day.runsOutAtMs();
    return atMs === undefined ? {} : { runsOutAt: iso(atMs) };
  }

  #warning(): string | undefined {
    if (this.#day.isSpentFor("lookup")) {
      const renewedAt = iso(this.#day.renewedAtMs("lookup"));
      return `the day's TruSTAR quota is spent: new look-ups wait or end as 503; it is renewed at ${renewedAt}`;
    }
    const quota = this.#day.current();
    const atMs = this.#day.runsOutAtMs();
    if (quota === undefined || atMs === undefined) return undefined;
    const left = this.#day.left() ?? 0;
    return `at the present rate the day's TruSTAR quota (${left} of ${quota.maxRequests} calls left) is spent at ${iso(atMs)}, before it is renewed at ${iso(quota.resetAtMs)}`;
  }
}

function thresholdsPassed(quota: DailyQuota | undefined): number {
  if (quota === undefined) return 0;
  const share = (quota.maxRequests - quota.usedRequests) / quota.maxRequests;
  return thresholds.filter((threshold) => share < threshold).length;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
