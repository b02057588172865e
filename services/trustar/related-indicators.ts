import type { IndicatorRef } from "../../src/core/report.js";
import type { OwnLinks } from "../core/own-links.js";
import type { AnalystCall, AnalystCalls } from "./analyst-calls.js";
import { eachPage } from "./each-page.js";
import { indicatorsPage, type IndicatorItem } from "./report-schema.js";

const endpoint = "/indicators/related";
/** The largest that this endpoint gives. */
const pageSize = 1_000;
/** Of path and query: with a host name in front a URL stays below 2,000 characters, which every proxy lets through. */
const maxUrlChars = 1_900;
/** Left for values however many enclaves are asked. */
const minValueChars = 500;

export interface RelatedWanted {
  readonly limit: number;
  /** TruSTAR's own addresses: neither asked about nor found. */
  readonly ownLinks: OwnLinks;
}

/** @param enclaveIds empty = every enclave the account can read */
export async function findRelated(
  calls: AnalystCalls,
  indicators: readonly IndicatorRef[],
  enclaveIds: readonly string[],
  { limit, ownLinks }: RelatedWanted,
  signal: AbortSignal,
): Promise<readonly IndicatorRef[]> {
  // TruSTAR gives back the values that it was asked about, and with every chunk those of the other chunks.
  const asked = new Set(indicators.map(({ value }) => value.trim().toLowerCase()));
  const found = new Map<string, IndicatorRef>();
  if (limit <= 0) return [];
  const asking = indicators.filter(({ value }) => !ownLinks.has(value));
  for (const values of chunksFor(asking, enclaveIds)) {
    const pages = eachPage(endpoint, (pageNumber) =>
      calls.patiently(
        (bounded) => calls.json(relatedCall(values, enclaveIds, pageNumber), indicatorsPage, bounded),
        signal,
      ),
    );
    for await (const items of pages) {
      const others = items.filter(({ value }) => !asked.has(value.toLowerCase()) && !ownLinks.has(value));
      for (const item of others) found.set(`${item.indicatorType}|${item.value}`, toRef(item));
      if (found.size >= limit) return [...found.values()].slice(0, limit);
    }
  }
  return [...found.values()];
}

export function toRef({ indicatorType, value }: IndicatorItem): IndicatorRef {
  return { type: indicatorType, value };
}

function relatedCall(
  values: readonly string[],
  enclaveIds: readonly string[],
  pageNumber: number,
): AnalystCall {
  return {
    method: "GET",
    endpoint,
    query: { indicators: values.join(","), enclaveIds: enclaveIds.join(","), pageNumber, pageSize },
    values,
    costsQuota: true,
  };
}

/**
 * Values in groups that fit into a URL. A value with a comma is left out: TruSTAR splits at commas, encoded ones
 * included, and would answer for the pieces. So is one that does not fit by itself: it would be answered with 414.
 */
function chunksFor(
  indicators: readonly IndicatorRef[],
  enclaveIds: readonly string[],
): readonly (readonly string[])[] {
  const rest = encodedChars(
    "/api/1.3/indicators/related?indicators=&pageNumber=99&pageSize=1000&enclaveIds=",
  );
  const budget = Math.max(maxUrlChars - rest - encodedChars(enclaveIds.join(",")), minValueChars);
  const values = new Set(indicators.map(({ value }) => value.trim()));
  const chunks: string[][] = [];
  let room = 0;
  for (const value of values) {
    const chars = encodedChars(`${value},`);
    if (value === "" || value.includes(",") || chars > budget) continue;
    if (chars > room) {
      chunks.push([]);
      room = budget;
    }
    chunks.at(-1)?.push(value);
    room -= chars;
  }
  return chunks;
}

/** As the client encodes a query. */
function encodedChars(text: string): number {
  return new URLSearchParams({ "": text }).toString().length - 1;
}
