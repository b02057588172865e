import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

const MAX_LOGGED_PATH = 200;

/**
 * One line an answer: no headers, no body, no query, and of what follows one of `roots` only ids, so never a value or a
 * credential.
 */
export function requestLog(log: Logger, roots: readonly string[]): RequestHandler {
  const pathOf = createPathOf(roots);
  const nothing = (): undefined => undefined;
  const lineOf = (req: Request, res: Response, ms: number): object => ({
    reqId: req.id,
    method: req.method,
    path: pathOf(req),
    status: res.headersSent ? res.statusCode : undefined,
    ms,
    problem: res.locals.problem as unknown,
  });
  const message = (_req: Request, res: Response): string =>
    res.writableFinished ? "request answered" : "client left before the answer";
  return pinoHttp<Request, Response>({
    logger: log,
    // What pino-http would tell of them by itself.
    wrapSerializers: false,
    serializers: { req: nothing, res: nothing, err: nothing },
    genReqId: requestId,
    customLogLevel: (_req, res) => {
      const level = levelOf(res);
      return log.isLevelEnabled(level) ? level : "silent";
    },
    customSuccessObject: (req, res, { responseTime }: Timing) => lineOf(req, res, responseTime),
    customErrorObject: (req, res, _error, { responseTime }: Timing) => lineOf(req, res, responseTime),
    customSuccessMessage: message,
    customErrorMessage: message,
  });
}

interface Timing {
  readonly responseTime: number;
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
  if (res.locals.isCountedElsewhere === true) return "debug";
  if (res.statusCode >= 500 && res.statusCode !== 503) return "error";
  return res.statusCode >= 400 ? "warn" : "debug";
}

/** Also for a root in other letters or behind a proxy's prefix, and for the whole URL that a proxy is asked for. */
function createPathOf(roots: readonly string[]): (req: Request) => string {
  const names = roots.map((root) => root.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const id = "[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}";
  const slashes = "(?:[/\\\\]|%2f|%5c)+";
  const notAnId = new RegExp(`((?:${names})${slashes})(?!${id}/?$)[^/].*`, "is");
  return (req) => {
    const [path = ""] = req.originalUrl.split(/[?#]/, 1);
    return path.replace(notAnId, "$1…").slice(0, MAX_LOGGED_PATH);
  };
}
