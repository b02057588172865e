import { DAY_MS } from "../../../src/core/time.js";
import { ApiError, badRequest } from "./api-error.js";
import { isRecord, optionalText, recordBody, requiredText, stringList } from "./exchange.js";
import type { Exchange, Route } from "./exchange.js";
import type { Sighted } from "./knowledge.js";
import { INDICATOR_TYPES, type NewIndicator } from "./model.js";
import { recognise } from "./recognise.js";
import { emptyOk, page, type Reply } from "./reply.js";
import { refuseDeepPage, searchTerm, timeWindow } from "./report-list-routes.js";
import { tagNames } from "./tag-name.js";
import type { World } from "./world.js";

const MAX_SUBMITTED = 10_000;

export function indicatorRoutes(world: World): readonly Route[] {
  const search = (exchange: Exchange): Reply => searchIndicators(world, exchange);
  return [
    { method: "GET", template: "/indicators/search", handle: search },
    { method: "POST", template: "/indicators/search", handle: search },
    { method: "GET", template: "/indicators", handle: (exchange) => listIndicators(world, exchange) },
    {
      method: "POST",
      template: "/indicators",
      quotaExempt: true,
      handle: (exchange) => submitIndicators(world, exchange),
    },
  ];
}

/** Substring of at least three characters; a shorter term is dropped and everything else comes back. */
function searchIndicators(world: World, exchange: Exchange): Reply {
  const { query } = exchange;
  const types = query.list("entityTypes");
  for (const type of types) {
    if (!INDICATOR_TYPES.some((known) => known === type)) throw badRequest(`Unknown indicator type: ${type}`);
  }
  const request = query.page(25, 1000);
  refuseDeepPage(request);
  const term = searchTerm(exchange);
  const wanted = query.list("tags").map((tag) => tag.toLowerCase());
  const excluded = query.list("excludedTags").map((tag) => tag.toLowerCase());
  const found = visible(world, exchange, DAY_MS, (term?.length ?? 0) < 3 ? undefined : term)
    .filter(({ type }) => types.length === 0 || types.includes(type))
    .filter(({ tags }) => wanted.every((name) => tags.some((tag) => tag.name === name)))
    .filter(({ tags }) => !excluded.some((name) => tags.some((tag) => tag.name === name)));
  return page(found.map(searchItem), request);
}

/** Deprecated: value and type only, tags by id. */
function listIndicators(world: World, exchange: Exchange): Reply {
  const wanted = exchange.query.list("tagIds");
  const excluded = exchange.query.list("excludedTagIds");
  const found = visible(world, exchange, 7 * DAY_MS)
    .filter(({ tags }) => wanted.every((id) => tags.some(({ guid }) => guid === id)))
    .filter(({ tags }) => !excluded.some((id) => tags.some(({ guid }) => guid === id)));
  const items = found.map(({ type, value }) => ({ indicatorType: type, value }));
  return page(items, exchange.query.page(25, 1000));
}

/** Last seen within the window, newest first, without what the company has whitelisted. */
function visible(world: World, exchange: Exchange, windowMs: number, term?: string): readonly Sighted[] {
  const { from, to } = timeWindow(exchange, world.clock.now(), windowMs);
  const enclaves = world.enclaves.readable(exchange.account, exchange.query.list("enclaveIds"));
  return world.knowledge
    .browse(enclaves, term)
    .filter((found) => found.lastSeen >= from && found.lastSeen <= to && !world.whitelist.has(found))
    .toSorted((a, b) => b.lastSeen - a.lastSeen);
}

function searchItem({ type, value, priorityLevel, firstSeen, lastSeen }: Sighted): unknown {
  return { indicatorType: type, value, priorityLevel, firstSeen, lastSeen, guid: `${type}|${value}` };
}

/** Answers at once and processes later; what isn't recognised as an indicator is dropped without a word. */
function submitIndicators(world: World, { account, label, body }: Exchange): Reply {
  const record = recordBody(body);
  const enclaveIds = stringList(record.enclaveIds, "enclaveIds");
  const rows: readonly unknown[] = Array.isArray(record.content) ? record.content : [];
  if (enclaveIds.length === 0) throw badRequest("enclaveIds must not be empty");
  if (rows.length === 0) throw badRequest("content must have at least one indicator");
  world.calls.batch(label, rows.length);
  if (rows.length > MAX_SUBMITTED) {
    throw new ApiError(413, `Max indicators per submission are ${MAX_SUBMITTED}`);
  }
  for (const id of enclaveIds) world.enclaves.require(account, "create", id);
  const common = tagNames(record.tags);
  const visibleAt = world.clock.now() + world.extractionDelayMs;
  const indicators = rows.map((row) => submittedIndicator(row, enclaveIds, common, world.clock.now()));
  for (const indicator of indicators) {
    if (recognise(indicator.value) !== undefined) world.catalogue.add(indicator, visibleAt);
  }
  return emptyOk;
}

/** An indicator's own tags win over those of the submission. */
function submittedIndicator(
  row: unknown,
  enclaveIds: readonly string[],
  common: readonly string[],
  nowMs: number,
): NewIndicator {
  if (!isRecord(row)) throw badRequest("content must be a list of indicators");
  const own = tagNames(row.tags);
  const notes = optionalText(row, "notes");
  return {
    value: requiredText(row, "value"),
    enclaveIds,
    tags: own.length > 0 ? own : common,
    sightings: numberOf(row, "sightings") ?? 1,
    firstSeen: numberOf(row, "firstSeen") ?? nowMs,
    lastSeen: numberOf(row, "lastSeen") ?? nowMs,
    source: optionalText(row, "source") ?? "",
    notes: notes === undefined ? [] : [notes],
  };
}

function numberOf(row: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = row[name] ?? undefined;
  if (value !== undefined && typeof value !== "number") throw badRequest(`${name} must be a number`);
  return value;
}
