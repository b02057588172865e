import type { Log } from "../../src/core/ports.js";
import { DAY_MS, MINUTE_MS, type Clock } from "../../src/core/time.js";
import type { BudgetGate } from "./budget-gate.js";
import type { DailyQuota } from "./day-quota.js";
import type { TrustarClient } from "./trustar-client.js";
import { enclavesAnswer, quotasAnswer, type Enclave } from "./trustar-schema.js";

/** The quota is re-read this often while calls are made: other programs spend from it too. */
const quotaReadEveryMs = 10 * MINUTE_MS;

/** What TruSTAR says about the account itself. All of it is free of quota. */
export class TrustarAccount {
  readonly #client: TrustarClient;
  readonly #gate: BudgetGate;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #quotaDueAtMs = 0;

  constructor(client: TrustarClient, gate: BudgetGate, clock: Clock, log: Log, signal: AbortSignal) {
    this.#client = client;
    this.#gate = gate;
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#client.text(
      { method: "GET", endpoint: "/ping", costsQuota: false, priority: "analyst" },
      signal,
    );
  }

  /** The enclaves the account sees, with its rights on each. */
  async enclaves(signal: AbortSignal): Promise<readonly Enclave[]> {
    const call = { method: "GET", endpoint: "/enclaves", costsQuota: false, priority: "analyst" } as const;
    return this.#client.json(call, enclavesAnswer, signal);
  }

  /** Reads the day's quota into the gate. @returns undefined when there is none (`[]`): nothing limits the day */
  async readQuota(signal: AbortSignal): Promise<DailyQuota | undefined> {
    const call = {
      method: "GET",
      endpoint: "/request-quotas",
      costsQuota: false,
      priority: "lookup",
    } as const;
    const quotas = await this.#client.json(call, quotasAnswer, signal);
    const daily = quotas.find((quota) => (quota.timeWindow ?? DAY_MS) === DAY_MS) ?? quotas[0];
    if (daily === undefined) return undefined;
    const { maxRequests, usedRequests, nextResetTime: resetAtMs } = daily;
    const quota = { maxRequests, usedRequests, resetAtMs };
    this.#gate.setQuota(quota);
    return quota;
  }

  /** Called when quota is about to be spent; reads it in the background when our knowledge of it is old. */
  keepQuotaFresh(): void {
    const nowMs = this.#clock.now();
    if (nowMs < this.#quotaDueAtMs) return;
    this.#quotaDueAtMs = nowMs + quotaReadEveryMs;
    this.readQuota(this.#signal).catch((error: unknown) => {
      this.#quotaDueAtMs = this.#clock.now() + MINUTE_MS;
      if (!this.#signal.aborted) this.#log.warn({ err: error }, "the TruSTAR quota could not be read");
    });
  }
}
