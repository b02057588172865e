const webAddress = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]+)([/?#].*)?$/is;

/** Two values with the same result are one indicator: case, a slash behind the host and defanging don't count. */
export function comparableValue(value: string): string {
  const plain = refang(value.trim());
  const [, scheme, host, rest = ""] = webAddress.exec(plain) ?? [];
  if (scheme === undefined || host === undefined) return plain.toLowerCase();
  // Case matters in the path of a URL and nowhere else.
  return `${scheme.toLowerCase()}${host.toLowerCase()}${rest === "/" ? "" : rest}`;
}

/** Analysts write indicators so that nobody clicks them. */
function refang(text: string): string {
  return text
    .replace(/^hxxp(s?)(?=\[?:)/i, "http$1")
    .replace(/\[:\]/g, ":")
    .replace(/[[({](?:\.|dot)[\])}]/gi, ".")
    .replace(/[[(](?:@|at)[\])]/gi, "@");
}
