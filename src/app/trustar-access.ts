import { createHttp } from "../../services/http/create-http.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import type { DailyQuota } from "../../services/trustar/day-quota.js";
import type { SlidingWindow } from "../../services/trustar/sliding-window.js";
import { QuotaReader } from "../../services/trustar/quota-reader.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient, type UpstreamObserver } from "../../services/trustar/trustar-client.js";
import type { WayOut } from "../config/app-config.js";
import type { Enclave } from "../../services/trustar/trustar-schema.js";
import type { OwnLinks } from "../../services/core/own-links.js";
import type { Log } from "../core/ports.js";
import { hostAndPort } from "../core/proxy.js";
import type { Secret } from "../core/secret.js";
import type { Clock } from "../core/time.js";
import { QuotaWatch } from "./quota-watch.js";
import type { Releasers } from "./releasers.js";

/** What all who use an API key share. */
interface Budget {
  readonly gate: BudgetGate;
  readonly quotaWatch: QuotaWatch;
}

/** The budget of each API key, shared by the threat source and the accounts that use it; one window for the address. */
export class Budgets {
  readonly #clock: Clock;
  readonly #address: SlidingWindow = createAddressWindow();
  readonly #byKey = new Map<string, Budget>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  budgetOf({ url, apiKey, callsPerMinute }: Omit<TrustarLogin, "apiSecret" | "timeoutMs">, log: Log): Budget {
    const key = `${url} ${apiKey.reveal()}`;
    const budget = this.#byKey.get(key) ?? this.#createBudget(callsPerMinute, log);
    // Of several sections with the same key the lowest number counts.
    budget.gate.lowerTo(callsPerMinute);
    this.#byKey.set(key, budget);
    return budget;
  }

  /** There is a worker: look-ups leave it its part of the calls; the day's quota is the company's whatever the key. */
  reserveForAnalysts(): void {
    for (const { gate } of this.#byKey.values()) gate.reserveForAnalysts();
  }

  /** Lets nobody wait any longer: the program ends. */
  close(): void {
    for (const { gate } of this.#byKey.values()) gate.close();
  }

  #createBudget(callsPerMinute: number, log: Log): Budget {
    const gate = new BudgetGate(this.#clock, this.#address, callsPerMinute);
    return { gate, quotaWatch: new QuotaWatch(gate.quota, log) };
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
  /** What is below TruSTAR's own addresses, of whichever section: no value to ask about or to bring in. */
  readonly ownLinks: OwnLinks;
}

export interface TrustarAccess extends Budget {
  readonly client: TrustarClient;
  /** To be called when TruSTAR can be asked, and before a call that costs quota. */
  readonly keepQuotaFresh: () => void;
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
  const { gate, quotaWatch } = budgets.budgetOf(login, log);
  const { timeoutMs, ca, proxy } = login;
  if (proxy !== undefined) {
    log.info(
      { url: login.url, proxy: hostAndPort(proxy), setBy: proxy.setBy },
      "TruSTAR is asked through a proxy",
    );
  }
  const http = createHttp({ upstream: "TruSTAR", timeoutMs, maxSockets, ca, proxy });
  const client = new TrustarClient({ ...login, version, http, gate, clock, observe: upstream });
  const account = new TrustarAccount(client, gate, clock);
  const readQuota = (signal: AbortSignal): Promise<DailyQuota | undefined> => account.readQuota(signal);
  const quotaReader = new QuotaReader({ read: readQuota, quota: gate.quota, clock, log });
  releasers.add("TruSTAR client", () => {
    quotaReader.close();
    client.close();
  });
  return {
    client,
    gate,
    quotaWatch,
    keepQuotaFresh: () => {
      quotaReader.keepFresh();
    },
    listEnclaves: (signal) => account.enclaves(signal),
    readQuota,
  };
}
