import { Router, type Request } from "express";
import { ApiError, notFound } from "../api-error.js";
import { allow, principalOf, type ServerContext } from "../context.js";
import { userDto } from "../messages.js";
import { newArtifactType } from "../seed-artifact-types.js";
import { newField, newValue, type FieldRecord } from "../seed-fields.js";
import { asList, asText, asWire, isWire, type Wire } from "../wire.js";
import { newIncidentType } from "../world.js";

/** The org, and what its incidents consist of. */
export function listRoutes(context: ServerContext): Router {
  const router = Router();
  const { world } = context;
  const mayRead = allow("read_data");
  const mayAdminister = allow("edit_data");

  router.get("/", mayRead, (_req, res) => {
    const users = world.principals
      .filter(({ kind }) => kind === "user")
      .map((user) => [user.id, userDto(user)] as const);
    const { id, name, uuid } = world.orgs.find((org) => org.id === world.orgId) ?? {
      id: 0,
      name: "",
      uuid: "",
    };
    res.json({ id, name, uuid, actions_framework_enabled: true, users: Object.fromEntries(users) });
  });
  router.get("/users", mayRead, (_req, res) => {
    res.json(world.principals.filter(({ kind }) => kind === "user").map(userDto));
  });
  router.get("/groups", mayRead, (_req, res) => {
    res.json([]);
  });

  const lists: Readonly<Record<string, () => readonly (Wire | object)[]>> = {
    artifact_types: () => world.artifactTypes,
    workspaces: () => world.workspaces,
    phases: () => world.phases,
  };
  for (const [name, list] of Object.entries(lists)) {
    router.get(`/${name}`, mayRead, (_req, res) => {
      res.json({ entities: list() });
    });
    router.get(`/${name}/:id`, mayRead, (req, res) => {
      res.json(find(list(), req, name));
    });
  }
  // The one list that is an object by name.
  router.get("/incident_types", mayRead, (_req, res) => {
    res.json(Object.fromEntries(world.incidentTypes.map((type) => [asText(type["name"]), type])));
  });
  router.post("/incident_types", mayAdminister, (req, res) => {
    const type = newIncidentType(world.nextId(), asText(asWire(req.body)["name"]));
    world.incidentTypes.push(type);
    fieldsOf("incident")
      .find(({ name }) => name === "incident_type_ids")
      ?.values.push(newValue(type.id, asText(type["name"])));
    res.json(type);
  });
  router.post("/artifact_types", mayAdminister, (req, res) => {
    const { name, programmatic_name, desc, use_for_relationships } = asWire(req.body);
    const label = asText(name);
    if (label === "") throw new ApiError(400, "Field name is required.", ["name"]);
    if (
      world.artifactTypes.some((type) => type.name === label || type.programmatic_name === programmatic_name)
    ) {
      throw new ApiError(400, `An artifact type named ${label} already exists.`, ["name"]);
    }
    const type = newArtifactType(Math.max(...world.artifactTypes.map(({ id }) => id)) + 1, label, {
      programmatic_name: asText(programmatic_name) || label.toLowerCase().replace(/\W+/g, "_"),
      desc: asText(desc),
      use_for_relationships: use_for_relationships !== false,
    });
    world.artifactTypes.push(type);
    res.json(type);
  });

  const fieldsOf = (type: unknown): FieldRecord[] => {
    const fields = world.fields.get(asText(type));
    if (fields === undefined) throw notFound("type", type);
    return fields;
  };
  const typeDto = (name: string, fields: readonly FieldRecord[]): Wire => ({
    id: null,
    type_id: fields[0]?.type_id ?? 0,
    type_name: name,
    display_name: name,
    fields: Object.fromEntries(fields.map((field) => [field.name, field])),
  });
  router.get("/types", mayRead, (_req, res) => {
    res.json(Object.fromEntries([...world.fields].map(([name, fields]) => [name, typeDto(name, fields)])));
  });
  router.get("/types/:type", mayRead, (req, res) => {
    res.json(typeDto(asText(req.params["type"]), fieldsOf(req.params["type"])));
  });
  router.get("/types/:type/fields", mayRead, (req, res) => {
    res.json(fieldsOf(req.params["type"]));
  });
  router.get("/types/:type/fields/:id", mayRead, (req, res) => {
    res.json(find(fieldsOf(req.params["type"]), req, "field"));
  });
  router.post("/types/:type/fields", mayAdminister, (req, res) => {
    const { name, input_type, values, ...own } = asWire(req.body);
    const labels = asList(values).map(
      (value) => [context.world.nextId(), asText(asWire(value)["label"])] as const,
    );
    const id = context.world.nextId();
    const prefix = req.params["type"] === "incident" ? "properties" : null;
    const field = newField(0, asText(name), asText(input_type), { prefix, ...own, id }, labels);
    fieldsOf(req.params["type"]).push(field);
    res.json(field);
  });
  router.put("/types/:type/fields/:id", mayAdminister, (req, res) => {
    const field = find(fieldsOf(req.params["type"]), req, "field") as FieldRecord;
    const values = asList(asWire(req.body)["values"]).filter(isWire);
    field.values = values.map((one) => ({
      ...newValue(Number(one["value"] ?? world.nextId()), asText(one["label"])),
      ...one,
    }));
    res.json(field);
  });
  router.get("/workflow_instances/:id", mayRead, (req, res) => {
    const run = context.platform.invocations.all.find(
      (one) => one.workflowInstanceId === Number(req.params["id"]),
    );
    if (run === undefined) throw notFound("workflow instance", req.params["id"]);
    const status = { pending: "running", complete: "completed", error: "terminated" }[run.status];
    res.json({
      workflow_instance_id: run.workflowInstanceId,
      status,
      start_date: null,
      end_date: null,
      terminate_reason: null,
    });
  });
  router.get("/connectors/queues", (_req, res) => {
    res.json({ queues: [], org_id: world.orgId, user: principalOf(res).id });
  });
  return router;
}

/** By id or by name. */
function find(list: readonly (Wire | object)[], req: Request, kind: string): object {
  const handle = req.params["id"];
  const found = list.find((one) => {
    const { id, name, programmatic_name } = asWire(one);
    return String(id) === handle || name === handle || programmatic_name === handle;
  });
  if (found === undefined) throw notFound(kind, handle);
  return found;
}
