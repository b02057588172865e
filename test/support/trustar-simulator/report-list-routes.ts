import { DAY_MS } from "../../../src/core/time.js";
import { ApiError, badRequest } from "./api-error.js";
import { optionalText, isRecord, type Exchange, type Route } from "./exchange.js";
import { page, type Reply } from "./reply.js";
import type { Report } from "./report-store.js";
import { reportHeading, reportWire } from "./report-wire.js";
import type { World } from "./world.js";

const YEAR_MS = 365 * DAY_MS;
const MAX_RESULTS = 10_000;
const LIST_WINDOW_MS = 14 * DAY_MS;

export function reportListRoutes(world: World): readonly Route[] {
  const search = (exchange: Exchange): Reply => searchReports(world, exchange);
  return [
    { method: "GET", template: "/reports/search", handle: search },
    { method: "POST", template: "/reports/search", handle: search },
    { method: "GET", template: "/reports", handle: (exchange) => listReports(world, exchange) },
  ];
}

export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Both ends belong to the window; `from` is moved up until it spans a year at most. */
export function timeWindow({ query }: Exchange, nowMs: number, defaultMs: number): TimeWindow {
  const to = query.number("to") ?? nowMs;
  const from = query.number("from") ?? to - defaultMs;
  if (from > to) throw badRequest("'from' must not be after 'to'");
  return { from: Math.max(from, to - YEAR_MS), to };
}

/** In the body or in the query. */
export function searchTerm({ query, body }: Exchange): string | undefined {
  return (isRecord(body) ? optionalText(body, "searchTerm") : undefined) ?? query.text("searchTerm");
}

/** The service answers 500 to the page after the last result it can reach. */
export function refuseDeepPage({ number, size }: { number: number; size: number }): void {
  if (number * size >= MAX_RESULTS) throw new ApiError(500, "Result window is too large");
}

/** Bodies are left out. An empty term browses; one or two letters are refused. */
function searchReports(world: World, exchange: Exchange): Reply {
  const term = searchTerm(exchange)?.toLowerCase();
  if (term !== undefined && term.length < 3) throw badRequest("searchTerm must have at least 3 characters");
  const request = exchange.query.page(25, 100);
  refuseDeepPage(request);
  const found = visibleReports(world, exchange, DAY_MS).filter(
    ({ title, reportBody }) => term === undefined || `${title}\n${reportBody}`.toLowerCase().includes(term),
  );
  return page(found.map(reportHeading), request);
}

/** Deprecated: callers page through it by moving `to`, so the newest always come first. */
function listReports(world: World, exchange: Exchange): Reply {
  const community = exchange.query.text("distributionType")?.toUpperCase() === "COMMUNITY";
  const found = community ? [] : visibleReports(world, exchange, LIST_WINDOW_MS);
  return page(found.map(reportWire), exchange.query.page(25, 100));
}

/** Processed reports of the readable enclaves asked for, last updated first; all tags, none of the excluded. */
function visibleReports(world: World, exchange: Exchange, defaultWindowMs: number): readonly Report[] {
  const { account, query } = exchange;
  const now = world.clock.now();
  const { from, to } = timeWindow(exchange, now, defaultWindowMs);
  const enclaves = world.enclaves.readable(account, query.list("enclaveIds"));
  const wanted = query.list("tags").map((tag) => tag.toLowerCase());
  const excluded = query.list("excludedTags").map((tag) => tag.toLowerCase());
  return world.reports
    .all()
    .filter(({ enclaveId, processedAt }) => enclaves.has(enclaveId) && processedAt <= now)
    .filter(({ updated }) => updated >= from && updated <= to)
    .filter(({ tags }) => wanted.every((tag) => tags.includes(tag)))
    .filter(({ tags }) => !excluded.some((tag) => tags.includes(tag)))
    .sort((a, b) => b.updated - a.updated);
}
