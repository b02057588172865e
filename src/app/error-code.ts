import { isNativeError } from "node:util/types";

/** "ECONNRESET"; empty when there is none. */
export function codeOf(error: unknown): string {
  return isNativeError(error) && "code" in error && typeof error.code === "string" ? error.code : "";
}
