import { Router } from "express";
import { ApiError } from "../api-error.js";
import type { ServerContext } from "../context.js";
import { objectTypes } from "../seed-rules.js";
import { asList, asText, asWire, type Wire } from "../wire.js";
import type { IncidentRecord, World } from "../world.js";

/** What is searched of each type, in the order of the answer. */
const searched = {
  incident: ["name", "description"],
  artifact: ["value", "description"],
  note: ["text"],
} as const;
type SearchedType = keyof typeof searched;
const everyType = Object.keys(searched) as SearchedType[];

/** SearchExREST: a plain substring of incidents, artifacts and notes; the platform's query language is not here. */
export function searchRoutes({ world, sessions }: ServerContext): Router {
  const router = Router();
  router.post("/search_ex", (req, res) => {
    const principal = sessions.identify(req);
    if (principal === undefined) throw new ApiError(401, "Unauthorized");
    if (!principal.permissions.has("read_all_incidents")) throw new ApiError(403, "You may not search.");
    const { org_id, query, types } = asWire(req.body);
    if (org_id !== undefined && org_id !== null && org_id !== world.orgId) {
      throw new ApiError(403, "You are not a member of this organization.");
    }
    const text = asText(query).toLowerCase();
    if (text === "") throw new ApiError(400, "Field query is required.", ["query"]);
    const wanted = asList(types).map(asText);
    const kinds = wanted.length === 0 ? everyType : everyType.filter((type) => wanted.includes(type));
    const results = [...world.incidents.values()].flatMap((record) =>
      kinds.flatMap((type) => search(world, record, type, text)),
    );
    res.json({ results, partial: false });
  });
  return router;
}

function search(world: World, record: IncidentRecord, type: SearchedType, text: string): Wire[] {
  const objects = { incident: [record.dto], artifact: record.artifacts, note: record.comments }[type];
  return objects.flatMap((object) => {
    const field = searched[type].find((name) => asText(object[name]).toLowerCase().includes(text));
    if (field === undefined) return [];
    return [
      {
        obj_id: object.id,
        type_id: objectTypes[type],
        inc_id: record.dto.id,
        inc_name: record.dto["name"],
        org_id: world.orgId,
        match_field_name: field,
        match_field_value: object[field],
        result: object,
      },
    ];
  });
}
