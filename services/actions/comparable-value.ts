/** Two values with the same result are one indicator: case, a slash behind the host and defanging don't count. */
export function comparableValue(value: string): string {
  const plain = refang(value.trim());
  const colon = plain.indexOf(":");
  const scheme = plain.slice(0, Math.max(0, colon));
  if (!plain.startsWith("://", colon) || !/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return plain.toLowerCase();
  const afterScheme = plain.slice(colon + "://".length);
  const end = afterScheme.search(/[/?#]/);
  const host = end === -1 ? afterScheme : afterScheme.slice(0, end);
  const rest = afterScheme.slice(host.length);
  if (host === "") return plain.toLowerCase();
  // Case matters in the path of a URL and nowhere else.
  return `${scheme.toLowerCase()}://${host.toLowerCase()}${rest === "/" ? "" : rest}`;
}

/** Analysts write indicators so that nobody clicks them. */
function refang(text: string): string {
  return text
    .replace(/^hxxp(s?)(?=\[?:)/i, "http$1")
    .replace(/\[:\]/g, ":")
    .replace(/[[({](?:\.|dot)[\])}]/gi, ".")
    .replace(/[[(](?:@|at)[\])]/gi, "@");
}
