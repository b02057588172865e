import { Router } from "express";
import { done } from "../api-error.js";
import { allow, causeOf, formatOf, idOf, type ServerContext } from "../context.js";
import { formatIncident } from "../incident-dto.js";
import { patchIncident } from "../incident-patch.js";
import { findIncidents } from "../incident-query.js";
import { createIncident, deleteIncident, incidentRecord, updateIncident } from "../incident-store.js";
import { invocationDto } from "../invocations.js";
import { asWire } from "../wire.js";

export function incidentRoutes(context: ServerContext): Router {
  const router = Router();
  const { world } = context;
  const mayRead = allow("read_all_incidents");
  const mayEdit = allow("edit_all_incidents_fields");

  router.post(["/incidents/query", "/incidents/query_paged"], mayRead, (req, res) => {
    const { data, total } = findIncidents(context, asWire(req.body));
    const rows = data.map((dto) => formatIncident(world, dto, formatOf(req)));
    res.json(req.path.endsWith("paged") ? { data: rows, recordsTotal: total, recordsFiltered: total } : rows);
  });
  router.get("/incidents/open", mayRead, (req, res) => {
    const open = [...world.incidents.values()].filter(({ dto }) => dto["plan_status"] === "A");
    res.json(open.map(({ dto }) => formatIncident(world, dto, formatOf(req))));
  });
  router.put("/incidents/patch", mayEdit, (req, res) => {
    const patches = Object.entries(asWire(asWire(req.body)["patches"]));
    const statuses = patches.map(([id, patch]) => [
      id,
      patchIncident(context, incidentRecord(context, Number(id)), asWire(patch), causeOf(context, req, res)),
    ]);
    res.json({ success: true, statuses: asWire(Object.fromEntries(statuses)) });
  });

  router.post("/incidents", allow("create_incident"), (req, res) => {
    const { dto } = createIncident(context, asWire(req.body), causeOf(context, req, res));
    res.json(formatIncident(world, dto, formatOf(req)));
  });
  router.get("/incidents/:inc", mayRead, (req, res) => {
    res.json(formatIncident(world, incidentRecord(context, idOf(req, "inc")).dto, formatOf(req)));
  });
  router.put("/incidents/:inc", mayEdit, (req, res) => {
    const { dto } = updateIncident(context, idOf(req, "inc"), asWire(req.body), causeOf(context, req, res));
    res.json(formatIncident(world, dto, formatOf(req)));
  });
  router.patch("/incidents/:inc", mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    res.json(patchIncident(context, record, asWire(req.body), causeOf(context, req, res)));
  });
  router.delete("/incidents/:inc", allow("delete_all_incidents"), (req, res) => {
    deleteIncident(context, idOf(req, "inc"), causeOf(context, req, res));
    res.json(done);
  });
  router.get("/incidents/:inc/action_invocations", mayRead, (req, res) => {
    const { dto } = incidentRecord(context, idOf(req, "inc"));
    const own = context.platform.invocations.all.filter(({ incidentId }) => incidentId === dto.id);
    res.json({ entities: own.map(invocationDto) });
  });
  return router;
}
