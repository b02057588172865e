import type { Exchange, Route } from "./exchange.js";
import { recordBody } from "./exchange.js";
import { notFound } from "./api-error.js";
import { emptyOk, json, page, text, type Reply } from "./reply.js";
import { ReportDesk } from "./report-desk.js";
import { parseReport } from "./report-input.js";
import type { Report } from "./report-store.js";
import { reportWire } from "./report-wire.js";
import type { World } from "./world.js";

export function reportRoutes(world: World): readonly Route[] {
  const desk = new ReportDesk(world);
  return [
    {
      method: "POST",
      template: "/reports",
      quotaExempt: true,
      // The bare id, not JSON.
      handle: ({ account, body }) => text(desk.submit(account, parseReport(body, world.clock.now())).id),
    },
    { method: "GET", template: "/reports/{id}", handle: (exchange) => details(world, desk, exchange) },
    {
      method: "PUT",
      template: "/reports/{id}",
      quotaExempt: true,
      handle: (exchange) => {
        desk.replace(exchange.account, desk.find(exchange), parseReport(exchange.body, world.clock.now()));
        return emptyOk;
      },
    },
    {
      method: "DELETE",
      template: "/reports/{id}",
      handle: (exchange) => {
        world.reports.delete(desk.findWritable(exchange).id);
        return emptyOk;
      },
    },
    {
      method: "POST",
      template: "/reports/upsert",
      handle: (exchange) => text(upsert(world, desk, exchange).id),
    },
    {
      method: "GET",
      template: "/reports/{id}/status",
      handle: (exchange) => {
        const report = desk.findInternal(exchange);
        const status = desk.status(report);
        const errorMessage = status === "SUBMISSION_FAILURE" ? "Indicators could not be extracted" : "";
        return json({ id: report.id, status, errorMessage });
      },
    },
    {
      method: "GET",
      template: "/reports/{id}/indicators",
      handle: (exchange) => indicators(world, desk, exchange),
    },
  ];
}

/** A fresh report may not be there yet; one that was only updated stays visible. */
function details(world: World, desk: ReportDesk, exchange: Exchange): Reply {
  const report = desk.find(exchange);
  const fresh = report.submissionVersion === 1 && desk.status(report) === "SUBMISSION_PROCESSING";
  if (fresh && !world.detailsWhileProcessing) throw notFound("Report not found");
  const withNotes = exchange.query.flag("includeNotes", false);
  return json({ ...reportWire(report), ...(withNotes ? { notes: [] } : {}) });
}

function indicators(world: World, desk: ReportDesk, exchange: Exchange): Reply {
  const report = desk.find(exchange);
  desk.requireProcessed(report);
  const applyWhitelist = exchange.query.flag("applyWhitelist", true);
  const items = report.indicators.flatMap((indicator) => {
    const whitelisted = world.whitelist.has(indicator);
    const item = { indicatorType: indicator.type, value: indicator.value, weight: 1 };
    if (applyWhitelist) return whitelisted ? [] : [item];
    return [{ ...item, whitelisted }];
  });
  return page(items, exchange.query.page(100, 1000));
}

function upsert(world: World, desk: ReportDesk, { account, query, body }: Exchange): Report {
  const input = parseReport(body, world.clock.now());
  const { guid } = recordBody(body);
  const byExternalId = query.oneOf("idType", ["internal", "external"]) === "external";
  const mode = query.oneOf("mode", ["OVERRIDE", "APPEND"]);
  const old = byExternalId
    ? world.reports
        .byExternalId(input.externalTrackingId ?? "")
        .find(({ enclaveId }) => enclaveId === input.enclaveId)
    : world.reports.get(typeof guid === "string" ? guid : "");
  if (old === undefined) {
    if (!byExternalId && typeof guid === "string") throw notFound(`Report ${guid} not found`);
    return desk.submit(account, input);
  }
  const reportBody = mode === "APPEND" ? `${old.reportBody}\n${input.reportBody}` : input.reportBody;
  return desk.replace(account, old, { ...input, reportBody });
}
