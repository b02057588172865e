import type { BudgetGate } from "../../services/trustar/budget-gate.js";
import type { Log, ReadinessCheck } from "../core/ports.js";

/** Shares of the day's quota; each is told once when less than it is left. */
const thresholds = [0.5, 0.2, 0.05] as const;

type QuotaReadings = Pick<BudgetGate, "quota" | "quotaLeft" | "quotaRunsOutAtMs" | "isSpentForLookups">;

/** Tells an operator of the day's TruSTAR quota before it is spent. */
export class QuotaWatch {
  /** Never a reason not to be ready: what is cached is still answered. */
  readonly readiness: ReadinessCheck;
  readonly #gate: QuotaReadings;
  readonly #log: Log;
  /** How many of the thresholds have been told. */
  #told = 0;

  constructor(gate: QuotaReadings, log: Log) {
    this.#gate = gate;
    this.#log = log;
    this.readiness = {
      name: "quota",
      problem: () => Promise.resolve(undefined),
      warning: () => this.#warning(),
    };
  }

  /** Called before quota is spent. */
  look(): void {
    const quota = this.#gate.quota();
    const left = this.#gate.quotaLeft();
    if (quota === undefined || left === undefined || quota.maxRequests === 0) return;
    const share = left / quota.maxRequests;
    const isSpent = this.#gate.isSpentForLookups();
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
    const atMs = this.#gate.quotaRunsOutAtMs();
    return atMs === undefined ? {} : { runsOutAt: iso(atMs) };
  }

  #warning(): string | undefined {
    const quota = this.#gate.quota();
    const atMs = this.#gate.quotaRunsOutAtMs();
    if (this.#gate.isSpentForLookups()) {
      const renewed = quota === undefined ? "" : `; it is renewed at ${iso(quota.resetAtMs)}`;
      return `the day's TruSTAR quota is spent: new look-ups wait or end as 503${renewed}`;
    }
    if (quota === undefined || atMs === undefined) return undefined;
    const left = this.#gate.quotaLeft() ?? 0;
    return `at the present rate the day's TruSTAR quota (${left} of ${quota.maxRequests} calls left) is spent at ${iso(atMs)}, before it is renewed at ${iso(quota.resetAtMs)}`;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
