import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { createHealthRouter, type HealthDeps } from "../../routes/health-router.js";
import { notFound } from "../../routes/http-problem.js";
import { createMetricsRouter, type MetricsDeps } from "../../routes/metrics-router.js";
import { errorHandler } from "../../routes/middleware/error-handler.js";
import { createThreatServiceRouter, type ThreatServiceDeps } from "../../routes/threat-service-router.js";

export interface HttpAppDeps {
  readonly log: Logger;
  /** Absent when only the worker runs. */
  readonly threatService?: (ThreatServiceDeps & { readonly urlBase: string }) | undefined;
  readonly health: Omit<HealthDeps, "log">;
  readonly metrics: MetricsDeps;
}

/** rc-cts answered for both names of the legacy app; installations are registered under either. */
const SERVICE_NAMES = ["trustar", "trustar_cts"];
const MAX_LOGGED_PATH = 200;

export function createHttpApp(deps: HttpAppDeps): Express {
  const log = deps.log.child({ name: "http" });
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", false);

  app.use(requestLog(log), helmet());
  if (deps.threatService !== undefined) {
    const { urlBase, ...service } = deps.threatService;
    const roots = SERVICE_NAMES.map((name) => `${literalPath(urlBase)}/${name}`);
    app.use(roots, createThreatServiceRouter(service), errorHandler(log, 503));
  }
  app.use(createHealthRouter({ ...deps.health, log }), createMetricsRouter(deps.metrics));
  app.get("/", (_req, res) => {
    res.type("text/plain").send("trustar-resilient threat service\n");
  });
  app.use(notFound, errorHandler(log, 500));
  return app;
}

/** A configured path is text, not a pattern. */
function literalPath(path: string): string {
  return path.replace(/[\\{}()[\]+?!:*]/g, "\\$&");
}

/** One line an answer: no headers, no bodies, no query, so never a value or a credential. */
function requestLog(log: Logger): RequestHandler {
  const line = (req: Request, res: Response, { responseTime }: { responseTime: number }): object => ({
    method: req.method,
    path: pathOf(req),
    status: res.headersSent ? res.statusCode : undefined,
    ms: responseTime,
    problem: res.locals.problem as unknown,
  });
  const message = (_req: Request, res: Response): string =>
    res.writableFinished ? "request answered" : "client left before the answer";
  const nothing = (): undefined => undefined;
  return pinoHttp<Request, Response>({
    logger: log,
    genReqId: requestId,
    customLogLevel: (_req, res) => levelOf(res),
    // pino-http describes the whole request for each request, logged or not, unless told so.
    quietReqLogger: true,
    quietResLogger: true,
    wrapSerializers: false,
    serializers: { req: nothing, res: nothing, err: nothing },
    customSuccessObject: line,
    customErrorObject: (req, res, _error, values: { responseTime: number }) => line(req, res, values),
    customSuccessMessage: message,
    customErrorMessage: message,
  });
}

/** The caller's own id when it is fit for a log, so that both logs can be joined. */
function requestId(req: Request, res: Response): string {
  const given = req.headers["x-request-id"];
  const id = typeof given === "string" && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  res.setHeader("X-Request-Id", id);
  return id;
}

/** Steady traffic stays below info; 503 is an expected answer, any other 5xx is a bug. */
function levelOf(res: Response): "debug" | "info" | "warn" | "error" {
  if (!res.writableFinished) return "info";
  if (res.statusCode >= 500 && res.statusCode !== 503) return "error";
  return res.statusCode >= 400 ? "warn" : "debug";
}

function pathOf(req: Request): string {
  const [path = ""] = req.originalUrl.split("?", 1);
  return path.slice(0, MAX_LOGGED_PATH);
}
