import { ApiError, badRequest } from "./api-error.js";
import { isRecord, stringList, type Exchange, type Route } from "./exchange.js";
import type { Sighted } from "./knowledge.js";
import { INDICATOR_TYPES } from "./model.js";
import { json, page, type Reply } from "./reply.js";
import type { World } from "./world.js";

/** The two batch calls that a look-up is made of. */
export function lookupRoutes(world: World): readonly Route[] {
  return [
    {
      method: "POST",
      template: "/indicators/metadata",
      handle: (exchange) => metadata(world, exchange),
    },
    {
      method: "POST",
      template: "/indicators/summaries",
      handle: (exchange) => summaries(world, exchange),
    },
  ];
}

/** A bare array of the known ones; unknown values and those of another type are left out. */
function metadata(world: World, { label, account, query, body }: Exchange): Reply {
  const asked = metadataBody(body);
  countBatch(world, label, asked.length);
  const enclaves = world.enclaves.readable(account, query.list("enclaveIds"));
  return json(
    asked.flatMap(({ value, type }) =>
      world.knowledge
        .find(value, enclaves)
        .filter((found) => type === undefined || found.type === type)
        .map(metadataItem),
    ),
  );
}

function metadataBody(body: unknown): readonly { value: string; type: string | undefined }[] {
  if (!Array.isArray(body)) throw badRequest("Request body must be a list of indicators");
  const asked = body.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.value !== "string")
      throw badRequest("Each indicator must have a value");
    const type = entry.indicatorType ?? undefined;
    if (type !== undefined && !INDICATOR_TYPES.some((known) => known === type)) {
      throw badRequest(`Unknown indicator type: ${JSON.stringify(type)}`);
    }
    return { value: entry.value, type: type as string | undefined };
  });
  const typed = asked.filter(({ type }) => type !== undefined).length;
  if (typed !== 0 && typed !== asked.length) {
    throw badRequest("If one indicator has an indicatorType, all of them must have one");
  }
  return asked;
}

function metadataItem(found: Sighted): unknown {
  return {
    indicatorType: found.type,
    value: found.value,
    correlationCount: 0,
    priorityLevel: found.priorityLevel,
    noteCount: found.notes.length,
    sightings: found.sightings,
    firstSeen: found.firstSeen,
    lastSeen: found.lastSeen,
    enclaveIds: found.enclaveIds,
    tags: found.tags,
    source: found.source,
    notes: found.notes,
    guid: `${found.type}|${found.value}`,
  };
}

function summaries(world: World, { label, account, query, body }: Exchange): Reply {
  const asked = stringList(body, "Request body");
  countBatch(world, label, asked.length);
  const enclaves = world.enclaves.readable(account, query.list("enclaveIds"));
  const items = [...new Set(asked)].flatMap((value) =>
    world.knowledge
      .find(value, enclaves)
      .flatMap((found) => found.summaries.map((summary) => ({ ...summary, type: found.type, value }))),
  );
  return page(items, query.page(25, 100));
}

function countBatch(world: World, label: string, size: number): void {
  world.calls.batch(label, size);
  const max = world.limits.limits.valuesPerCall ?? Infinity;
  if (size > max) throw new ApiError(400, `At most ${max} indicators can be asked for in one call`);
}
