import type { RequestListener } from "node:http";
import express, { type Request, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { createHealthRouter, type HealthDeps } from "../../routes/health-router.js";
import { notFound, requireHost } from "../../routes/http-problem.js";
import { errorBody } from "../../routes/lookup-wire.js";
import { createMetricsRouter, type MetricsDeps } from "../../routes/metrics-router.js";
import { errorHandler } from "../../routes/middleware/error-handler.js";
import { sendJson } from "../../routes/send-json.js";
import { createThreatServiceRouter, type ThreatServiceDeps } from "../../routes/threat-service-router.js";
import { giveExpressPrototypes, type ExchangeClasses } from "./exchange-classes.js";
import { requestLog } from "./http-log.js";

export interface HttpAppDeps {
  readonly log: Logger;
  /** Absent when only the worker runs. */
  readonly threatService?: ThreatServiceDeps | undefined;
  /** Where the threat service is, or would be. */
  readonly urlBase: string;
  readonly health: Omit<HealthDeps, "log">;
  readonly metrics: MetricsDeps;
  /** Of the web server. With any other it works, only slower. */
  readonly exchange: ExchangeClasses;
}

/** rc-cts answered for both names of the legacy app; installations are registered under either. */
export function threatServiceRoots(urlBase: string): readonly string[] {
  return ["trustar", "trustar_cts"].map((name) => `${urlBase}/${name}`);
}

export function createHttpApp(deps: HttpAppDeps): RequestListener {
  const log = deps.log.child({ name: "http" });
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", false);
  giveExpressPrototypes(deps.exchange, app);

  const ownRoots = threatServiceRoots(deps.urlBase);
  app.use(requestLog(log, ownRoots), createHelmet(), requireHost);
  const roots = ownRoots.map(literalPath);
  if (deps.threatService === undefined) app.use(roots, noThreatService);
  else app.use(roots, createThreatServiceRouter(deps.threatService), errorHandler(log, 503));
  app.use(createHealthRouter({ ...deps.health, log }), createMetricsRouter(deps.metrics));
  app.get("/", (_req, res) => {
    const half = deps.threatService === undefined ? "worker" : "threat service";
    sendJson(res, 200, { name: `trustar-resilient ${half}` });
  });
  app.use(notFound, errorHandler(log, 500));
  // Express takes no route at all for a URL that it can't parse; its own answer would be a page of HTML. A whole URL, as
  // a proxy is asked for it, doesn't even get there: Node would print a broken one.
  return (req, res) => {
    const refuse = (): void => {
      sendJson(res, 400, errorBody("path: not a valid URL"));
    };
    if (/^[^/*]/.test(req.url ?? "") && !URL.canParse(req.url ?? "")) refuse();
    else app(req as Request, res as Response, refuse);
  };
}

/** No 404, which would silence the artifact for ever: the platform comes back, also when the address is mended. */
const noThreatService: RequestHandler = (_req, res) => {
  sendJson(res, 503, errorBody("the threat service does not run here: this is the worker alone"));
};

function createHelmet(): ReturnType<typeof helmet> {
  return helmet({
    // Nothing here is a page: no default allowances are needed.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
    },
    // We speak for this port, not for what else runs under the host's name and below it.
    strictTransportSecurity: { includeSubDomains: false },
  });
}

/** A configured path is text, not a pattern. */
function literalPath(path: string): string {
  return path.replace(/[\\{}()[\]+?!:*]/g, "\\$&");
}
