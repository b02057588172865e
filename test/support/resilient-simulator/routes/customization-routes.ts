import { Router, type Request } from "express";
import { notFound } from "../api-error.js";
import { allow, formatOf, type ServerContext } from "../context.js";
import {
  newDestination,
  newFunction,
  newRule,
  objectTypes,
  type DestinationRecord,
  type FunctionRecord,
  type RuleRecord,
} from "../seed-rules.js";
import { asList, asText, asWire, type Wire } from "../wire.js";
import type { World } from "../world.js";

/** Rules, functions, message destinations, workflows. */
export function customizationRoutes(context: ServerContext): Router {
  const router = Router();
  const { world } = context;
  const mayAdminister = allow("edit_data");

  router.get("/actions", allow("read_data"), (req, res) => {
    res.json({ entities: world.rules.map((rule) => showRule(world, rule, req)) });
  });
  router.post("/actions", mayAdminister, (req, res) => {
    const rule = ruleFrom(world, asWire(req.body), world.nextId());
    world.rules.push(rule);
    res.json(showRule(world, rule, req));
  });

  router.get("/functions", allow("read_function"), (req, res) => {
    res.json({ entities: world.functions.map((fn) => showFunction(world, fn, req)) });
  });
  router.get("/functions/:name", allow("read_function"), (req, res) => {
    const handle = req.params["name"];
    const fn = world.functions.find((one) => one.name === handle || String(one.id) === handle);
    if (fn === undefined) throw notFound("function", handle);
    res.json(showFunction(world, fn, req));
  });
  router.post("/functions", mayAdminister, (req, res) => {
    const body = asWire(req.body);
    const fn = newFunction(world.nextId(), asText(body["name"]), body);
    world.functions.push(fn);
    res.json(showFunction(world, fn, req));
  });

  router.get("/message_destinations", allow("read_data"), (_req, res) => {
    res.json({ entities: world.destinations });
  });
  router.get("/message_destinations/:id", allow("read_data"), (req, res) => {
    res.json(destinationOf(world, req));
  });
  router.post("/message_destinations", mayAdminister, (req, res) => {
    const body = asWire(req.body);
    const destination = newDestination(world.nextId(), asText(body["programmatic_name"]), body);
    world.destinations.push(destination);
    res.json(destination);
  });
  router.put("/message_destinations/:id", mayAdminister, (req, res) => {
    const destination = destinationOf(world, req);
    const { users, api_keys, expect_ack = destination.expect_ack } = asWire(req.body);
    destination.users = asList(users).map(Number);
    destination.api_keys = asList(api_keys).map(Number);
    destination.expect_ack = expect_ack !== false;
    res.json(destination);
  });
  router.get("/workflows", allow("read_data"), (_req, res) => {
    res.json({ entities: world.workflows });
  });
  return router;
}

export function ruleFrom(world: World, body: Wire, id: number): RuleRecord {
  const typeName = Object.keys(objectTypes).find((name) => name === body["object_type"]);
  const destinations = asList(body["message_destinations"]).flatMap((handle) =>
    world.destinations
      .filter((one) => one.id === handle || one.programmatic_name === handle)
      .map((one) => one.id),
  );
  return newRule(id, asText(body["name"]), {
    ...body,
    id,
    object_type: typeName === undefined ? body["object_type"] : objectTypes[typeName],
    message_destinations: destinations,
    enabled: body["enabled"] !== false,
  });
}

export function showRule(world: World, rule: RuleRecord, req: Request): Wire {
  if (formatOf(req).handles === "ids") return rule;
  return { ...rule, ...ruleNames(world, rule) };
}

export function ruleNames(world: World, rule: RuleRecord): Wire {
  const objectType = Object.entries(objectTypes).find(([, id]) => id === rule.object_type)?.[0];
  const byId = (id: number): string | undefined =>
    world.destinations.find((one) => one.id === id)?.programmatic_name;
  return { object_type: objectType, message_destinations: rule.message_destinations.map(byId) };
}

/** `destination_handle` is a number unless names were asked for. */
function showFunction(world: World, fn: FunctionRecord, req: Request): Wire {
  if (formatOf(req).handles !== "ids") return fn;
  const id = world.destinations.find((one) => one.programmatic_name === fn.destination_handle)?.id;
  return { ...fn, destination_handle: id };
}

function destinationOf(world: World, req: Request): DestinationRecord {
  const found = world.destinations.find((one) => String(one.id) === req.params["id"]);
  if (found === undefined) throw notFound("message destination", req.params["id"]);
  return found;
}
