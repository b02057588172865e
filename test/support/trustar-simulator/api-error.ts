const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  413: "Payload Too Large",
  414: "URI Too Long",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A refusal that a handler throws; the server turns it into the documented body. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, message);
}

export function notFound(message: string): ApiError {
  return new ApiError(404, message);
}

export function forbidden(message: string): ApiError {
  return new ApiError(403, message);
}

export function reasonOf(status: number): string {
  return REASONS[status] ?? "Error";
}

/** The Spring-style body that every error but 429 and the two token errors has. */
export function errorBody(status: number, message: string, path: string, nowMs: number): string {
  return JSON.stringify({ timestamp: nowMs, status, error: reasonOf(status), message, path });
}
