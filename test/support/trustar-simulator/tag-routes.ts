import { badRequest, notFound } from "./api-error.js";
import { isRecord, recordBody, requiredText, type Exchange, type Route } from "./exchange.js";
import type { IndicatorTag } from "./model.js";
import { emptyOk, json, text, type Reply } from "./reply.js";
import { ReportDesk } from "./report-desk.js";
import type { Report } from "./report-store.js";
import { stableId } from "./stable-id.js";
import { tagName, tagNames } from "./tag-name.js";
import type { World } from "./world.js";

export function tagRoutes(world: World): readonly Route[] {
  const desk = new ReportDesk(world);
  return [
    { method: "GET", template: "/reports/{id}/tags", handle: (x) => json(reportTags(desk.find(x))) },
    {
      method: "POST",
      template: "/reports/{id}/alter-tags",
      handle: (exchange) => {
        const body = recordBody(exchange.body);
        const report = desk.findWritable(exchange);
        return alter(world, report, tagNames(body.addedTags), tagNames(body.removedTags));
      },
    },
    {
      // Deprecated: one tag by query; the enclave is ignored and the answer is its bare name.
      method: "POST",
      template: "/reports/{id}/tags",
      handle: (exchange) => {
        const name = tagName(exchange.query.required("name"));
        alter(world, desk.findWritable(exchange), [name], []);
        return text(name);
      },
    },
    {
      method: "DELETE",
      template: "/reports/{id}/tags/{tag}",
      handle: (x) => {
        alter(world, desk.findWritable(x), [], [x.params.tag?.toLowerCase() ?? ""]);
        return emptyOk;
      },
    },
    { method: "GET", template: "/reports/tags", handle: (exchange) => allReportTags(world, exchange) },
    { method: "GET", template: "/indicators/tags", handle: (exchange) => allIndicatorTags(world, exchange) },
    { method: "POST", template: "/indicators/tags", handle: (exchange) => tagIndicator(world, exchange) },
    {
      method: "DELETE",
      template: "/indicators/tags/{guid}",
      handle: (exchange) => untagIndicator(world, exchange),
    },
  ];
}

/** Report tags have no ids of their own: the name stands in. */
function reportTags({ tags, enclaveId }: Report): readonly IndicatorTag[] {
  return tags.map((name) => ({ guid: name, name, enclaveId }));
}

/** Adding what is there or removing what isn't changes nothing. */
function alter(world: World, report: Report, added: readonly string[], removed: readonly string[]): Reply {
  const tags = [...new Set([...report.tags, ...added])].filter((name) => !removed.includes(name));
  world.reports.put({ ...report, tags });
  return json({ id: report.id });
}

function allReportTags(world: World, { account, query }: Exchange): Reply {
  const enclaves = world.enclaves.readable(account, query.list("enclaveIds"));
  const tags = world.reports
    .all()
    .filter(({ enclaveId }) => enclaves.has(enclaveId))
    .flatMap(reportTags);
  return json(unique(tags));
}

function allIndicatorTags(world: World, { account, query }: Exchange): Reply {
  const enclaves = world.enclaves.readable(account, query.list("enclaveIds"));
  return json(unique(world.knowledge.tagsIn(enclaves)));
}

function unique(tags: readonly IndicatorTag[]): readonly IndicatorTag[] {
  return [...new Map(tags.map((tag) => [`${tag.name} ${tag.enclaveId}`, tag])).values()];
}

function tagIndicator(world: World, { account, body }: Exchange): Reply {
  const record = recordBody(body);
  const value = requiredText(record, "value");
  if (!isRecord(record.tag)) throw badRequest("tag must not be empty");
  const name = tagName(record.tag.name);
  const enclaveId = requiredText(record.tag, "enclaveId");
  world.enclaves.require(account, "update", enclaveId);
  const tag = { guid: stableId(`tag ${name} ${enclaveId}`), name, enclaveId };
  const found = world.knowledge.find(value, world.enclaves.readable(account, []));
  if (found.length === 0) throw notFound(`Indicator ${value} not found`);
  for (const { type } of found) world.catalogue.retag(value, type, (tags) => unique([...tags, tag]));
  return json(tag);
}

function untagIndicator(world: World, { account, query, params }: Exchange): Reply {
  const value = query.required("value");
  const found = world.knowledge
    .find(value, world.enclaves.readable(account, []))
    .filter(({ tags }) => tags.some(({ guid }) => guid === params.guid));
  if (found.length === 0) throw notFound("Tag not found");
  for (const { type } of found) {
    world.catalogue.retag(value, type, (tags) => tags.filter(({ guid }) => guid !== params.guid));
  }
  return emptyOk;
}
