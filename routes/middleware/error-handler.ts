import type { IncomingMessage } from "node:http";
import { finished } from "node:stream";
import { isNativeError } from "node:util/types";
import type { ErrorRequestHandler } from "express";
import { InvalidArtifactError, OverloadedError, PayloadTooLargeError } from "../../src/core/errors.js";
import type { Log } from "../../src/core/ports.js";
import { ClientGoneError, HttpProblem } from "../http-problem.js";
import { errorBody } from "../lookup-wire.js";
import { sendJson } from "../send-json.js";

const OVERLOADED_RETRY_SECS = "30";
/** A chain of causes may be a ring. */
const MAX_CAUSES = 5;

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Every error as status and body.
 * @param unknownStatus for what we can't explain. 503 on look-up paths: there a 4xx would be final.
 */
export function errorHandler(log: Log, unknownStatus: 500 | 503): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      // Half an answer can't be mended: Express ends the connection.
      next(error);
      return;
    }
    const refusal = toRefusal(error);
    if (refusal === undefined) {
      log.error(
        { reqId: res.getHeader("X-Request-Id"), error: describe(error) },
        "request failed unexpectedly",
      );
    }
    afterRequest(req, () => {
      if (res.headersSent) return;
      const {
        status,
        error: text,
        headers = {},
      } = refusal ?? { status: unknownStatus, error: "internal error" };
      res.locals.problem = text;
      // In an overload a line for each would be one more burden; what refuses them counts them.
      res.locals.isCountedElsewhere = error instanceof OverloadedError;
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      sendJson(res, status, errorBody(text));
    });
  };
}

function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof HttpProblem)
    return { status: error.status, error: error.message, headers: error.headers };
  if (error instanceof InvalidArtifactError) return { status: 400, error: error.message };
  if (error instanceof PayloadTooLargeError) return { status: 413, error: error.message };
  if (error instanceof OverloadedError) {
    return { status: 503, error: error.message, headers: { "Retry-After": OVERLOADED_RETRY_SECS } };
  }
  // Nobody will read it; the status only shows in the log.
  if (error instanceof ClientGoneError) return { status: 400, error: error.message };
  // Express's router marks a path it can't decode this way.
  if (error instanceof URIError && "status" in error)
    return { status: 400, error: "path: malformed %-escape" };
  return undefined;
}

/** A client that is still sending reads no answer, and closing on it may lose the answer altogether. */
function afterRequest(req: IncomingMessage, answer: () => void): void {
  if (req.readableEnded || req.destroyed) {
    answer();
    return;
  }
  finished(req, { writable: false }, answer);
  req.resume();
}

/** Only text and stack: an HTTP client's error carries the request it made, credentials included. */
function describe(error: unknown, depth = 0): string {
  if (!isNativeError(error)) return `thrown: ${typeof error}`;
  const text = error.stack ?? `${error.name}: ${error.message}`;
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES;
  return hasCause ? `${text}\ncaused by ${describe(error.cause, depth + 1)}` : text;
}
