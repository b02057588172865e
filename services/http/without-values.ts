const marker = "[value]";
const shortestValue = 3;

/**
 * What an upstream said of a request, without what we had sent and without what is an indicator by its looks: its words
 * go into errors, which are logged, and no log above debug holds an artifact's value. The longest first: a host is part
 * of the URLs on it. Servers may quote in another case, and as it stood in the URL of the request.
 */
export function withoutValues(said: string, sent: readonly string[]): string {
  const asSent = maybeEncoded.test(said) ? sent.flatMap((value) => [value, ...encodings(value)]) : sent;
  const longestFirst = [...asSent, ...tokensOf(said).filter((token) => looksLikeIndicator.test(token))]
    .filter((value) => value.length >= shortestValue && contains(said, value))
    .sort((a, b) => b.length - a.length);
  return longestFirst.reduce((text, value) => text.replace(literally(value), marker), said);
}

const maybeEncoded = /%[\da-f]{2}|\+/i;
const loneSurrogates = /\p{Surrogate}/gu;

/** What may become of a value in a URL: programs differ in blanks and in !'()*~. */
function encodings(value: string): readonly string[] {
  const component = encodeURIComponent(value.replace(loneSurrogates, "\ufffd"));
  const form = new URLSearchParams({ v: value }).toString().slice("v=".length);
  return [component, component.replaceAll("%20", "+"), form, form.replaceAll("+", "%20")];
}

/**
 * What somebody said, without the secrets that he had been sent, as they are and as JSON spells them. To be asked before
 * `withoutValues`: of a secret that looks like an indicator in part, that would leave the rest.
 */
export function withoutSecrets(said: string, secrets: readonly string[]): string {
  const spellings = secrets
    .flatMap((secret) => [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)])
    .filter(({ length }) => length >= shortestValue)
    .sort((a, b) => b.length - a.length);
  return spellings.length === 0 ? said : said.replace(anyOf(spellings), "[secret]");
}

const valueLine = /^\s*Value: (.+)$/gm;
const linkText = />([^<>]+)<\/a>/g;
const blanksAndQuotes = /[\s"'<>()[\]{},;|]+/;
/** A host, an address, a path, a hash: not a word of prose. */
const looksLikeIndicator = /\w[.@/\\]+\w|^[\da-f]{32,}$/i;
const looksLikeValue = /\w[.:@/\\]+\w|[\da-f]{16}|\d{4}/i;

/** What may be an artifact's value in the text of a report or of a note. */
export function valuesIn(text: string): readonly string[] {
  const whole = [valueLine, linkText].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, value]) => value?.trim() ?? ""),
  );
  return [...new Set([...whole, ...tokensOf(text).filter((token) => looksLikeValue.test(token))])];
}

function tokensOf(text: string): readonly string[] {
  return text.split(blanksAndQuotes).map((token) => token.replace(/[.:!?]+$/, ""));
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function literally(value: string): RegExp {
  return anyOf([value]);
}

/** The first that fits counts. */
function anyOf(values: readonly string[]): RegExp {
  const escaped = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(escaped.join("|"), "gi");
}
