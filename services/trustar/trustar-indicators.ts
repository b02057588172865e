import type { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";
import type { CorrelatedReport, IndicatorMetadata, IndicatorSummary } from "../../src/core/indicator.js";
import type { IndicatorSource } from "../../src/core/ports.js";
import type { TrustarCall, TrustarClient } from "./trustar-client.js";
import { metadataAnswer, type metadataItem, pageOf, reportItem, summaryItem } from "./trustar-schema.js";

export interface TrustarIndicatorsOptions {
  readonly client: TrustarClient;
  /** Empty = every enclave the account can read. */
  readonly enclaveIds: readonly string[];
  /** Root of Station's pages without trailing slash. */
  readonly stationUrl: string;
  /** Told before a call that costs quota. */
  readonly beforeCost: () => void;
}

/** The largest page the vendor's own application asks of the summaries. */
const summariesPageSize = 100;
const reportsPageSize = 25;
/** A hundred values have some hundred summaries; an upstream that pages for ever is broken. */
const maxPages = 50;

const summariesPage = pageOf(summaryItem);
const reportsPage = pageOf(reportItem);

/** Look-ups' view of TruSTAR: bulk questions about values, within the configured enclaves. */
export class TrustarIndicators implements IndicatorSource {
  readonly #options: TrustarIndicatorsOptions;
  readonly #enclaves: string;

  constructor(options: TrustarIndicatorsOptions) {
    this.#options = options;
    this.#enclaves = options.enclaveIds.join(",");
  }

  async metadata(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorMetadata[]> {
    this.#options.beforeCost();
    const call = this.#post(
      "/indicators/metadata",
      {},
      values,
      values.map((value) => ({ value })),
    );
    const items = await this.#options.client.json(call, metadataAnswer, signal);
    return items.map(toMetadata);
  }

  async summaries(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorSummary[]> {
    const items = await this.#allPages(
      (pageNumber) =>
        this.#post("/indicators/summaries", { pageNumber, pageSize: summariesPageSize }, values, values),
      summariesPage,
      signal,
    );
    return items.map(toSummary);
  }

  async correlatedReports(
    values: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly CorrelatedReport[]> {
    const items = await this.#allPages(
      (pageNumber) => ({
        method: "GET",
        endpoint: "/reports/correlated",
        query: {
          indicators: values.join(","),
          enclaveIds: this.#enclaves,
          distributionType: "ENCLAVE",
          pageNumber,
          pageSize: reportsPageSize,
        },
        values,
        costsQuota: true,
        priority: "lookup",
      }),
      reportsPage,
      signal,
    );
    return items.map(toReport);
  }

  reportLink(reportId: string): string {
    return `${this.#options.stationUrl}/constellation/reports/${encodeURIComponent(reportId)}`;
  }

  /** The form of the legacy app's links: base64 of the type, an escaped bar and the value. */
  indicatorLink(indicatorType: string, value: string): string {
    const key = Buffer.from(`${indicatorType}%7C${value}`, "utf8").toString("base64");
    return `${this.#options.stationUrl}/constellation/reports/${key}`;
  }

  #post(
    endpoint: string,
    query: Readonly<Record<string, number>>,
    values: readonly string[],
    body: unknown,
  ): TrustarCall {
    return {
      method: "POST",
      endpoint,
      query: { ...query, enclaveIds: this.#enclaves },
      body,
      values,
      costsQuota: true,
      priority: "lookup",
    };
  }

  async #allPages<T>(
    pageCall: (pageNumber: number) => TrustarCall,
    schema: z.ZodType<{ items: T[]; hasNext: boolean }>,
    signal: AbortSignal,
  ): Promise<T[]> {
    const all: T[] = [];
    for (let pageNumber = 0; pageNumber < maxPages; pageNumber += 1) {
      this.#options.beforeCost();
      const page = await this.#options.client.json(pageCall(pageNumber), schema, signal);
      all.push(...page.items);
      if (!page.hasNext) return all;
    }
    const { endpoint } = pageCall(0);
    throw new UpstreamError(
      "upstream_invalid_answer",
      `TruSTAR's ${endpoint} has more than ${maxPages} pages`,
    );
  }
}

function toMetadata(item: z.output<typeof metadataItem>): IndicatorMetadata {
  return {
    value: item.value,
    indicatorType: item.indicatorType,
    priorityLevel: item.priorityLevel ?? "NOT_FOUND",
    firstSeenMs: item.firstSeen ?? undefined,
    lastSeenMs: item.lastSeen ?? undefined,
    sightings: item.sightings ?? undefined,
    tags: item.tags?.map((tag) => tag.name) ?? [],
  };
}

function toSummary(item: z.output<typeof summaryItem>): IndicatorSummary {
  const { score, severityLevel } = item;
  return {
    value: item.value,
    indicatorType: item.type ?? undefined,
    reportId: item.reportId,
    sourceName: item.source?.name ?? item.source?.key ?? "unnamed source",
    score: score?.value == null ? undefined : { name: score.name ?? "Score", value: score.value },
    // -1 is "unknown" on the vendor's scale: the source gives no severity.
    severityLevel: severityLevel == null || severityLevel < 0 ? undefined : severityLevel,
    description: item.description ?? undefined,
    updatedMs: item.updated ?? undefined,
  };
}

function toReport(item: z.output<typeof reportItem>): CorrelatedReport {
  return {
    id: item.id,
    title: item.title ?? "",
    updatedMs: item.updated ?? undefined,
    timeBeganMs: toMs(item.timeBegan),
    externalUrl: item.externalUrl ?? undefined,
  };
}

/** Milliseconds or ISO 8601, as the server pleases. */
function toMs(time: number | string | null | undefined): number | undefined {
  const parsed = typeof time === "string" ? Date.parse(time) : time;
  return parsed == null || Number.isNaN(parsed) ? undefined : parsed;
}
