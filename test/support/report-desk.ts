import { createHttp } from "../../services/http/create-http.js";
import type { RetryPolicy } from "../../services/http/retry-policy.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import { TrustarClient } from "../../services/trustar/trustar-client.js";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { ReportDraft } from "../../src/core/report.js";
import { Secret } from "../../src/core/secret.js";
import { OwnLinks } from "../../services/core/own-links.js";
import { systemClock } from "../../src/core/time.js";
import { atOnce } from "./lookup-fixtures.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./trustar-simulator/start-trustar-simulator.js";

export interface ReportDeskFixture extends AsyncDisposable {
  readonly simulator: TrustarSimulator;
  readonly reports: TrustarReports;
  /** The company's own enclave with all rights. */
  readonly own: string;
  readonly draft: (changes?: Partial<ReportDraft>) => ReportDraft;
  /** Pauses that were made; each moved the simulator's clock instead. */
  readonly pauses: readonly number[];
  /** How often an endpoint was called. */
  readonly called: (endpoint: string) => number;
}

export interface ReportDeskSettings extends TrustarSimulatorOptions {
  readonly timeoutMs?: number;
  readonly patienceMs?: number;
  readonly retry?: RetryPolicy;
}

/** The report service of one account on a simulated TruSTAR, over real sockets. */
export async function openReportDesk(settings: ReportDeskSettings = {}): Promise<ReportDeskFixture> {
  const { timeoutMs = 20_000, patienceMs, retry = atOnce, ...options } = settings;
  const simulator = await startTrustarSimulator(options);
  const http = createHttp({ upstream: "TruSTAR", timeoutMs, maxSockets: 8 });
  const { key, secret } = simulator.credentials;
  const client = new TrustarClient({
    url: simulator.url,
    apiKey: new Secret(key),
    apiSecret: new Secret(secret),
    version: "test",
    http,
    gate: new BudgetGate(systemClock, createAddressWindow()),
    clock: systemClock,
    observe: () => undefined,
  });
  const pauses: number[] = [];
  const reports = new TrustarReports({
    client,
    clock: systemClock,
    stationUrl: "https://station.example",
    ownLinks: new OwnLinks(["https://station.example"]),
    beforeCost: () => undefined,
    retry,
    patienceMs,
    pause: (ms, signal) => {
      signal.throwIfAborted();
      pauses.push(ms);
      simulator.clock.advance(ms);
      return Promise.resolve();
    },
  });
  const own = simulator.enclaves.find(({ name }) => name === "Acme private")?.id ?? "";
  return {
    simulator,
    reports,
    own,
    draft: (changes) => ({
      title: "Resilient Incident 7: Phish",
      body: "Seen 203.0.113.9 and bad.example.",
      externalId: "RESILIENT7",
      enclaveId: own,
      timeBeganMs: Date.UTC(2024, 0, 2, 3, 4, 5),
      ...changes,
    }),
    pauses,
    called: (endpoint) => simulator.calls().byEndpoint[endpoint] ?? 0,
    async [Symbol.asyncDispose]() {
      client.close();
      await simulator.close();
    },
  };
}
