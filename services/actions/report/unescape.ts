/** An escape at the beginning of a text. */
export interface Escape {
  /** What it means; empty when nothing shows it. */
  readonly means: string;
  /** How much of the text it is. */
  readonly length: number;
}

/** Also escaped again (`%252e`): a URL in the query of a URL in a query. A letter beyond ASCII is several bytes. */
const percentEscape = /^%(?:25)*([\da-f]{2})((?:%(?:25)*[89ab][\da-f])*)/i;
const oneByte = /%(?:25)*([\da-f]{2})/gi;
const numericEntity = /^&#(?:x0*([\da-f]{1,6})|0*(\d{1,7}));/i;
const namedEntity = /^&([a-z]{2,8});/i;
const accentedLetter = /^([a-z])(uml|acute|grave|circ|tilde|ring|cedil|caron)$/i;

const names: Readonly<Record<string, string>> = {
  period: ".",
  commat: "@",
  lowbar: "_",
  hyphen: "-",
  dash: "-",
  apos: "'",
  nbsp: " ",
  shy: "",
  szlig: "ß",
};
/** As combining marks. */
const accents: Readonly<Record<string, string>> = {
  uml: "\u0308",
  acute: "\u0301",
  grave: "\u0300",
  circ: "\u0302",
  tilde: "\u0303",
  ring: "\u030a",
  cedil: "\u0327",
  caron: "\u030c",
};

const word = /^[\p{L}\p{N}\p{M}_.~-]$/u;
const invisible = /^\p{Default_Ignorable_Code_Point}$/u;

/**
 * What the escape at the beginning stands for, if that is part of a word, or nothing that is shown: to a URL both mean the
 * same (RFC 3986, 6.2.2.2; RFC 3987, 3.2), and nothing comes of it that would be markup or an escape.
 */
export function unescapeAt(text: string): Escape | undefined {
  const percent = percentEscape.exec(text);
  if (percent !== null) return ifAllowed(fromPercent(percent), word);
  return ifAllowed(fromEntity(text), /^[\p{L}\p{N}\p{M}_.~@' \u00a0-]$/u);
}

function ifAllowed(escape: Escape | undefined, allowed: RegExp): Escape | undefined {
  if (escape === undefined || escape.means === "" || allowed.test(escape.means)) return escape;
  return invisible.test(escape.means) ? { ...escape, means: "" } : undefined;
}

function fromPercent([whole, first = "", rest = ""]: RegExpExecArray): Escape | undefined {
  const lead = Number.parseInt(first, 16);
  const alone = whole.length - rest.length;
  if (lead < 0x80) return { means: String.fromCharCode(lead), length: alone };
  const wanted = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  const more = [...rest.matchAll(oneByte)].slice(0, wanted);
  if (more.length < wanted) return undefined;
  const bytes = [first, ...more.map(([, byte]) => byte ?? "")];
  const length = alone + more.reduce((sum, [escape]) => sum + escape.length, 0);
  try {
    return { means: decodeURIComponent(`%${bytes.join("%")}`), length };
  } catch {
    return undefined; // no UTF-8
  }
}

function fromEntity(text: string): Escape | undefined {
  const [numeric, hex, decimal] = numericEntity.exec(text) ?? [];
  if (numeric !== undefined) {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0x10ffff ? undefined : { means: String.fromCodePoint(code), length: numeric.length };
  }
  const [named, name = ""] = namedEntity.exec(text) ?? [];
  if (named === undefined) return undefined;
  const means = Object.hasOwn(names, name) ? names[name] : accented(name);
  return means === undefined ? undefined : { means, length: named.length };
}

function accented(name: string): string | undefined {
  const [, letter, accent = ""] = accentedLetter.exec(name) ?? [];
  return letter === undefined
    ? undefined
    : `${letter}${accents[accent.toLowerCase()] ?? ""}`.normalize("NFC");
}
