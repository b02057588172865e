/** The code of a system error ("ECONNRESET"); empty when it has none. */
export function codeOf(error: unknown): string {
  // With several addresses for one name Node reports all failures together; the first speaks for them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (typeof first !== "object" || first === null || !("code" in first)) return "";
  return typeof first.code === "string" ? first.code : "";
}

/** The code of a system error, else its message; never the text that it is about. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== "") return code;
  if (typeof error !== "object" || error === null) return String(error);
  return "message" in error ? String(error.message) : "unknown reason";
}
