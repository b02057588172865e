import { withoutEnd } from "../../src/core/without-end.js";

/** What must not be in the words of an upstream that we repeat. */
export interface Hidden {
  /** Of credentials, sessions and tokens: as they are, trimmed, and as JSON spells them. */
  readonly secrets?: readonly string[] | undefined;
  /** Artifacts' values in the request. */
  readonly values?: readonly string[] | undefined;
  /** Whole texts in the request, of a report or a note: what may be a value in them is found only when it is needed. */
  readonly texts?: readonly string[] | undefined;
}

const shortest = 3;
/** Only so much is repeated of what was said; errors show less. */
const maxRepeated = 600;
/** A longer value, secret or word is recognised by its first so many characters; no fewer than are repeated. */
const maxCompared = maxRepeated;
/** No word of prose is that long. */
const longestWord = 200;
/** More text than that is not searched: what was said is then not repeated at all. A report may have 2 MB. */
const maxSearched = 2_500_000;

/**
 * What an upstream said of a request, without secrets, without what we had sent, and without what is an indicator by
 * its looks: its words go into errors, which are logged, and no log above debug holds an artifact's value. Servers may
 * quote in another case, and as it stood in the URL of the request.
 *
 * Linear in all that is given. Only the beginning is repeated, and it is cut last: what begins before the cut is still
 * compared beyond it.
 */
export function withoutValues(said: string, { secrets = [], values = [], texts = [] }: Hidden): string {
  const searched = texts.reduce((sum, { length }) => sum + length, 0);
  if (searched > maxSearched)
    return "(not repeated here: the request was too long to be searched for its values)";
  const window = said.slice(0, maxRepeated + maxCompared);
  const marks = new Marks(window);
  addSecrets(marks, secrets);
  for (const value of values) marks.add(value, "value");
  for (const text of texts) for (const value of valuesIn(text)) marks.add(value, "value");
  for (const { 0: token, index } of window.matchAll(words)) {
    const word = withoutEnd(token, ".:!?");
    if (word.length > longestWord || looksLikeIndicator.test(word))
      marks.cover(index, index + word.length, "value");
  }
  return marks.apply(maxRepeated);
}

/** The same for a peer that had been sent secrets and no values. */
export function withoutSecrets(said: string, secrets: readonly string[]): string {
  const marks = new Marks(said.slice(0, maxRepeated + maxCompared));
  addSecrets(marks, secrets);
  return marks.apply(maxRepeated);
}

function addSecrets(marks: Marks, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const one of [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)]) marks.add(one, "secret");
  }
}

const valueLine = /^[^\S\n\r\u2028\u2029]*Value: (.+)$/gm;
const linkText = />([^<>]+)<\/a>/g;
const words = /[^\s"'<>()[\]{},;|]+/g;
/** A host, an address, a path, a hash: not a word of prose. */
const looksLikeIndicator = /\w[.@/\\]+\w|^[\da-f]{32,}$/i;
const looksLikeValue = /\w[.:@/\\]+\w|[\da-f]{16}|\d{4}/i;

/** What may be an artifact's value in the text of a report or of a note; one by one, for there may be many. */
export function* valuesIn(text: string): Generator<string> {
  for (const pattern of [valueLine, linkText]) {
    for (const [, value] of text.matchAll(pattern)) if (value !== undefined) yield value.trim();
  }
  for (const [token] of text.matchAll(words)) {
    const word = withoutEnd(token, ".:!?");
    if (looksLikeValue.test(word.slice(0, maxCompared))) yield word;
  }
}

type Mark = "secret" | "value";

/** Which characters of a text belong to something that must not be shown. */
class Marks {
  readonly #text: string;
  readonly #readings: readonly Reading[];
  readonly #marked: (Mark | undefined)[];
  /** What was found: texts hold the same value again and again. */
  readonly #found = new Set<string>();

  constructor(text: string) {
    this.#text = text;
    this.#readings = readingsOf(text);
    this.#marked = new Array<Mark | undefined>(text.length);
  }

  /** Wherever it stands, in any case. */
  add(what: string, mark: Mark): void {
    if (what.length < shortest || this.#found.has(what)) return;
    // One more, for the last may be half of a character.
    const start = folded(what.slice(0, shortest + 1)).slice(0, shortest);
    const readings = this.#readings.filter(({ starts }) => starts.has(start));
    // Thousands of values are told apart from what was said by this look at their beginning.
    if (readings.length === 0) return;
    const sought = folded(wholeCharacters(what.slice(0, maxCompared)));
    for (const { text, at } of readings) {
      for (
        let found = text.indexOf(sought);
        found >= 0;
        found = text.indexOf(sought, found + sought.length)
      ) {
        this.#found.add(what);
        this.cover(at[found] ?? 0, endOf(at, found + sought.length), mark);
      }
    }
  }

  cover(from: number, to: number, mark: Mark): void {
    for (let at = from; at < to; at += 1) if (this.#marked[at] !== "secret") this.#marked[at] = mark;
  }

  /** The first `length` characters, with a marker for each run of marked ones. */
  apply(length: number): string {
    const end = Math.min(length, this.#text.length);
    let shown = "";
    for (let from = 0; from < end;) {
      const isHidden = this.#marked[from] !== undefined;
      let to = from;
      let isSecret = false;
      for (; to < this.#text.length && (this.#marked[to] !== undefined) === isHidden; to += 1) {
        isSecret ||= this.#marked[to] === "secret";
      }
      shown += isHidden ? (isSecret ? "[secret]" : "[value]") : this.#text.slice(from, Math.min(to, end));
      from = to;
    }
    return shown;
  }
}

/** A text as it may be meant: as it stands, or as part of a URL. */
interface Reading {
  /** Folded. */
  readonly text: string;
  /** Where in the original each of its characters comes from; and the end. */
  readonly at: readonly number[];
  /** The first characters of all that may stand in it. */
  readonly starts: ReadonlySet<string>;
}

function readingsOf(text: string): readonly Reading[] {
  const plain = readingOf(
    text,
    Array.from({ length: text.length + 1 }, (_, at) => at),
  );
  if (!/%[\da-f]{2}|\+/i.test(text)) return [plain];
  const { text: decoded, at } = percentDecoded(text);
  return [plain, readingOf(decoded, at), readingOf(decoded.replaceAll("+", " "), at)];
}

function readingOf(text: string, at: readonly number[]): Reading {
  const sought = folded(text);
  const starts = new Set<string>();
  for (let index = 0; index + shortest <= sought.length; index += 1) {
    starts.add(sought.slice(index, index + shortest));
  }
  return { text: sought, at, starts };
}

/** Each run of escapes is one place: what is found in a part of it covers all of it. */
function percentDecoded(text: string): Pick<Reading, "text" | "at"> {
  let decoded = "";
  const at: number[] = [];
  const take = (part: string, place: (index: number) => number): void => {
    for (let index = 0; index < part.length; index += 1) at.push(place(index));
    decoded += part;
  };
  let done = 0;
  for (const { 0: run, index } of text.matchAll(/(?:%[\da-f]{2})+/gi)) {
    const from = done;
    take(text.slice(from, index), (offset) => from + offset);
    take(Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"), () => index);
    done = index + run.length;
  }
  const from = done;
  take(text.slice(from), (offset) => from + offset);
  at.push(text.length);
  return { text: decoded, at };
}

/** The first place behind those of the character before `index`. */
function endOf(at: readonly number[], index: number): number {
  let end = index;
  while (end < at.length - 1 && at[end] === at[index - 1]) end += 1;
  return at[end] ?? 0;
}

const ascii = /^\p{ASCII}*$/u;

/** In one case and without halves of characters; as long as it was. */
function folded(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replaceAll("İ", "i")
    .toLowerCase()
    .replaceAll("ς", "σ");
}

/** Cut in the middle of a pair, its half would not be what was said. */
function wholeCharacters(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return text.length === maxCompared && last >= 0xd800 && last < 0xdc00 ? text.slice(0, -1) : text;
}
