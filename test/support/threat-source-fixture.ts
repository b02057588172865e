import type { RetryPolicy } from "../../services/http/retry-policy.js";
import { openThreatSource, type ThreatSource } from "../../src/app/threat-source.js";
import { Budgets } from "../../src/app/trustar-access.js";
import type { ThreatServiceConfig, ThreatSourceConfig } from "../../src/config/app-config.js";
import { OwnLinks } from "../../services/core/own-links.js";
import { Secret } from "../../src/core/secret.js";
import { createLogCapture, type LogCapture } from "./log-capture.js";
import { until } from "./lookup-fixtures.js";
import { createShiftedClock, type ShiftedClock } from "./trustar-client-fixture.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./trustar-simulator/start-trustar-simulator.js";

/** Tries again at once, for as long as a test may last. */
export const fast: RetryPolicy = { retries: 1_000, minTimeout: 5, maxTimeout: 10, randomize: false };

export interface OpenedSource extends AsyncDisposable {
  readonly source: ThreatSource;
  readonly simulator: TrustarSimulator;
  readonly capture: LogCapture;
  readonly clock: ShiftedClock;
}

export interface SourceSettings {
  readonly simulator?: TrustarSimulator;
  readonly options?: TrustarSimulatorOptions;
  readonly source?: Partial<ThreatSourceConfig>;
  readonly service?: Partial<ThreatServiceConfig>;
  readonly retry?: RetryPolicy;
}

/** The whole threat source on a simulator, with real sockets; closed, with its own simulator, when the test ends. */
export async function openSource(settings: SourceSettings = {}): Promise<OpenedSource> {
  const simulator = settings.simulator ?? (await startTrustarSimulator(settings.options));
  const capture = createLogCapture("info");
  const clock = createShiftedClock();
  const budgets = new Budgets(clock);
  const source = await openThreatSource(
    {
      url: simulator.url,
      stationUrl: "https://station.example",
      apiKey: new Secret(simulator.credentials.key),
      apiSecret: new Secret(simulator.credentials.secret),
      enclaveIds: [],
      minPriority: "MEDIUM",
      hitDetail: "summaries",
      neverLookup: [],
      plainStrings: false,
      callsPerMinute: 60,
      timeoutMs: 20_000,
      ...settings.source,
    },
    {
      urlBase: "/cts",
      firstRetrySecs: 5,
      laterRetrySecs: 60,
      maxRetries: Number.MAX_SAFE_INTEGER,
      cacheSize: 10_000,
      cacheTtlMs: 600_000,
      missTtlMs: 600_000,
      uploadFile: false,
      maxUploadBytes: 1,
      maxWrongLogins: 30,
      answerWithinMs: 0,
      maxPending: 50_000,
      maxPendingBytes: 64 * 1024 * 1024,
      batchSize: 100,
      batchWindowMs: 1,
      concurrency: 2,
      ...settings.service,
    },
    {
      log: capture.log,
      clock,
      version: "9.9.9",
      lookups: {
        taken: () => undefined,
        kept: () => undefined,
        notAsked: () => undefined,
        ended: () => undefined,
      },
      upstream: () => undefined,
      budgets,
      ownLinks: new OwnLinks(["https://station.example"]),
      retry: settings.retry ?? fast,
    },
  );
  const close = async (): Promise<void> => {
    await source.close();
    budgets.close();
    if (settings.simulator === undefined) await simulator.close();
  };
  return { source, simulator, capture, clock, [Symbol.asyncDispose]: close };
}

/** Resolves when no look-up runs. */
export function ended({ source }: OpenedSource): Promise<void> {
  return until(() => source.engine.running === 0, "the end of the look-ups");
}
