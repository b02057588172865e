import { DAY_MS } from "../../../src/core/time.js";
import { badRequest } from "./api-error.js";
import type { Exchange, Route } from "./exchange.js";
import type { ExtractedIndicator } from "./extract.js";
import { recognise } from "./recognise.js";
import { json, page, type Reply } from "./reply.js";
import type { Report } from "./report-store.js";
import { reportWire } from "./report-wire.js";
import type { World } from "./world.js";

const RELATED_WINDOW_MS = 90 * DAY_MS;

export function correlationRoutes(world: World): readonly Route[] {
  return [
    { method: "GET", template: "/reports/correlated", handle: (exchange) => correlated(world, exchange) },
    { method: "GET", template: "/reports/correlate", handle: (exchange) => correlatedIds(world, exchange) },
    { method: "GET", template: "/indicators/related", handle: (exchange) => related(world, exchange) },
  ];
}

/** Fails as a whole on a URL, a domain or a value nobody has ever seen. */
function correlated(world: World, exchange: Exchange): Reply {
  const { enclaves, values } = asked(world, exchange);
  for (const value of values) {
    if (recognise(value) === "URL") throw badRequest(`Indicators of type URL are not supported: ${value}`);
    if (world.knowledge.find(value, enclaves).length === 0) throw badRequest(`Unknown indicator: ${value}`);
  }
  const reports = newestFirst(values.flatMap((value) => world.knowledge.reportsWith(value, enclaves)));
  return page(reports.map(reportWire), exchange.query.page(25, 100));
}

/** Deprecated: bare ids, and nothing for short terms. */
function correlatedIds(world: World, exchange: Exchange): Reply {
  const { enclaves, values } = asked(world, exchange);
  const long = values.filter((value) => value.length > 3);
  const reports = newestFirst(long.flatMap((value) => world.knowledge.reportsWith(value, enclaves)));
  return json(reports.map(({ id }) => id));
}

/** Everything found beside the values in a report of the last 90 days; the values themselves come back too. */
function related(world: World, exchange: Exchange): Reply {
  const { enclaves, values } = asked(world, exchange);
  const oldest = world.clock.now() - RELATED_WINDOW_MS;
  const found = new Map<string, ExtractedIndicator>();
  for (const report of values.flatMap((value) => world.knowledge.reportsWith(value, enclaves))) {
    if (report.updated < oldest) continue;
    for (const indicator of report.indicators) {
      if (!world.whitelist.has(indicator)) found.set(`${indicator.type}|${indicator.value}`, indicator);
    }
  }
  const items = [...found.values()].map(({ type, value }) => ({ indicatorType: type, value }));
  return page(items, exchange.query.page(100, 1000));
}

function asked(world: World, { label, account, query }: Exchange) {
  const values = query.list("indicators");
  world.calls.batch(label, values.length);
  if (values.length === 0) throw badRequest("Required List parameter 'indicators' is not present");
  return { values, enclaves: world.enclaves.readable(account, query.list("enclaveIds")) };
}

function newestFirst(reports: readonly Report[]): readonly Report[] {
  return [...new Set(reports)].sort((a, b) => b.updated - a.updated);
}
