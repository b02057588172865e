import { Router } from "express";
import { done } from "../api-error.js";
import {
  artifactOf,
  changeArtifact,
  patchArtifact,
  removeArtifact,
  showArtifact,
} from "../artifact-changes.js";
import { addArtifacts } from "../artifact-store.js";
import { allow, causeOf, formatOf, idOf, type ServerContext } from "../context.js";
import { incidentRecord } from "../incident-store.js";
import { asWire } from "../wire.js";

export function artifactRoutes(context: ServerContext): Router {
  const router = Router();
  const mayRead = allow("read_all_incidents");
  const mayEdit = allow("edit_all_incidents_fields");
  const base = "/incidents/:inc/artifacts";

  router.get(base, mayRead, (req, res) => {
    const { artifacts } = incidentRecord(context, idOf(req, "inc"));
    res.json(artifacts.map((one) => showArtifact(one, formatOf(req).text)));
  });
  router.post(`${base}/query_paged`, mayRead, (req, res) => {
    const { artifacts } = incidentRecord(context, idOf(req, "inc"));
    const { start = 0, length = 100 } = asWire(req.body);
    const page = artifacts.slice(Number(start), Number(start) + Number(length));
    const totals = { recordsTotal: artifacts.length, recordsFiltered: artifacts.length };
    res.json({ data: page.map((one) => showArtifact(one, formatOf(req).text)), ...totals });
  });
  router.post(base, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const created = addArtifacts(context, record, asWire(req.body), causeOf(context, req, res));
    res.json(created.map((one) => showArtifact(one, formatOf(req).text)));
  });
  router.get(`${base}/:art`, mayRead, (req, res) => {
    res.json(
      showArtifact(
        artifactOf(incidentRecord(context, idOf(req, "inc")), idOf(req, "art")),
        formatOf(req).text,
      ),
    );
  });
  router.put(`${base}/:art`, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const before = artifactOf(record, idOf(req, "art"));
    const after = changeArtifact(context, record, before, asWire(req.body), causeOf(context, req, res));
    res.json(showArtifact(after, formatOf(req).text));
  });
  router.patch(`${base}/:art`, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const artifact = artifactOf(record, idOf(req, "art"));
    res.json(patchArtifact(context, record, artifact, asWire(req.body), causeOf(context, req, res)));
  });
  router.delete(`${base}/:art`, mayEdit, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    removeArtifact(context, record, artifactOf(record, idOf(req, "art")), causeOf(context, req, res));
    res.json(done);
  });
  return router;
}
