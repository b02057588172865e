import type { Span } from "./masking.js";

/** A tree of the terms' folded characters. */
interface TrieNode {
  readonly next: Map<string, TrieNode>;
  /** A term ends here. */
  ends: boolean;
  /** A blank of a term leads here. */
  readonly isGap: boolean;
}

const wordCharacter = /[\p{L}\p{N}\p{M}]/u;
const blank = /\s/u;
/** What names are joined by where no blank may stand: `project_falcon`, `Project-Falcon`, `?q=project+falcon`. */
const joiners = "_-+./\\";
/** In one place of a term: ` - ` and the like. */
const mostJoiners = 3;
const mostBlanks = 16;
/** As URLs and HTML write a sign that means something to them. */
const escapedSign = /%(?:25){0,4}([2-7][\da-f])|&(?:(amp)|(quot));/iy;
const longestSign = 11;
/** Joiners and the like: nothing shows them, so a text may hide a term with them. */
const ignorable = /\p{Default_Ignorable_Code_Point}/u;
/** Accents that any letter can have: one more on a letter of a term does not make another word of it. */
const accent = /\p{Script=Inherited}/u;
const mostAccents = 8;

/**
 * Finds terms in any case and Unicode form, whole words only where the term begins or ends with a letter or digit; an
 * underscore ends a word, so `acme` is found in `ACME_server`. A blank of a term is also found as what joins words in
 * names and addresses, or as nothing (`AcmeCorp`). Of several terms at one place the longest wins.
 */
export class TermFinder {
  readonly #root: TrieNode = createNode(false);
  /** No term is longer in a text, however it is written. */
  readonly longest: number = 0;

  constructor(terms: readonly string[]) {
    for (const term of terms) {
      const folded = foldTerm(term);
      this.#add(folded);
      const gaps = folded.split(" ").length - 1;
      const letters = folded.length - gaps;
      this.longest = Math.max(
        this.longest,
        letters * longestSign + gaps * (mostBlanks + mostJoiners * longestSign),
      );
    }
  }

  *find(text: string, from: number, to: number): Generator<Span> {
    if (this.#root.next.size === 0) return;
    const near = text.slice(0, to + this.longest);
    for (let position = from; position < to;) {
      const { character } = readAt(near, position);
      const end = this.#begins(character) ? this.#longestAt(near, position) : undefined;
      if (end !== undefined) yield { start: position, end };
      position = end ?? position + characterAt(near, position).length;
    }
  }

  #add(folded: string): void {
    let node = this.#root;
    for (const character of folded) {
      const known = node.next.get(character) ?? createNode(character === " ");
      node.next.set(character, known);
      node = known;
    }
    if (node !== this.#root) node.ends = true;
  }

  /** Almost no character of a text begins a term: the rest is not looked at again. */
  #begins(character: string): boolean {
    return this.#root.next.has(characterAt(fold(character), 0));
  }

  /** Where the longest term that begins at `start` ends. */
  #longestAt(text: string, start: number): number | undefined {
    if (startsWithin(text, start)) return undefined;
    let nodes: ReadonlySet<TrieNode> = new Set([this.#root]);
    let blanks = 0;
    let joined = 0;
    let accents = 0;
    let longest: number | undefined;
    for (let position = start; position < text.length && nodes.size > 0;) {
      const { character, length } = readAt(text, position);
      position += length;
      if (position > start + length && ignorable.test(character)) continue;
      const isBlank = blank.test(character);
      const folded = isBlank ? " " : fold(character);
      const isJoiner = !isBlank && joiners.includes(folded);
      blanks = isBlank ? blanks + 1 : 0;
      joined = isJoiner ? joined + 1 : isBlank ? joined : 0;
      accents = accent.test(character) ? accents + 1 : 0;
      const inGap = isBlank ? blanks <= mostBlanks : isJoiner && joined <= mostJoiners;
      nodes = step(nodes, folded, inGap, accents > 0 && accents <= mostAccents);
      if (anyEnds(nodes) && !endsWithin(text, position)) longest = position;
    }
    return longest;
  }
}

function createNode(isGap: boolean): TrieNode {
  return { next: new Map(), ends: false, isGap };
}

/**
 * Where the terms go on. @param inGap the character can be one of several in the place of a term's blank
 * @param isExtra it can be an accent that the term does not have
 */
function step(
  nodes: ReadonlySet<TrieNode>,
  folded: string,
  inGap: boolean,
  isExtra: boolean,
): ReadonlySet<TrieNode> {
  const reached = new Set<TrieNode>();
  for (const node of nodes) {
    const gap = node.isGap ? node : node.next.get(" ");
    for (const one of [node, gap]) {
      const exact = one && follow(one, folded);
      if (exact !== undefined) reached.add(exact);
    }
    if (inGap && gap !== undefined) reached.add(gap);
    if (isExtra) reached.add(node);
  }
  return reached;
}

/** A letter with accents is several characters; those that the term does not have are passed over. */
function follow(node: TrieNode, folded: string): TrieNode | undefined {
  let reached: TrieNode | undefined = node;
  for (const character of folded) {
    const next: TrieNode | undefined = reached?.next.get(character);
    reached = next ?? (accent.test(character) && reached !== node ? reached : undefined);
  }
  return reached;
}

function anyEnds(nodes: ReadonlySet<TrieNode>): boolean {
  for (const { ends } of nodes) if (ends) return true;
  return false;
}

/** One character, also where it is written as an escape. */
function readAt(text: string, position: number): { readonly character: string; readonly length: number } {
  const character = characterAt(text, position);
  if (character !== "%" && character !== "&") return { character, length: character.length };
  escapedSign.lastIndex = position;
  const [whole, hex, ampersand] = escapedSign.exec(text) ?? [];
  if (whole === undefined) return { character, length: 1 };
  if (hex !== undefined)
    return { character: String.fromCharCode(Number.parseInt(hex, 16)), length: whole.length };
  return { character: ampersand === undefined ? '"' : "&", length: whole.length };
}

function foldTerm(term: string): string {
  const shown = Array.from(term.normalize("NFKC")).filter((character) => !ignorable.test(character));
  return Array.from(shown.join("").trim().replace(/\s+/gu, " "), fold).join("");
}

const foldedAscii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toLowerCase());

/** One form for all spellings of a character, its accents behind it; `ß` is `ss`, a full-width letter is a letter. */
function fold(character: string): string {
  const ascii = character.length === 1 ? foldedAscii[character.charCodeAt(0)] : undefined;
  if (ascii !== undefined) return ascii;
  if (/[\u2018-\u201b\u02bc\u2032\uff07]/u.test(character)) return "'";
  if (/[\u201c-\u201f\u2033\uff02]/u.test(character)) return '"';
  if (/[\p{Pd}\u2212]/u.test(character)) return "-";
  // To lower case twice: the capital `ẞ` has no other way to `ss`.
  const lower = character.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return lower.replace("i\u0307", "i").normalize("NFD");
}

function characterAt(text: string, position: number): string {
  return String.fromCodePoint(text.codePointAt(position) ?? 0);
}

function characterBefore(text: string, position: number): string {
  const unit = text.charAt(position - 1);
  if (text.charAt(position - 3) === "%" && /^[\da-f]{2}$/i.test(text.slice(position - 2, position)))
    return "%";
  return /[\udc00-\udfff]/.test(unit) ? text.slice(Math.max(0, position - 2), position) : unit;
}

/** Whether a word that began before goes on here. */
function startsWithin(text: string, position: number): boolean {
  return (
    wordCharacter.test(characterAt(text, position)) && wordCharacter.test(characterBefore(text, position))
  );
}

/** Whether what ends here goes on as a word. */
function endsWithin(text: string, position: number): boolean {
  return position < text.length && startsWithin(text, position);
}
