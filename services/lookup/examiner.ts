import { UpstreamError } from "../../src/core/errors.js";
import type { Hit, HitDetail } from "../../src/core/hit.js";
import { priorities, priorityOf, type IndicatorMetadata, type Priority } from "../../src/core/indicator.js";
import type { IndicatorSource, Log } from "../../src/core/ports.js";
import type { Canceller } from "./cancellation.js";
import type { Candidate } from "../core/candidate.js";
import type { IntelligenceDesk } from "./intelligence.js";
import { indicatorHit, reportHits, summaryHits } from "./to-hits.js";

export interface ExaminerOptions {
  readonly desk: IntelligenceDesk;
  readonly links: Pick<IndicatorSource, "reportLink" | "indicatorLink">;
  readonly log: Log;
  /** Indicators below it make no hit, as in the legacy app. */
  readonly minPriority: Priority;
  readonly hitDetail: HitDetail;
}

/** Told of what becomes known while a value is examined. */
export interface Findings {
  readonly onKnown: () => void;
  /** As soon as they exist. */
  readonly onHits: (hits: readonly Hit[]) => void;
}

/** Makes hits of what TruSTAR says of one value. */
export class Examiner {
  readonly #options: ExaminerOptions;

  constructor(options: ExaminerOptions) {
    this.#options = options;
  }

  /** Rejects when TruSTAR could not be asked. */
  async examine(candidate: Candidate, cancellation: Canceller, { onKnown, onHits }: Findings): Promise<void> {
    const { desk, links, minPriority, hitDetail } = this.#options;
    const intelligence = await desk.ask(candidate, cancellation, onKnown);
    const priority = priorityOf(intelligence.metadata, intelligence.summaries);
    if (priorities.indexOf(priority) < priorities.indexOf(minPriority)) {
      if (intelligence.isUnderAnotherValue) throw aboutAnother();
      return;
    }
    onHits(intelligence.metadata.map((item) => indicatorHit(item, priority, links)));
    if (hitDetail === "priority") return;
    onHits(summaryHits(intelligence.summaries, links));
    if (hitDetail === "summaries") return;
    for (const item of intelligence.metadata) onHits(await this.#reportHits(item, cancellation.signal));
  }

  /** The reports add to hits that are there: a refusal of this question alone does not undo them. */
  async #reportHits(metadata: IndicatorMetadata, signal: AbortSignal): Promise<readonly Hit[]> {
    const { desk, links, log } = this.#options;
    try {
      return reportHits(await desk.reports(metadata, signal), links);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.retryable) throw error;
      log.warn(
        { err: error },
        "TruSTAR refused to name the reports of an indicator; its hits are shown without them",
      );
      return [];
    }
  }
}

function aboutAnother(): UpstreamError {
  const message =
    "TruSTAR answered about another value than the one that was asked for, and found nothing there";
  return new UpstreamError("upstream_unreadable_item", message);
}
