import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

const MAX_LOGGED_PATH = 200;

/**
 * One line an answer: no headers, no body, no query, and of what follows one of `roots` only ids, so never a value or a
 * credential.
 */
export function requestLog(log: Logger, roots: readonly string[]): (req: Request, res: Response) => void {
  const pathOf = createPathOf(roots);
  const message = ({ res }: Exchange): string =>
    res.writableFinished ? "request answered" : "client left before the answer";
  const lineOf = (exchange: Exchange, ms: number): object => line(exchange, pathOf(exchange.req), ms);
  const logExchange = pinoHttp<Exchange, Exchange>({
    logger: withoutChildren(log),
    genReqId: ({ req, res }) => requestId(req, res),
    customLogLevel: ({ res }) => {
      const level = levelOf(res);
      return log.isLevelEnabled(level) ? level : "silent";
    },
    customSuccessObject: (exchange, _same, { responseTime }: Timing) => lineOf(exchange, responseTime),
    customErrorObject: (exchange, _same, _error, { responseTime }: Timing) => lineOf(exchange, responseTime),
    customSuccessMessage: message,
    customErrorMessage: message,
  });
  return (req, res) => {
    const exchange = new Exchange(req, res);
    logExchange(exchange, exchange);
  };
}

/** pino-http makes a child for each request, to hold what it binds to it; here that is nothing. */
function withoutChildren(log: Logger): Logger {
  const childless = Object.create(log, { child: { value: (): Logger => childless } }) as Logger;
  return childless;
}

interface Timing {
  readonly responseTime: number;
}

/**
 * What pino-http sees as request and as answer. It hangs half a dozen properties on both, and that turns Node's own
 * objects into slow dictionaries: measured, a third of the throughput of a poll.
 */
class Exchange {
  readonly req: Request;
  readonly res: Response;
  // Set by pino-http.
  id: unknown = undefined;
  log: unknown = undefined;
  allLogs: unknown = undefined;
  err: unknown = undefined;

  constructor(req: Request, res: Response) {
    this.req = req;
    this.res = res;
  }

  get statusCode(): number {
    return this.res.statusCode;
  }

  /** "close" follows "finish" and also comes without it: one listener is enough. */
  on(event: string, listener: () => void): void {
    if (event === "close") this.res.on("close", listener);
  }

  removeListener(): void {
    // Nothing is left to remove: "close" comes once.
  }
}

function line({ id, req, res }: Exchange, path: string, ms: number): object {
  return {
    reqId: id,
    method: req.method,
    path,
    status: res.headersSent ? res.statusCode : undefined,
    ms,
    problem: res.locals.problem as unknown,
  };
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
