import { Router, type RequestHandler, type Response } from "express";
import type { Answer, LookupService } from "../src/core/lookup.js";
import type { Clock } from "../src/core/time.js";
import { createSubmissionReader } from "./body/submission.js";
import type { PartLimits } from "./body/part-collector.js";
import { methodNotAllowed, notFound } from "./http-problem.js";
import { WireAnswers } from "./lookup-wire.js";
import { basicAuth, type Credentials } from "./middleware/basic-auth.js";
import { WrongLogins } from "./middleware/wrong-logins.js";
import { sendJson, sendJsonText } from "./send-json.js";

export interface ThreatServiceDeps extends PartLimits {
  readonly lookups: LookupService;
  /** Absent = everybody may ask, with or without credentials of their own. */
  readonly credentials?: Credentials | undefined;
  /** Wrong credentials that one address may send in a minute; 0 = any number. */
  readonly maxWrongLogins: number;
  readonly clock: Clock;
}

/** The Custom Threat Service protocol; mounted on the root that was registered with the platform. */
export function createThreatServiceRouter(deps: ThreatServiceDeps): Router {
  const { lookups, uploadFile } = deps;
  const readSubmission = createSubmissionReader(deps);
  const answers = new WireAnswers();
  const send = (res: Response, answer: Answer): void => {
    const [status, text] = answers.textOf(answer);
    sendJsonText(res, status, text);
  };
  const router = Router();

  router.use(singleSlash);
  // The capability query carries no credentials.
  router.options("/", (_req, res) => {
    sendJson(res, 200, { upload_file: uploadFile });
  });
  if (deps.credentials !== undefined) {
    router.use(basicAuth(deps.credentials, new WrongLogins(deps.maxWrongLogins, deps.clock)));
  }

  router.post("/", async (req, res) => {
    send(res, await lookups.submit(await readSubmission(req, res)));
  });
  router.all("/", methodNotAllowed("OPTIONS, POST"));

  const byId = router.route("/:id");
  // Express would let HEAD run the GET, and every GET counts as a poll.
  byId.head(methodNotAllowed("GET"));
  byId.get((req, res) => {
    send(res, lookups.poll(req.params.id));
  });
  byId.all(methodNotAllowed("GET"));

  router.use(notFound);
  return router;
}

/** A root registered with its slash may give `…/trustar//<id>`. */
const singleSlash: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith("//")) req.url = req.url.replace(/^\/+/, "/");
  next();
};
