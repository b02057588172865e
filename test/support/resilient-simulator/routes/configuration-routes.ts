import { Router } from "express";
import { ApiError, notFound } from "../api-error.js";
import { allow, idOf, type ServerContext } from "../context.js";
import { applyImport } from "../apply-import.js";
import { checkImport } from "../check-import.js";
import { asList, asWire, type Wire } from "../wire.js";
import type { World } from "../world.js";
import { ruleNames } from "./customization-routes.js";
import { serverVersion } from "./const-routes.js";

/** Export of everything, and import in two steps: uploaded, then accepted or rejected. */
export function configurationRoutes(context: ServerContext): Router {
  const router = Router();
  const { world } = context;
  const mayAdminister = allow("edit_data");

  router.post("/configurations/exports", mayAdminister, (_req, res) => {
    res.json(exportOf(world, context.clock.now()));
  });
  router.post("/configurations/imports", mayAdminister, (req, res) => {
    const data = asWire(req.body);
    for (const needed of ["incident_types", "fields"]) {
      if (asList(data[needed]).length === 0)
        throw new ApiError(400, `The import has no ${needed}.`, [needed]);
    }
    checkImport(world, data);
    const id = world.nextId();
    world.imports.set(id, data);
    res.json({ id, status: "PENDING", messages: [] });
  });
  router.put("/configurations/imports/:id", mayAdminister, (req, res) => {
    const id = idOf(req, "id");
    const data = world.imports.get(id);
    if (data === undefined) throw notFound("configuration import", id);
    const { status } = asWire(req.body);
    if (status === "ACCEPTED") applyImport(world, data);
    world.imports.delete(id);
    res.json({ id, status, messages: [] });
  });
  return router;
}

function exportOf(world: World, nowMs: number): Wire {
  return {
    export_format_version: 2,
    export_type: "ORG",
    export_date: nowMs,
    server_version: serverVersion,
    locale: null,
    id: world.nextId(),
    overrides: [],
    actions: world.rules.map((rule) => ({ ...rule, ...ruleNames(world, rule) })),
    functions: world.functions,
    fields: [...world.fields].flatMap(([type, fields]) =>
      fields.map((field) => ({ ...field, export_key: `${type}/${field.name}` })),
    ),
    incident_artifact_types: world.artifactTypes.filter(({ system }) => !system),
    incident_types: world.incidentTypes,
    message_destinations: world.destinations.map((one) => ({ ...one, users: [], api_keys: [] })),
    workflows: world.workflows,
    workspaces: world.workspaces,
    phases: world.phases,
    scripts: [],
    types: [],
    playbooks: [],
    layouts: [],
    tags: [],
  };
}
