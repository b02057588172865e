import { outlastOutage, type RetryPolicy } from "../../services/http/retry-policy.js";
import type { Pace } from "../../services/lookup/batch-window.js";
import { warmUp } from "../../services/lookup/askable.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { Examiner } from "../../services/lookup/examiner.js";
import { QueueForecast } from "../../services/lookup/forecast.js";
import { IntelligenceDesk, type IntelligenceDeskOptions } from "../../services/lookup/intelligence.js";
import { LookupEngine, type LookupEngineOptions } from "../../services/lookup/lookup-engine.js";
import { giveUpAfterMs, type Polling } from "../../services/lookup/lookup-runs.js";
import type { LookupObserver } from "../../services/lookup/lookup-observer.js";
import { LookupStore } from "../../services/lookup/lookup-store.js";
import type { BudgetGate } from "../../services/trustar/budget-gate.js";
import type { UpstreamObserver } from "../../services/trustar/trustar-client.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import type { ThreatServiceConfig, ThreatSourceConfig } from "../config/app-config.js";
import { artifactTypes } from "../config/artifact-types.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../core/time.js";
import { onlyWhenAble } from "./able-source.js";
import { createCountedWarning } from "./counted-warning.js";
import { EnclaveCheck } from "./enclave-check.js";
import { openState, takeUpState } from "./lookup-state.js";
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

/** Everything between an artifact and the TruSTAR API, built and with its state restored. */
export async function openThreatSource(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  deps: ThreatSourceDeps,
): Promise<ThreatSource> {
  const releasers = new Releasers(deps.log);
  const observed: UpstreamObserver = (endpoint, status, durationMs) => {
    deps.upstream(endpoint, status, durationMs);
    if (status === 200 && endpoint.startsWith("POST /indicators/")) forecast.noteCall(durationMs);
  };
  // One socket for each batch of either kind, and some for the calls that are nobody's batch.
  const access = openTrustarAccess(
    source,
    2 * service.concurrency + 2,
    { ...deps, upstream: observed },
    releasers,
  );
  const onTrouble = (error: Error): void => {
    engine.noteTrouble(error);
  };
  const enclaves = openEnclaveCheck(source, access, deps, releasers, onTrouble);
  const indicators = openIndicators(source, access, deps);
  const desk: IntelligenceDesk = new IntelligenceDesk({
    ...deskSettings(service, access, deps),
    source: onlyWhenAble(indicators, enclaves),
    untilSure: (cancellation) => enclaves.untilSure(cancellation),
    isAwaited: () => engine.isAwaited,
    onTrouble,
  });
  const forecast = new QueueForecast({
    newValues: desk.newValues,
    knownValues: desk.knownValues,
    batchSize: service.batchSize,
    concurrency: service.concurrency,
    waitForCallsMs: (calls) => access.gate.waitForCallsMs(calls),
  });
  const store = createStore(service, deps, (key) => engine.isRunning(key));
  const engine: LookupEngine = new LookupEngine({
    ...engineSettings(source, service, access, deps),
    forecast,
    examiner: new Examiner({ ...source, desk, links: indicators, log: deps.log }),
    store,
    record: (record) => state?.append(record),
    kept: async () => state?.kept(),
  });
  releasers.add("look-ups", () => {
    engine.close();
  });
  const state = openState(source, service, engine, deps);
  await takeUpState(state, engine, releasers);
  return {
    engine,
    access,
    enclaves,
    readings: readingsOf(engine, desk, store, access),
    authenticate: (signal) => access.client.authenticate(signal),
    close: () => releasers.close(),
  };
}

function openIndicators(
  { enclaveIds, stationUrl }: ThreatSourceConfig,
  { client, keepQuotaFresh: beforeCost }: TrustarAccess,
  { log }: ThreatSourceDeps,
): TrustarIndicators {
  const message = "part of what TruSTAR answered can't be read; the hits are shown without it";
  const onOddItems = createCountedWarning(log, message);
  return new TrustarIndicators({ client, enclaveIds, stationUrl, beforeCost, onOddItems });
}

function deskSettings(
  service: ThreatServiceConfig,
  { gate }: TrustarAccess,
  { clock, log, retry = outlastOutage }: ThreatSourceDeps,
): Omit<IntelligenceDeskOptions, "source" | "onTrouble"> {
  const message = "TruSTAR answered about values that were not asked for in this form; they are not shown";
  const { batchSize, batchWindowMs, concurrency } = service;
  return {
    retry,
    batchSize,
    batchWindowMs,
    concurrency,
    pace: paceOf(service, gate, clock),
    onStray: createCountedWarning(log, message),
  };
}

/** However long its polls go on, an artifact is not held for longer. */
const longestHoldMs = 30 * MINUTE_MS;

/** What our own planning holds back has half of a look-up's time left for whatever else can happen. */
export function paceOf(service: Polling, gate: BudgetGate, clock: Clock): Pace {
  return {
    priceMs: () => gate.lookupPriceMs(),
    ageMs: (acceptedAtMs) => Math.max(0, clock.now() - acceptedAtMs),
    longestHoldMs: Math.min(giveUpAfterMs(service) / 2, longestHoldMs),
    noteCall: (values, isFull) => {
      gate.noteCall(values, isFull);
    },
  };
}

/** For results with many hits among others that have none. */
const roomPerResult = 8 * 1024;

function createStore(
  { cacheSize, cacheTtlMs, missTtlMs, laterRetrySecs, maxPending, maxPendingBytes }: ThreatServiceConfig,
  { clock }: ThreatSourceDeps,
  isRunning: (key: string) => boolean,
): LookupStore {
  const deliverWithinMs = 2 * laterRetrySecs * SECOND_MS + MINUTE_MS;
  return new LookupStore({
    cacheSize,
    maxBytes: Math.max(maxPendingBytes, cacheSize * roomPerResult),
    cacheTtlMs,
    missTtlMs,
    deliverWithinMs,
    maxUndelivered: maxPending,
    isRunning,
    clock,
  });
}

const whyNotAsked = {
  not_knowable: "it holds nothing that TruSTAR can know; README lists what is asked of each type",
  kept_inside: "its value must not leave (built-in rules, or never_lookup in [trustar_threat_source])",
} as const;

/** An analyst who sees no hit on such an artifact finds the reason in the log. */
function tellOncePerType(log: Log): LookupObserver["notAsked"] {
  const told = new Set<string>();
  return (type, why) => {
    const known = artifactTypes.has(type) ? type : "other";
    if (told.has(`${known} ${why}`)) return;
    told.add(`${known} ${why}`);
    log.info(
      { type: known },
      `TruSTAR was not asked about an artifact of this type: ${whyNotAsked[why]}. Further ones are counted only`,
    );
  };
}

function engineSettings(
  { neverLookup, plainStrings }: ThreatSourceConfig,
  service: ThreatServiceConfig,
  { gate }: TrustarAccess,
  { clock, log, ownLinks, lookups: observer }: ThreatSourceDeps,
): Omit<LookupEngineOptions, "examiner" | "forecast" | "store" | "record" | "kept"> {
  const { answerWithinMs, firstRetrySecs, laterRetrySecs, maxRetries, maxPending, maxPendingBytes } = service;
  const warnOfRefused = createCountedWarning(
    log,
    `artifacts are answered 503: shutting down, all ${maxPending} look-ups of max_pending wait for TruSTAR, or they take all of max_pending_mb`,
  );
  const tellNotAsked = tellOncePerType(log);
  const policy = new EgressPolicy(neverLookup, ownLinks);
  warmUp(policy);
  return {
    answerWithinMs,
    firstRetrySecs,
    laterRetrySecs,
    maxRetries,
    maxRunning: maxPending,
    maxWaitingBytes: maxPendingBytes,
    policy,
    plainStrings,
    clock,
    log,
    observer: {
      ...observer,
      taken: (intake) => {
        observer.taken(intake);
        if (intake === "refused") warnOfRefused(1);
      },
      notAsked: (type, why) => {
        observer.notAsked(type, why);
        tellNotAsked(type, why);
      },
    },
    whyHeld: () => gate.whyHeld(),
    isQuotaSpent: () => gate.quota.isSpentFor("lookup"),
  };
}

function readingsOf(
  engine: LookupEngine,
  desk: IntelligenceDesk,
  store: LookupStore,
  { gate }: TrustarAccess,
): ThreatSource["readings"] {
  return {
    running: () => engine.running,
    queued: () => desk.depth,
    cached: () => store.size,
    waitingForBudget: () => gate.waiting(),
    quotaLeft: () => gate.quotaLeft(),
    quotaRunsOutAtMs: () => gate.quota.runsOutAtMs(),
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
