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
  const guard = guardOf(deps);
  const router = Router();

  // Express tries every route and layer for every request: hence few of them, and nothing before these two.
  const root = router.route("/");
  // The capability query carries no credentials.
  root.options((_req, res) => {
    sendJson(res, 200, { upload_file: uploadFile });
  });
  root.all(guard);
  root.post(async (req, res) => {
    send(res, await lookups.submit(await readSubmission(req, res)));
  });
  root.all(methodNotAllowed("OPTIONS, POST"));

  const byId = router.route("/:id");
  byId.all(guard);
  // Express would let HEAD run the GET, and every GET counts as a poll.
  byId.head(methodNotAllowed("GET"));
  byId.get((req, res) => {
    send(res, lookups.poll(issuedSpelling(req.params.id)));
  });
  byId.all(methodNotAllowed("GET"));

  router.use(singleSlash(router), guard, notFound);
  return router;
}

/** An id is a UUID, which may be written in capitals; what can't be one stays as it is. */
function issuedSpelling(id: string): string {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? id.toLowerCase() : id;
}

function guardOf({ credentials, maxWrongLogins, clock }: ThreatServiceDeps): RequestHandler {
  if (credentials !== undefined) return basicAuth(credentials, new WrongLogins(maxWrongLogins, clock));
  return (_req, _res, next) => {
    next();
  };
}

/** A root registered with its slash may give `…/trustar//<id>`. */
function singleSlash(router: Router): RequestHandler {
  return (req, res, next) => {
    if (!req.url.startsWith("//")) {
      next();
      return;
    }
    req.url = req.url.replace(/^\/+/, "/");
    router(req, res, next);
  };
}
