import { Router } from "express";
import type { ServerContext } from "../context.js";
import type { Fault } from "../faults.js";
import { createIncident } from "../incident-store.js";
import { invocationDto } from "../invocations.js";
import { asText, asWire } from "../wire.js";
import type { PrincipalRecord } from "../world.js";

/** What a test or the sandbox asks of the simulator itself, from another process. */
export function controlRoutes(context: ServerContext, analyst: () => PrincipalRecord): Router {
  const router = Router();
  const { calls, faults, platform } = context;
  router.get("/__calls", (_req, res) => {
    res.json({ total: calls.all.length, counts: calls.counts(), calls: calls.all });
  });
  router.delete("/__calls", (_req, res) => {
    calls.clear();
    res.status(204).end();
  });
  router.post("/__faults", (req, res) => {
    faults.add(asWire(req.body) as unknown as Fault);
    res.status(204).end();
  });
  router.delete("/__faults", (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  /** `{rule, incident_id, artifact_id?}` or `{function, inputs}`. */
  router.post("/__invoke", (req, res) => {
    const { rule, function: fn, inputs, incident_id, artifact_id } = asWire(req.body);
    const artifactId = artifact_id === undefined ? undefined : Number(artifact_id);
    const started =
      fn === undefined
        ? platform.invokeRule(asText(rule), Number(incident_id), artifactId, analyst())
        : [platform.invokeFunction(asText(fn), asWire(inputs), analyst())];
    res.json({ entities: started.map(invocationDto) });
  });
  router.post("/__incidents", (req, res) => {
    res.json(createIncident(context, asWire(req.body), { by: analyst(), mutedRules: [] }).dto);
  });
  /** `{correlation_id, body, complete?}`, for a broker that lives in another process. */
  router.post("/__replies", (req, res) => {
    const { correlation_id, body, complete } = asWire(req.body);
    platform.recordReply(
      asText(correlation_id),
      typeof body === "string" ? body : asWire(body),
      complete !== false,
    );
    res.status(204).end();
  });
  router.get("/__statuses", (_req, res) => {
    res.json({ entities: platform.invocations.all.map(invocationDto) });
  });
  return router;
}
