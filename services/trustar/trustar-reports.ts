import { priorityOf, type Priority } from "../../src/core/indicator.js";
import type {
  IndicatorRef,
  Report,
  ReportDraft,
  ReportProcessing,
  ReportService,
} from "../../src/core/report.js";
import type { OwnLinks } from "../core/own-links.js";
import { AnalystCalls, type AnalystCall, type AnalystCallsOptions } from "./analyst-calls.js";
import { eachPage } from "./each-page.js";
import { realPause, type Pause } from "../http/pause.js";
import { findRelated, toRef } from "./related-indicators.js";
import * as calls from "./report-calls.js";
import { pollProcessing, toProcessing } from "./report-processing.js";
import { indicatorsPage, redactedReport, statusAnswer, whitelistAnswer } from "./report-schema.js";
import { findReport, ReportSubmission, unlessUnknown } from "./report-submission.js";
import { indicatorLink, reportLink } from "./station-links.js";
import { TrustarIndicators } from "./trustar-indicators.js";

export interface TrustarReportsOptions extends AnalystCallsOptions {
  /** Root of Station's pages without trailing slash. */
  readonly stationUrl: string;
  /** Never indicators, whatever reports of old hold. */
  readonly ownLinks: OwnLinks;
  readonly pause?: Pause | undefined;
}

/** The largest page of a report's indicators. */
const indicatorsPageSize = 1_000;

/** One TruSTAR account as the actions use it. */
export class TrustarReports implements ReportService {
  readonly #options: TrustarReportsOptions;
  readonly #calls: AnalystCalls;
  readonly #submission: ReportSubmission;
  readonly #pause: Pause;

  constructor(options: TrustarReportsOptions) {
    this.#options = options;
    this.#calls = new AnalystCalls(options);
    this.#pause = options.pause ?? realPause;
    this.#submission = new ReportSubmission(this.#calls, this.#pause);
  }

  async find(externalId: string, signal: AbortSignal): Promise<Report | undefined> {
    return this.#calls.patiently((bounded) => findReport(this.#calls, externalId, bounded), signal);
  }

  async submit(draft: ReportDraft, signal: AbortSignal): Promise<string> {
    return this.#submission.submit(draft, signal);
  }

  async update(report: Report, draft: ReportDraft, signal: AbortSignal): Promise<void> {
    await this.#repeat(calls.updateCall(report, draft), signal);
  }

  async remove(reportId: string, signal: AbortSignal): Promise<void> {
    await unlessUnknown(undefined, () => this.#repeat(calls.removeCall(reportId), signal));
  }

  async tag(reportId: string, names: readonly string[], signal: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const call = calls.tagCall(reportId, names);
    const isThere = await unlessUnknown(false, () => this.#repeat(call, signal).then(() => true));
    if (isThere) return;
    // A fresh report may not be there yet.
    await this.waitUntilProcessed(reportId, signal);
    await this.#repeat(call, signal);
  }

  async waitUntilProcessed(reportId: string, signal: AbortSignal): Promise<ReportProcessing> {
    const call = calls.statusCall(reportId);
    const ask = async (): Promise<ReportProcessing> => {
      const { status } = await this.#calls.patiently(
        // A report that was just submitted may not be there yet: the same as not begun.
        (bounded) =>
          unlessUnknown({ status: "UNKNOWN" }, () => this.#calls.json(call, statusAnswer, bounded)),
        signal,
      );
      return toProcessing(status);
    };
    return pollProcessing(ask, this.#pause, signal);
  }

  async indicatorsOf(reportId: string, signal: AbortSignal): Promise<readonly IndicatorRef[]> {
    return unlessUnknown([], async () => {
      const found: IndicatorRef[] = [];
      const pages = eachPage("/reports/{id}/indicators", (pageNumber) => {
        const call = calls.indicatorsCall(reportId, pageNumber, indicatorsPageSize);
        return this.#calls.patiently((bounded) => this.#calls.json(call, indicatorsPage, bounded), signal);
      });
      for await (const items of pages) for (const item of items) found.push(toRef(item));
      return found.filter(({ value }) => !this.#options.ownLinks.has(value));
    });
  }

  async related(
    indicators: readonly IndicatorRef[],
    enclaveIds: readonly string[],
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly IndicatorRef[]> {
    return findRelated(
      this.#calls,
      indicators,
      enclaveIds,
      { limit, ownLinks: this.#options.ownLinks },
      signal,
    );
  }

  async whitelist(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorRef[]> {
    const call = calls.whitelistCall(values);
    const items = await this.#calls.patiently(
      (bounded) => this.#calls.json(call, whitelistAnswer, bounded),
      signal,
    );
    return items.map(toRef);
  }

  /** What is not on the list any more is no error. */
  async removeFromWhitelist(indicator: IndicatorRef, signal: AbortSignal): Promise<void> {
    await unlessUnknown(undefined, () => this.#repeat(calls.unwhitelistCall(indicator), signal));
  }

  async redact(
    title: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly title: string; readonly body: string }> {
    const call = calls.redactCall(title, body);
    const redacted = await this.#calls.patiently(
      (bounded) => this.#calls.json(call, redactedReport, bounded),
      signal,
    );
    return { title: redacted.title, body: redacted.reportBody };
  }

  async priorityOf(value: string, enclaveIds: readonly string[], signal: AbortSignal): Promise<Priority> {
    const source = new TrustarIndicators({ ...this.#options, enclaveIds, priority: "analyst" });
    const metadata = await unlessUnknown([], () =>
      this.#calls.patiently((bounded) => source.metadata([value], bounded), signal),
    );
    if (metadata.length === 0) return "NOT_FOUND";
    // Summaries want the value exactly as TruSTAR keeps it.
    const known = [...new Set(metadata.map((item) => item.value))];
    const summaries = await this.#calls.patiently((bounded) => source.summaries(known, bounded), signal);
    return priorityOf(metadata, summaries);
  }

  reportLink(reportId: string): string {
    return reportLink(this.#options.stationUrl, reportId);
  }

  indicatorLink({ type, value }: IndicatorRef): string {
    return indicatorLink(this.#options.stationUrl, type, value);
  }

  /** For calls that may be made twice and whose answer says nothing. */
  async #repeat(call: AnalystCall, signal: AbortSignal): Promise<void> {
    await this.#calls.patiently((bounded) => this.#calls.text(call, bounded), signal);
  }
}
