import { createHash } from "node:crypto";
import { createHttp } from "../../services/http/create-http.js";
import { outlastOutage, type RetryPolicy } from "../../services/http/retry-policy.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { Examiner } from "../../services/lookup/examiner.js";
import { IntelligenceDesk } from "../../services/lookup/intelligence.js";
import { LookupEngine } from "../../services/lookup/lookup-engine.js";
import type { LookupObserver } from "../../services/lookup/lookup-observer.js";
import { LookupStore } from "../../services/lookup/lookup-store.js";
import { StateFile } from "../../services/lookup/state-file.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient, type UpstreamObserver } from "../../services/trustar/trustar-client.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import type { ThreatServiceConfig, ThreatSourceConfig } from "../config/app-config.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../core/time.js";
import type { Readings } from "./metrics.js";
import { Releasers } from "./releasers.js";

export interface ThreatSourceDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  readonly lookups: LookupObserver;
  readonly upstream: UpstreamObserver;
  /** For tests that do not want to wait. */
  readonly retry?: RetryPolicy | undefined;
}

export interface ThreatSource {
  readonly engine: LookupEngine;
  readonly readings: Readings;
  /** Proves the credentials. */
  authenticate(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Look-ups under way at once: some 50 MB at most. Beyond that the platform is asked to come back. */
const maxRunning = 50_000;

/** Everything between an artifact and the TruSTAR API, built and with its state restored. */
export async function openThreatSource(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  deps: ThreatSourceDeps,
): Promise<ThreatSource> {
  const releasers = new Releasers(deps.log);
  const gate = new BudgetGate(deps.clock, createAddressWindow());
  const { client, indicators } = openTrustar(source, service, gate, deps, releasers);
  const desk = new IntelligenceDesk({
    source: indicators,
    retry: deps.retry ?? outlastOutage,
    batchSize: service.batchSize,
    batchWindowMs: service.batchWindowMs,
    concurrency: service.concurrency,
    onStray: (count) => {
      deps.log.warn(
        { count },
        "TruSTAR answered about values that were not asked for in this form; they are not shown",
      );
    },
    onTrouble: (error) => {
      engine.noteTrouble(error);
    },
  });
  const store = new LookupStore({
    cacheSize: service.cacheSize,
    cacheTtlMs: service.cacheTtlMs,
    missTtlMs: service.missTtlMs,
    deliverWithinMs: 2 * service.laterRetrySecs * SECOND_MS + MINUTE_MS,
    maxUndelivered: maxRunning,
    clock: deps.clock,
  });
  const engine = new LookupEngine({
    examiner: new Examiner({ ...source, desk, links: indicators, log: deps.log }),
    store,
    policy: new EgressPolicy(source.neverLookup),
    clock: deps.clock,
    log: deps.log,
    observer: deps.lookups,
    record: (record) => state?.append(record),
    answerWithinMs: service.answerWithinMs,
    firstRetrySecs: service.firstRetrySecs,
    laterRetrySecs: service.laterRetrySecs,
    maxRetries: service.maxRetries,
    maxRunning,
  });
  releasers.add("look-ups", () => {
    engine.close();
  });
  const state = openState(source, service, engine, deps.log);
  if (state !== undefined) {
    engine.restore(await state.load());
    await state.flush();
    releasers.add("state file", () => state.close());
  }
  return {
    engine,
    readings: {
      running: () => engine.running,
      queued: () => desk.depth,
      cached: () => store.size,
      waitingForBudget: () => gate.waiting(),
      quotaLeft: () => gate.quotaLeft(),
    },
    authenticate: (signal) => client.authenticate(signal),
    close: () => releasers.close(),
  };
}

function openTrustar(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  gate: BudgetGate,
  deps: ThreatSourceDeps,
  releasers: Releasers,
): { client: TrustarClient; indicators: TrustarIndicators } {
  const { log, clock, version } = deps;
  // One socket for each batch of either kind, and some for the calls that are nobody's batch.
  const http = createHttp({
    upstream: "TruSTAR",
    timeoutMs: source.timeoutMs,
    maxSockets: 2 * service.concurrency + 2,
  });
  const client = new TrustarClient({ ...source, version, http, gate, clock, observe: deps.upstream });
  const ended = new AbortController();
  const account = new TrustarAccount(client, gate, clock, log, ended.signal);
  releasers.add("TruSTAR client", () => {
    ended.abort(new Error("shutting down"));
    client.close();
    gate.close();
  });
  const indicators = new TrustarIndicators({
    client,
    enclaveIds: source.enclaveIds,
    stationUrl: source.stationUrl,
    beforeCost: () => {
      account.keepQuotaFresh();
    },
  });
  return { client, indicators };
}

function openState(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  engine: LookupEngine,
  log: Log,
): StateFile | undefined {
  if (service.stateFile === undefined) return undefined;
  const { url, stationUrl, enclaveIds, minPriority, hitDetail } = source;
  const verdictsDependOn = JSON.stringify([url, stationUrl, [...enclaveIds].sort(), minPriority, hitDetail]);
  return new StateFile({
    path: service.stateFile,
    fingerprint: fingerprintOf(verdictsDependOn),
    policy: fingerprintOf(JSON.stringify([...source.neverLookup].sort())),
    log,
    snapshot: () => engine.snapshot(),
  });
}

function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
