import { createHash } from "node:crypto";
import { outlastOutage, type RetryPolicy } from "../../services/http/retry-policy.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { Examiner } from "../../services/lookup/examiner.js";
import { IntelligenceDesk } from "../../services/lookup/intelligence.js";
import { LookupEngine } from "../../services/lookup/lookup-engine.js";
import type { LookupObserver } from "../../services/lookup/lookup-observer.js";
import { LookupStore } from "../../services/lookup/lookup-store.js";
import { StateFile } from "../../services/lookup/state-file.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import type { ThreatServiceConfig, ThreatSourceConfig } from "../config/app-config.js";
import { UpstreamError } from "../core/errors.js";
import type { IndicatorSource } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";
import { createCountedWarning } from "./counted-warning.js";
import { EnclaveCheck } from "./enclave-check.js";
import type { Readings } from "./metrics.js";
import { Releasers } from "./releasers.js";
import { openTrustarAccess, type TrustarAccess, type TrustarAccessDeps } from "./trustar-access.js";

export interface ThreatSourceDeps extends TrustarAccessDeps {
  readonly lookups: LookupObserver;
  /** For tests that do not want to wait. */
  readonly retry?: RetryPolicy | undefined;
}

export interface ThreatSource {
  readonly engine: LookupEngine;
  readonly access: TrustarAccess;
  readonly readings: Omit<Readings, "unsearchableEnclaves">;
  readonly enclaves: EnclaveCheck;
  /** Proves the credentials. */
  readonly authenticate: (signal: AbortSignal) => Promise<void>;
  close(): Promise<void>;
}

/** Look-ups under way at once, some 450 MB while TruSTAR is away. Beyond that the platform is asked to come back. */
const maxRunning = 50_000;

/** Polls come in whole seconds: it need not be exact. */
const usualCallMs = 500;

/** Everything between an artifact and the TruSTAR API, built and with its state restored. */
export async function openThreatSource(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  deps: ThreatSourceDeps,
): Promise<ThreatSource> {
  const releasers = new Releasers(deps.log);
  // One socket for each batch of either kind, and some for the calls that are nobody's batch.
  const access = openTrustarAccess(source, 2 * service.concurrency + 2, deps, releasers);
  const { client, gate, beforeCost } = access;
  const { enclaveIds, stationUrl } = source;
  const counted = (message: string): ((count: number) => void) =>
    createCountedWarning(deps.log, deps.clock, message);
  const onOddItems = counted("part of what TruSTAR answered can't be read; the hits are shown without it");
  const enclaves = openEnclaveCheck(source, access, deps, releasers, (error) => {
    engine.noteTrouble(error);
  });
  const indicators = new TrustarIndicators({ client, enclaveIds, stationUrl, beforeCost, onOddItems });
  const desk: IntelligenceDesk = new IntelligenceDesk({
    source: onlyWhenAble(indicators, enclaves),
    retry: deps.retry ?? outlastOutage,
    batchSize: service.batchSize,
    batchWindowMs: service.batchWindowMs,
    concurrency: service.concurrency,
    isAwaited: () => engine.isAwaited,
    paceMs: () => gate.quota.lookupPaceMs(),
    untilSure: (cancellation) => enclaves.untilSure(cancellation),
    onStray: counted(
      "TruSTAR answered about values that were not asked for in this form; they are not shown",
    ),
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
  const engine: LookupEngine = new LookupEngine({
    examiner: new Examiner({ ...source, desk, links: indicators, log: deps.log }),
    store,
    policy: new EgressPolicy(source.neverLookup),
    clock: deps.clock,
    log: deps.log,
    observer: deps.lookups,
    record: (record) => state?.append(record),
    kept: async () => state?.kept(),
    answerWithinMs: service.answerWithinMs,
    forecastMs: () => {
      // Its own metadata and summaries, after the batches that wait already.
      const calls = Math.ceil(desk.depth / service.batchSize) + 1;
      const queueMs = (calls / service.concurrency) * usualCallMs;
      return queueMs + Math.max(gate.waitForCallsMs(calls), gate.quota.lookupPaceMs());
    },
    whyHeld: () => gate.whyHeld(),
    isQuotaSpent: () => gate.quota.isSpentFor("lookup"),
    firstRetrySecs: service.firstRetrySecs,
    laterRetrySecs: service.laterRetrySecs,
    maxRetries: service.maxRetries,
    maxRunning,
  });
  releasers.add("look-ups", () => {
    engine.close();
  });
  const state = openState(source, service, engine, deps);
  if (state !== undefined) {
    engine.restore(await state.load());
    await state.flush();
    releasers.add("state file", () => state.close());
  }
  return {
    engine,
    access,
    enclaves,
    readings: {
      running: () => engine.running,
      queued: () => desk.depth,
      cached: () => store.size,
      waitingForBudget: () => gate.waiting(),
      quotaLeft: () => gate.quotaLeft(),
      quotaRunsOutAtMs: () => gate.quota.runsOutAtMs(),
    },
    authenticate: (signal) => client.authenticate(signal),
    close: () => releasers.close(),
  };
}

function openEnclaveCheck(
  { enclaveIds }: ThreatSourceConfig,
  { listEnclaves }: TrustarAccess,
  { log, retry }: ThreatSourceDeps,
  releasers: Releasers,
  onTrouble: (error: Error) => void,
): EnclaveCheck {
  const ended = new AbortController();
  releasers.add("check of enclaves", () => {
    ended.abort(new Error("shutting down"));
  });
  return new EnclaveCheck({ listEnclaves, enclaveIds, log, signal: ended.signal, retry, onTrouble });
}

/** What is found where nothing can be searched is no "unknown": before the question and after it, it is a failure. */
function onlyWhenAble(source: IndicatorSource, enclaves: EnclaveCheck): IndicatorSource {
  const check = (): void => {
    const why = enclaves.whyUnable();
    if (why !== undefined) throw new UpstreamError("upstream_forbidden", why);
  };
  return {
    metadata: async (values, signal) => {
      check();
      const items = await source.metadata(values, signal);
      check();
      return items;
    },
    summaries: (values, signal, read) => source.summaries(values, signal, read),
    correlatedReports: (values, signal, read) => source.correlatedReports(values, signal, read),
    reportLink: (id) => source.reportLink(id),
    indicatorLink: (type, value) => source.indicatorLink(type, value),
  };
}

function openState(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  engine: LookupEngine,
  { log, clock }: ThreatSourceDeps,
): StateFile | undefined {
  if (service.stateFile === undefined) return undefined;
  const { url, stationUrl, enclaveIds, minPriority, hitDetail } = source;
  const verdictsDependOn = JSON.stringify([url, stationUrl, [...enclaveIds].sort(), minPriority, hitDetail]);
  return new StateFile({
    path: service.stateFile,
    fingerprint: fingerprintOf(verdictsDependOn),
    policy: fingerprintOf(JSON.stringify([...source.neverLookup].sort())),
    log,
    clock,
    snapshot: () => engine.snapshot(),
  });
}

function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
