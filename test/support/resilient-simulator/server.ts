import express, { Router, type Express, type NextFunction, type Request, type Response } from "express";
import { ApiError } from "./api-error.js";
import { requireMember, type ServerContext } from "./context.js";
import { faultMiddleware } from "./faults.js";
import { artifactRoutes } from "./routes/artifact-routes.js";
import { commentRoutes } from "./routes/comment-routes.js";
import { configurationRoutes } from "./routes/configuration-routes.js";
import { constRoutes } from "./routes/const-routes.js";
import { controlRoutes } from "./routes/control-routes.js";
import { customizationRoutes } from "./routes/customization-routes.js";
import { fileRoutes } from "./routes/file-routes.js";
import { incidentRoutes } from "./routes/incident-routes.js";
import { listRoutes } from "./routes/list-routes.js";
import { searchRoutes } from "./routes/search-routes.js";
import { sessionRoutes } from "./routes/session-routes.js";
import type { PrincipalRecord } from "./world.js";

export interface AppOptions {
  readonly secure: boolean;
  /** What stands before `/rest`. */
  readonly prefix: string;
  readonly analyst: () => PrincipalRecord;
}

export function createApp(context: ServerContext, options: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  const json = express.json({
    limit: "32mb",
    type: (req) => !(req.headers["content-type"] ?? "").startsWith("multipart/"),
  });
  app.use(json);
  app.use(controlRoutes(context, options.analyst));
  app.use((req, res, next) => {
    const record = context.calls.add(req.method, req.originalUrl, req.get("x-co3contexttoken"));
    res.on("finish", () => (record.status = res.statusCode));
    next();
  });
  app.use(faultMiddleware(context.faults, context.sessions));

  const org = Router({ mergeParams: true });
  org.use(requireMember(context));
  for (const routes of [
    incidentRoutes,
    artifactRoutes,
    fileRoutes,
    commentRoutes,
    listRoutes,
    customizationRoutes,
    configurationRoutes,
  ]) {
    org.use(routes(context));
  }
  const rest = Router();
  rest.use(sessionRoutes(context, options.secure));
  rest.use(constRoutes());
  rest.use(searchRoutes(context));
  rest.use("/orgs/:org", org);
  app.use(`${options.prefix}/rest`, rest);

  app.use((req: Request) => {
    throw new ApiError(404, `Unable to find ${req.path}`);
  });
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof ApiError ? error : new ApiError(statusOf(error), String(error));
    if (known.status === 401) res.set("WWW-Authenticate", "Basic");
    res.status(known.status).json(known.toBody());
  });
  return app;
}

/** The body parser's own errors say their status. */
function statusOf(error: unknown): number {
  return typeof error === "object" && error !== null && "status" in error ? Number(error.status) : 500;
}
