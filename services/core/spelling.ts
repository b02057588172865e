import { maxValueChars } from "./candidate.js";

/** What a reader's eye does not see and mail programs leave behind: zero-width, soft hyphen, direction marks, BOM. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

export function withoutInvisible(text: string): string {
  return text.replace(invisible, "");
}

/** `http:\\evil.example\x` */
const backslashed = /^[[(]{0,2}[a-z\d*]{3,6}[\])]{0,2}:[\])]{0,2}\\/i;

/**
 * Analysts write indicators so that a click does nothing: `hxxp`, `h**p`, `http[s]`, `[://]`, `http:\\`, `[.]`, ` [dot] `,
 * `(.)`, `[.com`, `\.`, `[at]`, `[/]`, a blank after the scheme.
 */
export function refang(text: string): string {
  const web = backslashed.test(text) ? text.replace(/\\{1,4}/g, "/") : text;
  return web
    .replace(/^(hxxps?)(?=\/\/)/i, "$1:")
    .replace(
      /^[[(]{0,2}(h[tx0*_#-]{2}(?:p|\[p\])|meow)(s|[[(]s[\])])?[\])]{0,2}(?=\s?[[({]{0,2}:)/i,
      (_, scheme: string, secure?: string) =>
        `${/^http$/i.test(scheme) ? scheme : "http"}${secure === undefined ? "" : secure.replace(/\W/g, "")}`,
    )
    .replace(
      /^(https?|ftps?)\s?[[({]{0,2}:[\])}]{0,2}\s?(?:[[({]{0,2}[/\\]{1,2}[\])}]{0,2}){1,2}\s{0,3}/i,
      "$1://",
    )
    .replace(
      /\[\[(:|:\/\/|\/{1,2})\]\]|[[({](:|:\/\/|\/{1,2})[\])}]/g,
      (_, one?: string, two?: string) => one ?? two ?? "",
    )
    .replace(
      /\s{0,2}(?:[[({]{2}\s?(?:\.|dot)\s?[\])}]{2}|\\?[[({]\s?\\?(?:\.|dot)\s?\\?[\])}])\s{0,2}/gi,
      ".",
    )
    .replace(/[[(]\.\s?(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])\.\]|\\\.|\s{1,2}(?:dot|\.)\s{1,2}/giu, ".")
    .replace(
      /\s{0,2}(?:[[({]{2}\s?(?:@|at)\s?[\])}]{2}|[[({<]\s?(?:@|at)\s?[\])}>]|\\@)\s{0,2}|\s{1,2}@\s{1,2}/gi,
      "@",
    )
    .replace(/:\/\/\[([^\]:]{1,300})\]/, "://$1")
    .replace(/[\u2024\u3002\ufe52\uff0e\uff61]/g, ".");
}

/** Nearly all values: nothing is around them or in them, and nothing hides them. */
const plainly =
  /^(?:https?:\/\/(?!mailto:|smtp:)[a-z\d][\w./:?=&%+~#@,-]*[\w/=%+~-]|[a-z\d][\w./@-]*[\w/])$/i;

/**
 * The ways to read one value as it was written, the nearest first: as it is, refanged, and without what is around it or
 * in it by accident (invisible characters, quotes and brackets, the punctuation of a sentence, HTML's entities, a label).
 * A URL may really end in `)` or hold `&amp;`, and a name may need its joiner, so each way is asked about.
 */
export function spellingsOf(written: string): readonly string[] {
  const text = written.trim();
  if (text === "" || text.length > maxValueChars) return [];
  if (plainly.test(text)) return [text];
  const visible = withoutInvisible(text).trim();
  const plain = withoutEntities(visible);
  const forms = new Set([
    text,
    visible,
    plain,
    withoutSurroundings(visible),
    withoutSurroundings(plain),
    withoutSurroundings(refang(plain)),
  ]);
  const mailboxes = [...forms].map(mailboxesOfLink).find((found) => found !== undefined);
  const found = (mailboxes ?? [...forms]).flatMap((form) => [form, refang(form)]);
  return [...new Set(found.map((form) => form.replace(anyBelow, "")))];
}

/** What mail programs and scanners write before an address. */
const mailScheme = /^(?:https?:\/\/)?(?:mailto|smtp):(?:\/\/)?/i;

/** Of `mailto:a@b.example,c@d.example?cc=…` the addresses before the "?": who else gets the mail stays inside. */
function mailboxesOfLink(text: string): readonly string[] | undefined {
  const scheme = mailScheme.exec(text)?.[0];
  if (scheme === undefined) return undefined;
  const [mailboxes = ""] = text.slice(scheme.length).split("?", 1);
  return percentDecoded(mailboxes)
    .split(/[,;]/)
    .map((mailbox) => mailbox.trim());
}

/** The same where its escapes are none. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const entity = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi;
const entityNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    colon: ":",
    commat: "@",
    equals: "=",
    hyphen: "-",
    lowbar: "_",
    num: "#",
    percnt: "%",
    period: ".",
    plus: "+",
    quest: "?",
    sol: "/",
  }),
);

/** HTML's escapes, also escaped again: `&amp;amp;`. */
export function withoutEntities(text: string): string {
  let plain = text;
  for (let times = 0; times < 3 && plain.includes("&"); times += 1) {
    plain = plain.replace(entity, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entityNames.get(name.toLowerCase()) ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0x1f && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    });
  }
  return plain;
}

const label =
  /^[-\u2013]\s{1,3}|^(?:url|uri|link|ip(?:v[46])?|domain|host(?:name)?|fqdn|address|e-?mail)\s{0,2}[:=](?!\/\/)\s{0,2}(?=\S)/i;
/** Of all domains below one. */
const anyBelow = /^(?:[*%]\.){0,5}\.?(?=[\p{L}\p{N}_])/u;
const alwaysAround = ",;!?…'\"`´«»“”„‚‘’‹›「」『』【】《》、，。；：！？（）<>*|•· \t";
const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const openers = "([{";

/** Without quotes, brackets, a label and the punctuation around it; a bracket that was opened inside stays. */
function withoutSurroundings(text: string): string {
  return withoutPunctuation(withoutPunctuation(text).replace(label, ""));
}

function withoutPunctuation(text: string): string {
  let [start, end] = [0, text.length];
  /** How often each bracket is opened and not closed. */
  const open = new Map<string, number>();
  const count = (char: string, by: 1 | -1): void => {
    const opener = closers[char];
    const key = opener ?? char;
    open.set(key, (open.get(key) ?? 0) + (opener === undefined ? by : -by));
  };
  for (const char of text) if (char in closers || openers.includes(char)) count(char, 1);
  while (start < end) {
    const first = text.charAt(start);
    if (!alwaysAround.includes(first) && !openers.includes(first)) break;
    if (first === "*" && text.charAt(start + 1) === ".") break;
    if (openers.includes(first)) count(first, -1);
    start += 1;
  }
  while (start < end) {
    const last = text.charAt(end - 1);
    const isSurplus = last in closers && (open.get(closers[last] ?? "") ?? 0) < 0;
    if (!isSurplus && !`${alwaysAround}.:\\`.includes(last)) break;
    if (isSurplus) count(last, -1);
    end -= 1;
  }
  return text.slice(start, end);
}
