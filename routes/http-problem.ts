import type { Request, RequestHandler } from "express";
import { TrustarResilientError } from "../src/core/errors.js";

type HttpProblemCode =
  "unauthorized" | "too_many_wrong_logins" | "not_found" | "method_not_allowed" | "host_missing";

/** A refusal that only makes sense on the wire; everything else is one of core's errors. */
export class HttpProblem extends TrustarResilientError {
  readonly code: HttpProblemCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpProblemCode,
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** The client went away before its request was complete: there is nobody left to answer. */
export class ClientGoneError extends TrustarResilientError {
  readonly code = "client_gone";
}

/** A handler for every method that a path doesn't have. */
export function methodNotAllowed(allow: string): (req: Request) => never {
  return (req) => {
    throw new HttpProblem(
      "method_not_allowed",
      405,
      `method: ${req.method} is not possible here, only ${allow}`,
      {
        Allow: allow,
      },
    );
  };
}

export function notFound(): never {
  throw new HttpProblem("not_found", 404, "path: there is nothing at this address");
}

/**
 * HTTP/1.1 demands it (RFC 9112); what it says is of no interest here.
 * @throws HttpProblem it is missing
 */
export const requireHost: RequestHandler = (req, _res, next) => {
  if (req.headers.host === undefined && req.httpVersion !== "1.0") {
    throw new HttpProblem("host_missing", 400, "headers: Host is missing");
  }
  next();
};
