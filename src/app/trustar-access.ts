import { createHttp } from "../../services/http/create-http.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import type { DailyQuota } from "../../services/trustar/day-quota.js";
import type { SlidingWindow } from "../../services/trustar/sliding-window.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient, type UpstreamObserver } from "../../services/trustar/trustar-client.js";
import type { WayOut } from "../config/app-config.js";
import type { Enclave } from "../../services/trustar/trustar-schema.js";
import type { Log } from "../core/ports.js";
import { hostAndPort } from "../core/proxy.js";
import type { Secret } from "../core/secret.js";
import type { Clock } from "../core/time.js";
import { QuotaWatch } from "./quota-watch.js";
import type { Releasers } from "./releasers.js";

/** The budget of each API key, shared by the threat source and the accounts that use it; one window for the address. */
export class Budgets {
  readonly #clock: Clock;
  readonly #address: SlidingWindow = createAddressWindow();
  readonly #gates = new Map<string, BudgetGate>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  gateOf({ url, apiKey, callsPerMinute }: Omit<TrustarLogin, "apiSecret" | "timeoutMs">): BudgetGate {
    const key = `${url} ${apiKey.reveal()}`;
    const gate = this.#gates.get(key) ?? new BudgetGate(this.#clock, this.#address, callsPerMinute);
    // Of several sections with the same key the lowest number counts.
    gate.lowerTo(callsPerMinute);
    this.#gates.set(key, gate);
    return gate;
  }

  /** There is a worker: look-ups leave it its part of the calls; the day's quota is the company's whatever the key. */
  reserveForAnalysts(): void {
    for (const gate of this.#gates.values()) gate.reserveForAnalysts();
  }

  /** Lets nobody wait any longer: the program ends. */
  close(): void {
    for (const gate of this.#gates.values()) gate.close();
  }
}

export interface TrustarLogin extends WayOut {
  readonly url: string;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  readonly callsPerMinute: number;
  readonly timeoutMs: number;
}

export interface TrustarAccessDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  readonly upstream: UpstreamObserver;
  readonly budgets: Budgets;
}

export interface TrustarAccess {
  readonly client: TrustarClient;
  readonly gate: BudgetGate;
  readonly quotaWatch: QuotaWatch;
  /** Told before a call that costs quota. */
  readonly beforeCost: () => void;
  /** What the account can see. */
  readonly listEnclaves: (signal: AbortSignal) => Promise<readonly Enclave[]>;
  /** The day's quota; undefined when nothing limits the day. */
  readonly readQuota: (signal: AbortSignal) => Promise<DailyQuota | undefined>;
}

/** The wire to one TruSTAR account, closed with `releasers`. */
export function openTrustarAccess(
  login: TrustarLogin,
  maxSockets: number,
  deps: TrustarAccessDeps,
  releasers: Releasers,
): TrustarAccess {
  const { log, clock, version, upstream, budgets } = deps;
  const gate = budgets.gateOf(login);
  const { timeoutMs, ca, proxy } = login;
  if (proxy !== undefined) {
    log.info(
      { url: login.url, proxy: hostAndPort(proxy), setBy: proxy.setBy },
      "TruSTAR is asked through a proxy",
    );
  }
  const http = createHttp({ upstream: "TruSTAR", timeoutMs, maxSockets, ca, proxy });
  const client = new TrustarClient({ ...login, version, http, gate, clock, observe: upstream });
  const ended = new AbortController();
  const account = new TrustarAccount(client, gate, clock, log, ended.signal);
  releasers.add("TruSTAR client", () => {
    ended.abort(new Error("shutting down"));
    client.close();
  });
  const quotaWatch = new QuotaWatch(gate.quota, log);
  return {
    client,
    gate,
    quotaWatch,
    beforeCost: () => {
      account.keepQuotaFresh();
      quotaWatch.look();
    },
    listEnclaves: (signal) => account.enclaves(signal),
    readQuota: (signal) => account.readQuota(signal),
  };
}
