import { isRetryable, UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import type { CorrelatedReport, IndicatorMetadata, IndicatorSummary } from "../../src/core/indicator.js";
import type { IndicatorSource, PagesRead } from "../../src/core/ports.js";
import type { Candidate } from "../core/candidate.js";
import { comparable } from "../core/indicator-value.js";
import { withRetry, type RetryPolicy } from "../http/retry-policy.js";
import type { Pace } from "./batch-window.js";
import type { Cancellation } from "./cancellation.js";
import type { Repeat } from "./doubtful-lane.js";
import type { ForecastQueue } from "./forecast.js";
import { groupByAsked } from "./match-answers.js";
import { MicroBatcher } from "./micro-batcher.js";

/** All that is known of one value; no metadata = TruSTAR does not know it. */
export interface Intelligence {
  readonly metadata: readonly IndicatorMetadata[];
  readonly summaries: readonly IndicatorSummary[];
  /**
   * TruSTAR told of it under a value that is not a spelling of the one that was asked for. What it found is shown; that
   * it found nothing says nothing.
   */
  readonly isUnderAnotherValue: boolean;
}

export interface IntelligenceDeskOptions {
  readonly source: IndicatorSource;
  readonly retry: RetryPolicy;
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly concurrency: number;
  /** Whether somebody waits for an answer right now, so that no batch is held back. Default: always. */
  readonly isAwaited?: (() => boolean) | undefined;
  /** How calls for few values are spread. Default: not at all. */
  readonly pace?: Pace | undefined;
  /**
   * Resolves when what TruSTAR does not know can be told as "unknown"; rejects when it can't. Default: it always can.
   */
  readonly untilSure?: ((signal: Cancellation) => Promise<void>) | undefined;
  /** Told how many answers of a call could not be matched to a value that was asked: each may be a missed hit. */
  readonly onStray: (count: number) => void;
  /** Told of every failed call that will be made again. */
  readonly onTrouble: (error: Error) => void;
}

/** The first poll comes after seconds: both together stay well below that. */
const holdMetadataMs = 500;
const holdSummariesMs = 2_000;
/** While whole batches wait for their call, TruSTAR is slow or its limits are near: then calls are dearer than time. */
const holdSummariesInJamMs = 10_000;
/** A thread that was told to come back has its next artifact here by then. */
const quietMs = 50;

const noPace: Pace = {
  priceMs: () => 0,
  ageMs: () => 0,
  longestHoldMs: 0,
  noteCall: () => undefined,
};

const unknown: Intelligence = { metadata: [], summaries: [], isUnderAnotherValue: false };

/**
 * Asks TruSTAR about values, a hundred at a time: which are known, then what intelligence sources say of the known
 * ones. The second question collects over several answers to the first, because few values are known.
 */
export class IntelligenceDesk {
  readonly #options: IntelligenceDeskOptions;
  readonly #metadata: MicroBatcher<IndicatorMetadata[]>;
  readonly #summaries: MicroBatcher<IndicatorSummary[]>;

  constructor(options: IntelligenceDeskOptions) {
    this.#options = options;
    const { source, batchSize: maxSize, batchWindowMs: windowMs, concurrency } = options;
    const { isAwaited = () => true, pace = noPace } = options;
    this.#metadata = new MicroBatcher({
      maxSize,
      windowMs,
      concurrency,
      blamesOneValue,
      patience: {
        isAwaited,
        pace,
        expectsMore: () => false,
        quietMs,
        maxHoldMs: () => holdMetadataMs,
      },
      saysUnknown: isNotFound,
      repeat: this.#repeat(isRetryable),
      run: this.#asking((values, signal) => source.metadata(values, signal)),
    });
    this.#summaries = new MicroBatcher({
      maxSize,
      windowMs,
      concurrency,
      blamesOneValue,
      patience: {
        isAwaited,
        pace,
        expectsMore: () => this.#metadata.isBusy,
        quietMs,
        maxHoldMs: () => (this.#metadata.depth >= maxSize ? holdSummariesInJamMs : holdSummariesMs),
      },
      repeat: this.#repeat((error) => isRetryable(error) || isNotFound(error)),
      run: this.#asking((values, signal, read) => source.summaries(values, signal, read)),
    });
  }

  /** Values that wait for a call. */
  get depth(): number {
    return this.#metadata.depth + this.#summaries.depth;
  }

  /** Values whose first call has not left. */
  get newValues(): ForecastQueue {
    return this.#metadata;
  }

  /** Values that TruSTAR knows and will be asked more about. */
  get knownValues(): ForecastQueue {
    return this.#summaries;
  }

  /** @param onKnown told when TruSTAR knows the value and is asked for more */
  async ask(candidate: Candidate, signal: Cancellation, onKnown?: () => void): Promise<Intelligence> {
    const metadata = await this.#metadata.load(candidate.value, signal);
    if (metadata === undefined) {
      await this.#options.untilSure?.(signal);
      return unknown;
    }
    onKnown?.();
    // Summaries want the value exactly as TruSTAR keeps it.
    const known = [...new Set(metadata.map((item) => item.value))];
    const summaries = await Promise.all(known.map((value) => this.#summaries.load(value, signal)));
    const asked = comparable(candidate.value);
    const isUnderAnotherValue = known.every((value) => comparable(value) !== asked);
    return { metadata, summaries: summaries.flatMap((items) => items ?? []), isUnderAnotherValue };
  }

  /** Reports that mention the value. TruSTAR fails the question for URLs and domains, so it is not asked. */
  async reports(metadata: IndicatorMetadata, signal: AbortSignal): Promise<readonly CorrelatedReport[]> {
    if (["URL", ""].includes(metadata.indicatorType) || metadata.value.includes(",")) return [];
    const read: PagesRead = { next: 0, items: [] };
    const { source, retry: policy, onTrouble: onRetry } = this.#options;
    return withRetry(() => source.correlatedReports([metadata.value], signal, read), {
      policy,
      signal,
      onRetry,
    });
  }

  #repeat(mayRepeat: (error: Error) => boolean): Repeat {
    const { retry: policy, onTrouble: onRetry } = this.#options;
    return { policy, mayRepeat, mayBeOneValue: mayFailOnOneValue, onRetry };
  }

  #asking<T extends { readonly value: string }>(
    call: (values: readonly string[], signal: AbortSignal, read: PagesRead) => Promise<readonly T[]>,
  ): (values: readonly string[], signal: AbortSignal, read: PagesRead) => Promise<ReadonlyMap<string, T[]>> {
    return async (values, signal, read) =>
      groupByAsked(values, await call(values, signal, read), this.#options.onStray);
  }
}

/** What an outage looks like, and a server that trips over one value each time. */
const outageOrOneValue: ReadonlySet<UpstreamErrorCode> = new Set<UpstreamErrorCode>([
  "upstream_failed",
  "upstream_timeout",
  "upstream_unreachable",
  "upstream_invalid_answer",
]);

function mayFailOnOneValue(error: Error): boolean {
  return error instanceof UpstreamError && outageOrOneValue.has(error.code);
}

/** What a single odd value can cause; bad credentials, missing rights and outages are nobody's value. */
const causedByOneValue: ReadonlySet<UpstreamErrorCode> = new Set<UpstreamErrorCode>([
  "upstream_rejected",
  "upstream_too_large",
  "upstream_unreadable_item",
  "upstream_not_found",
]);

function blamesOneValue(error: unknown): boolean {
  return error instanceof UpstreamError && causedByOneValue.has(error.code);
}

/**
 * TruSTAR's documents leave open how it answers for the metadata of unknown values. Its servers leave them out; a 404
 * in its own shape about one value can mean nothing else. About several it proves nothing of any one of them, and to
 * the question for summaries it is a failure: they are asked for of values that are known.
 */
function isNotFound(error: unknown): boolean {
  return error instanceof UpstreamError && error.code === "upstream_not_found";
}
