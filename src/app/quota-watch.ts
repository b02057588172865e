import type { DayQuota } from "../../services/trustar/day-quota.js";
import type { Log, ReadinessCheck } from "../core/ports.js";

/** Shares of the day's quota; each is told once when less than it is left. */
const thresholds = [0.5, 0.2, 0.05] as const;

/** Tells an operator of the day's TruSTAR quota before it is spent. */
export class QuotaWatch {
  /** Never a reason not to be ready: what is cached is still answered. */
  readonly readiness: ReadinessCheck;
  readonly #day: DayQuota;
  readonly #log: Log;
  /** How many of the thresholds have been told. */
  #told = 0;

  constructor(day: DayQuota, log: Log) {
    this.#day = day;
    this.#log = log;
    this.readiness = {
      name: "quota",
      problem: () => Promise.resolve(undefined),
      warning: () => this.#warning(),
    };
  }

  /** Called before quota is spent. */
  look(): void {
    const quota = this.#day.current();
    const left = this.#day.left();
    if (quota === undefined || left === undefined || quota.maxRequests === 0) return;
    const share = left / quota.maxRequests;
    const isSpent = this.#day.isSpentFor("lookup");
    const passed = isSpent
      ? thresholds.length + 1
      : thresholds.filter((threshold) => share < threshold).length;
    if (passed > this.#told) {
      const facts = { left, of: quota.maxRequests, renewedAt: iso(quota.resetAtMs), ...this.#runsOut() };
      if (isSpent)
        this.#log.error(facts, "the day's TruSTAR quota is spent: new look-ups wait or end as 503");
      else this.#log.warn(facts, "the day's TruSTAR quota runs low");
    }
    this.#told = passed;
  }

  #runsOut(): { readonly runsOutAt?: string } {
    const atMs = this.#day.runsOutAtMs();
    return atMs === undefined ? {} : { runsOutAt: iso(atMs) };
  }

  #warning(): string | undefined {
    const quota = this.#day.current();
    const atMs = this.#day.runsOutAtMs();
    if (this.#day.isSpentFor("lookup")) {
      const renewed = quota === undefined ? "" : `; it is renewed at ${iso(quota.resetAtMs)}`;
      return `the day's TruSTAR quota is spent: new look-ups wait or end as 503${renewed}`;
    }
    if (quota === undefined || atMs === undefined) return undefined;
    const left = this.#day.left() ?? 0;
    return `at the present rate the day's TruSTAR quota (${left} of ${quota.maxRequests} calls left) is spent at ${iso(atMs)}, before it is renewed at ${iso(quota.resetAtMs)}`;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
