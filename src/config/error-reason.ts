/** The code of a system error (ENOENT), else its message; never the text that it is about. */
export function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  if ("code" in error && typeof error.code === "string") return error.code;
  return "message" in error ? String(error.message) : "unknown reason";
}
