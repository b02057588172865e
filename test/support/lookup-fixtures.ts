import type { Artifact, FileDigests } from "../../src/core/artifact.js";
import type {
  CorrelatedReport,
  IndicatorMetadata,
  IndicatorSummary,
  Priority,
} from "../../src/core/indicator.js";
import type { HitDetail } from "../../src/core/hit.js";
import type { Answer, Submission } from "../../src/core/lookup.js";
import type { IndicatorSource, Log } from "../../src/core/ports.js";
import type { RetryPolicy } from "../../services/http/retry-policy.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { Examiner } from "../../services/lookup/examiner.js";
import type { Forecast } from "../../services/lookup/forecast.js";
import { IntelligenceDesk } from "../../services/lookup/intelligence.js";
import { LookupEngine } from "../../services/lookup/lookup-engine.js";
import type { Ending, Intake } from "../../services/lookup/lookup-observer.js";
import { LookupStore } from "../../services/lookup/lookup-store.js";
import type { StateRecord } from "../../services/lookup/state-record.js";
import { createFakeClock, type FakeClock } from "./fake-clock.js";

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export const noRetry: RetryPolicy = { retries: 0, minTimeout: 0, maxTimeout: 0, randomize: false };
export const atOnce: RetryPolicy = { retries: 1_000_000, minTimeout: 1, maxTimeout: 5, randomize: false };

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Lets everything that can happen now happen; fails when `condition` has not come true by then. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`${what} did not come true in time`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function submissionOf(type: string, value: Artifact["value"], file?: FileDigests): Submission {
  const artifact = { type, value };
  return { sourceText: JSON.stringify(artifact), artifact, ...(file === undefined ? {} : { file }) };
}

export function metadataOf(value: string, more: Partial<IndicatorMetadata> = {}): IndicatorMetadata {
  return {
    value,
    indicatorType: "IP",
    priorityLevel: "NOT_FOUND",
    firstSeenMs: Date.UTC(2023, 0, 2, 3, 4, 5),
    lastSeenMs: undefined,
    sightings: 3,
    tags: [],
    ...more,
  };
}

export function summaryOf(
  value: string,
  severityLevel: number | undefined,
  more: Partial<IndicatorSummary> = {},
): IndicatorSummary {
  return {
    value,
    reportId: `report-of-${value}`,
    sourceName: "Example Feed",
    score: undefined,
    severityLevel,
    description: undefined,
    updatedMs: undefined,
    ...more,
  };
}

export function reportOf(id: string, more: Partial<CorrelatedReport> = {}): CorrelatedReport {
  return {
    id,
    title: `Report ${id}`,
    updatedMs: undefined,
    timeBeganMs: undefined,
    externalUrl: undefined,
    ...more,
  };
}

export interface MemorySource extends IndicatorSource {
  /** The values of every call so far. */
  readonly asked: {
    readonly metadata: string[][];
    readonly summaries: string[][];
    readonly reports: string[][];
  };
  /** From now on `value` is known, with one summary of this severity. */
  know(value: string, severityLevel?: number): void;
  /** From now on `value` is not known. */
  unknow(value: string): void;
  /** Calls wait from now on, until `release`. */
  hold(): void;
  release(): void;
  /** Calls reject with this from now on; undefined ends it. */
  failWith(error: Error | undefined): void;
  /** The most calls that had one and the same value in flight. */
  mostAtOnceForOneValue(): number;
}

/** Another TruSTAR, in memory: answers for the values it was told of, and counts. */
export function createMemorySource(): MemorySource {
  const known = new Map<string, number | undefined>();
  const asked = { metadata: [] as string[][], summaries: [] as string[][], reports: [] as string[][] };
  const inFlight = new Map<string, number>();
  let most = 0;
  let failure: Error | undefined;
  let gate: { readonly open: Promise<void>; readonly release: () => void } | undefined;

  async function call(
    kind: keyof typeof asked,
    values: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    asked[kind].push([...values]);
    for (const value of values) {
      const count = (inFlight.get(`${kind} ${value}`) ?? 0) + 1;
      inFlight.set(`${kind} ${value}`, count);
      most = Math.max(most, count);
    }
    try {
      while (gate !== undefined) await orAborted(gate.open, signal);
      await Promise.resolve();
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
    } finally {
      for (const value of values) {
        inFlight.set(`${kind} ${value}`, (inFlight.get(`${kind} ${value}`) ?? 0) - 1);
      }
    }
  }

  return {
    asked,
    know: (value, severityLevel) => known.set(value, severityLevel),
    unknow: (value) => known.delete(value),
    hold: () => {
      if (gate !== undefined) return;
      let release: () => void = () => undefined;
      const open = new Promise<void>((resolve) => {
        release = resolve;
      });
      gate = { open, release };
    },
    release: () => {
      const held = gate;
      gate = undefined;
      held?.release();
    },
    failWith: (error) => {
      failure = error;
    },
    mostAtOnceForOneValue: () => most,
    async metadata(values, signal) {
      await call("metadata", values, signal);
      return values.filter((value) => known.has(value)).map((value) => metadataOf(value));
    },
    async summaries(values, signal) {
      await call("summaries", values, signal);
      return values.filter((value) => known.has(value)).map((value) => summaryOf(value, known.get(value)));
    },
    async correlatedReports(values, signal) {
      await call("reports", values, signal);
      return values.map((value) => reportOf(`correlated-${value}`));
    },
    reportLink: (id) => `https://station.example/reports/${id}`,
    indicatorLink: (type, value) => `https://station.example/${type}/${encodeURIComponent(value)}`,
  };
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

export interface EngineSettings {
  readonly source?: MemorySource;
  readonly clock?: FakeClock;
  readonly neverLookup?: readonly string[];
  readonly minPriority?: Priority;
  readonly hitDetail?: HitDetail;
  readonly retry?: RetryPolicy;
  readonly batchSize?: number;
  readonly batchWindowMs?: number;
  readonly concurrency?: number;
  readonly cacheSize?: number;
  readonly cacheTtlMs?: number;
  readonly missTtlMs?: number;
  readonly deliverWithinMs?: number;
  readonly answerWithinMs?: number;
  readonly forecast?: Forecast;
  readonly isQuotaSpent?: () => boolean;
  readonly kept?: () => Promise<void>;
  readonly firstRetrySecs?: number;
  readonly laterRetrySecs?: number;
  readonly maxRetries?: number;
  readonly maxRunning?: number;
  readonly maxWaitingBytes?: number;
  /** Of the results. */
  readonly maxBytes?: number;
  readonly log?: Log;
}

export interface EngineParts {
  readonly engine: LookupEngine;
  readonly source: MemorySource;
  readonly store: LookupStore;
  readonly desk: IntelligenceDesk;
  readonly clock: FakeClock;
  readonly records: StateRecord[];
  readonly intakes: Intake[];
  readonly endings: Ending[];
  readonly kept: string[];
  /** Resolves when no look-up runs. */
  idle(): Promise<void>;
}

/** The engine on an in-memory source, with everything around it real. */
export function buildEngine(settings: EngineSettings = {}): EngineParts {
  const source = settings.source ?? createMemorySource();
  const clock = settings.clock ?? createFakeClock();
  const records: StateRecord[] = [];
  const intakes: Intake[] = [];
  const endings: Ending[] = [];
  const kept: string[] = [];
  const log = settings.log ?? silentLog;
  const desk: IntelligenceDesk = new IntelligenceDesk({
    onStray: () => undefined,
    isAwaited: () => engine.isAwaited,
    source,
    retry: settings.retry ?? noRetry,
    batchSize: settings.batchSize ?? 100,
    batchWindowMs: settings.batchWindowMs ?? 0,
    concurrency: settings.concurrency ?? 2,
    onTrouble: (error) => {
      engine.noteTrouble(error);
    },
  });
  const store = new LookupStore({
    cacheSize: settings.cacheSize ?? 1_000,
    maxBytes: settings.maxBytes ?? 64 * 1024 * 1024,
    cacheTtlMs: settings.cacheTtlMs ?? 600_000,
    missTtlMs: settings.missTtlMs ?? settings.cacheTtlMs ?? 600_000,
    deliverWithinMs: settings.deliverWithinMs ?? 180_000,
    maxUndelivered: settings.maxRunning ?? 1_000,
    isRunning: (key) => engine.isRunning(key),
    clock,
  });
  const engine: LookupEngine = new LookupEngine({
    examiner: new Examiner({
      desk,
      links: source,
      log,
      minPriority: settings.minPriority ?? "MEDIUM",
      hitDetail: settings.hitDetail ?? "summaries",
    }),
    store,
    policy: new EgressPolicy(settings.neverLookup ?? []),
    clock,
    log,
    observer: {
      taken: (intake) => intakes.push(intake),
      kept: (reason) => kept.push(reason),
      notAsked: () => undefined,
      ended: (ending) => endings.push(ending),
    },
    record: (record) => records.push(record),
    answerWithinMs: settings.answerWithinMs ?? 0,
    forecast: settings.forecast,
    isQuotaSpent: settings.isQuotaSpent,
    kept: settings.kept,
    firstRetrySecs: settings.firstRetrySecs ?? 5,
    laterRetrySecs: settings.laterRetrySecs ?? 60,
    maxRetries: settings.maxRetries ?? 60,
    maxRunning: settings.maxRunning ?? 1_000,
    maxWaitingBytes: settings.maxWaitingBytes ?? 64 * 1024 * 1024,
  });
  const idle = (): Promise<void> => until(() => engine.running === 0, "the end of all look-ups");
  return { engine, source, store, desk, clock, records, intakes, endings, kept, idle };
}

/** What an analyst would conclude from an answer. */
export function conclusion(answer: Answer): "hit" | "clean" | "pending" | "failed" {
  if (answer.state !== "finished") return answer.state;
  return answer.hits.length > 0 ? "hit" : "clean";
}
