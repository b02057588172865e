import type { Clock } from "../../src/core/time.js";
import type { BudgetGate } from "./budget-gate.js";
import type { DailyQuota } from "./day-quota.js";
import { toldQuota } from "./told-quota.js";
import type { TrustarClient } from "./trustar-client.js";
import { enclavesAnswer, quotasAnswer, type Enclave } from "./trustar-schema.js";

/** What TruSTAR says about the account itself. All of it is free of quota. */
export class TrustarAccount {
  readonly #client: TrustarClient;
  readonly #gate: BudgetGate;
  readonly #clock: Clock;

  constructor(client: TrustarClient, gate: BudgetGate, clock: Clock) {
    this.#client = client;
    this.#gate = gate;
    this.#clock = clock;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#client.text(
      { method: "GET", endpoint: "/ping", costsQuota: false, isBrief: true, priority: "analyst" },
      signal,
    );
  }

  /** The enclaves the account sees, with its rights on each. */
  async enclaves(signal: AbortSignal): Promise<readonly Enclave[]> {
    const call = { method: "GET", endpoint: "/enclaves", costsQuota: false, priority: "analyst" } as const;
    return this.#client.json(call, enclavesAnswer, signal);
  }

  /**
   * Reads the day's quota into the gate.
   * @returns undefined when there is none (`[]`): nothing limits the day
   * @throws UpstreamError also for a quota that can't be: then it counts as unknown
   */
  async readQuota(signal: AbortSignal): Promise<DailyQuota | undefined> {
    let countedBefore = this.#gate.quota.counted;
    const call = {
      method: "GET",
      endpoint: "/request-quotas",
      costsQuota: false,
      isBrief: true,
      priority: "lookup",
      onLeave: (counted: number) => {
        countedBefore = counted;
      },
    } as const;
    const items = await this.#client.json(call, quotasAnswer, signal);
    let quota: DailyQuota | undefined;
    try {
      quota = toldQuota(items, this.#clock.now());
    } finally {
      this.#gate.setQuota(quota, countedBefore);
    }
    return quota;
  }
}
