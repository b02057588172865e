import type { Wire } from "./wire.js";

/** A refusal, in the platform's error body (StatusDTO). */
export class ApiError extends Error {
  readonly status: number;
  readonly hints: readonly string[];

  constructor(status: number, message: string, hints: readonly string[] = []) {
    super(message);
    this.status = status;
    this.hints = hints;
  }

  toBody(): Wire {
    return {
      success: false,
      title: null,
      message: this.message,
      hints: this.hints,
      error_code: "generic",
      error_payload: null,
    };
  }
}

export function notFound(kind: string, id: unknown): ApiError {
  return new ApiError(404, `Unable to find ${kind} with ID ${String(id)}`);
}

/** What PUT and DELETE say when there is no object to show. */
export const done: Wire = { success: true, title: null, message: null, hints: [] };
