import { z } from "zod";
import type { CorrelatedReport, IndicatorMetadata, IndicatorSummary } from "../../src/core/indicator.js";
import type { IndicatorSource, PagesRead } from "../../src/core/ports.js";
import type { CallPriority } from "./budget-gate.js";
import { indicatorLink, reportLink } from "./station-links.js";
import type { TrustarCall, TrustarClient } from "./trustar-client.js";
import { readAllPages, withAdvice } from "./read-all-pages.js";
import { readItems, readItemsAbout, type ReadItems } from "./read-items.js";
import { itemsAnswer, metadataItem, pageOf, reportItem, summaryItem } from "./trustar-schema.js";

export interface TrustarIndicatorsOptions {
  readonly client: TrustarClient;
  /** Empty = every enclave the account can read. */
  readonly enclaveIds: readonly string[];
  /** Root of Station's pages without trailing slash. */
  readonly stationUrl: string;
  /** Told before a call that costs quota. */
  readonly beforeCost: () => void;
  /** Told how many items of an answer could be read in part only. */
  readonly onOddItems?: ((count: number) => void) | undefined;
  /** Default: lookup. */
  readonly priority?: CallPriority | undefined;
}

/** The largest page the vendor's own application asks of the summaries. */
const summariesPageSize = 100;
const reportsPageSize = 25;

const itemsPage = pageOf(z.unknown());

/** TruSTAR as a source of intelligence: bulk questions about values, within the configured enclaves. */
export class TrustarIndicators implements IndicatorSource {
  readonly #options: TrustarIndicatorsOptions;
  readonly #enclaves: string;
  readonly #priority: CallPriority;

  constructor(options: TrustarIndicatorsOptions) {
    this.#options = options;
    this.#enclaves = options.enclaveIds.join(",");
    this.#priority = options.priority ?? "lookup";
  }

  async metadata(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorMetadata[]> {
    this.#options.beforeCost();
    const endpoint = "/indicators/metadata";
    const asked = values.map((value) => ({ value }));
    const call = this.#post(endpoint, {}, values, asked);
    const items = await this.#ask(call, itemsAnswer, signal);
    return this.#told(await readItemsAbout(values, items, metadataItem, endpoint)).map(toMetadata);
  }

  async summaries(
    values: readonly string[],
    signal: AbortSignal,
    read?: PagesRead,
  ): Promise<readonly IndicatorSummary[]> {
    const endpoint = "/indicators/summaries";
    const items = await this.#allPages(
      (pageNumber) => this.#post(endpoint, { pageNumber, pageSize: summariesPageSize }, values, values),
      signal,
      read,
    );
    return this.#told(await readItemsAbout(values, items, summaryItem, endpoint)).map(toSummary);
  }

  async correlatedReports(
    values: readonly string[],
    signal: AbortSignal,
    read?: PagesRead,
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
        priority: this.#priority,
      }),
      signal,
      read,
    );
    return this.#told(await readItems(items, reportItem)).map(toReport);
  }

  reportLink(reportId: string): string {
    return reportLink(this.#options.stationUrl, reportId);
  }

  indicatorLink(indicatorType: string, value: string): string {
    return indicatorLink(this.#options.stationUrl, indicatorType, value);
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
      priority: this.#priority,
    };
  }

  #told<T>({ items, odd }: ReadItems<T>): readonly T[] {
    if (odd > 0) this.#options.onOddItems?.(odd);
    return items;
  }

  async #ask<T extends z.ZodType>(call: TrustarCall, schema: T, signal: AbortSignal): Promise<z.output<T>> {
    try {
      return await this.#options.client.json(call, schema, signal);
    } catch (error) {
      throw withAdvice(error);
    }
  }

  #allPages(
    pageCall: (pageNumber: number) => TrustarCall,
    signal: AbortSignal,
    read?: PagesRead,
  ): Promise<readonly unknown[]> {
    const readPage = (pageNumber: number): Promise<z.output<typeof itemsPage>> => {
      this.#options.beforeCost();
      return this.#ask(pageCall(pageNumber), itemsPage, signal);
    };
    return readAllPages(pageCall(0).endpoint, readPage, read);
  }
}

type AboutValue<T> = T & { readonly value: string };

function toMetadata(item: AboutValue<z.output<typeof metadataItem>>): IndicatorMetadata {
  return {
    value: item.value,
    indicatorType: item.indicatorType ?? "",
    priorityLevel: item.priorityLevel ?? "NOT_FOUND",
    firstSeenMs: item.firstSeen ?? undefined,
    lastSeenMs: item.lastSeen ?? undefined,
    sightings: item.sightings ?? undefined,
    tags: item.tags?.flatMap((tag) => tag?.name ?? []) ?? [],
  };
}

function toSummary(item: AboutValue<z.output<typeof summaryItem>>): IndicatorSummary {
  const { score, severityLevel } = item;
  return {
    value: item.value,
    reportId: item.reportId ?? "",
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
    id: item.id ?? "",
    title: item.title ?? "",
    updatedMs: item.updated ?? undefined,
    timeBeganMs: toMs(item.timeBegan),
    externalUrl: item.externalUrl ?? undefined,
  };
}

const longestTime = 100;

/** Milliseconds or ISO 8601, as the server pleases. */
function toMs(time: number | string | null | undefined): number | undefined {
  const parsed = typeof time === "string" ? Date.parse(time.slice(0, longestTime)) : time;
  return parsed == null || Number.isNaN(parsed) ? undefined : parsed;
}
