import { Router } from "express";
import { done } from "../api-error.js";
import {
  addComment,
  commentOf,
  commentTree,
  editComment,
  removeComment,
  showComment,
} from "../comment-store.js";
import { allow, causeOf, formatOf, idOf, type ServerContext } from "../context.js";
import { incidentRecord } from "../incident-store.js";
import { asWire } from "../wire.js";

export function commentRoutes(context: ServerContext): Router {
  const router = Router();
  const mayRead = allow("read_all_incidents");
  const mayWrite = allow("edit_all_incident_notes");
  const base = "/incidents/:inc/comments";

  router.get(base, mayRead, (req, res) => {
    res.json(commentTree(incidentRecord(context, idOf(req, "inc")), formatOf(req).text));
  });
  router.post(`${base}/query`, mayRead, (req, res) => {
    res.json(commentTree(incidentRecord(context, idOf(req, "inc")), formatOf(req).text));
  });
  router.post(base, mayWrite, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const comment = addComment(context, record, asWire(req.body), causeOf(context, req, res));
    res.json(showComment(comment, formatOf(req).text));
  });
  router.get(`${base}/:com`, mayRead, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    res.json(showComment(commentOf(record, idOf(req, "com")), formatOf(req).text));
  });
  router.put(`${base}/:com`, mayWrite, (req, res) => {
    const record = incidentRecord(context, idOf(req, "inc"));
    const cause = causeOf(context, req, res);
    const comment = editComment(context, record, idOf(req, "com"), asWire(req.body), cause);
    res.json(showComment(comment, formatOf(req).text));
  });
  router.delete(`${base}/:com`, mayWrite, (req, res) => {
    removeComment(
      context,
      incidentRecord(context, idOf(req, "inc")),
      idOf(req, "com"),
      causeOf(context, req, res),
    );
    res.json(done);
  });
  return router;
}
