import { type MaskResult, termMarker } from "./masking.js";

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
/** As URLs and HTML write a sign that means something to them. */
const escapedSign = /%(?:25)*([2-7][\da-f])|&(?:(amp)|(quot));/iy;
/** Joiners and the like: nothing shows them, so a text may hide a term with them. */
const ignorable = /\p{Default_Ignorable_Code_Point}/u;

/**
 * Replaces terms in any case and Unicode form, whole words only where the term begins or ends with a letter or digit;
 * an underscore ends a word, so `acme` is found in `ACME_server`. A blank of a term is also found as what joins words in
 * names and addresses. Of several terms at one place the longest wins.
 */
export class TermMasker {
  readonly #root: TrieNode = createNode(false);

  constructor(terms: readonly string[]) {
    for (const term of terms) this.#add(term);
  }

  mask(original: string): MaskResult {
    if (this.#root.next.size === 0) return { text: original, count: 0 };
    const text = original.normalize("NFC");
    const pieces: string[] = [];
    let copied = 0;
    let count = 0;
    for (let position = 0; position < text.length;) {
      const { character } = readAt(text, position);
      const end = this.#begins(character) ? this.#longestAt(text, position) : undefined;
      if (end === undefined) {
        position += characterAt(text, position).length;
        continue;
      }
      pieces.push(text.slice(copied, position), termMarker, lineBreak(text.slice(position, end)));
      copied = position = end;
      count += 1;
    }
    return count === 0 ? { text: original, count } : { text: pieces.join("") + text.slice(copied), count };
  }

  #add(term: string): void {
    let node = this.#root;
    for (const character of foldTerm(term)) {
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
    let joined = 0;
    let longest: number | undefined;
    for (let position = start; position < text.length && nodes.size > 0;) {
      const { character, length } = readAt(text, position);
      position += length;
      if (position > start + length && ignorable.test(character)) continue;
      const isBlank = blank.test(character);
      const folded = isBlank ? " " : fold(character);
      const isJoiner = !isBlank && joiners.includes(folded);
      joined = isJoiner ? joined + 1 : isBlank ? joined : 0;
      nodes = step(nodes, folded, isBlank || (isJoiner && joined <= mostJoiners));
      if (anyEnds(nodes) && !endsWithin(text, position)) longest = position;
    }
    return longest;
  }
}

function createNode(isGap: boolean): TrieNode {
  return { next: new Map(), ends: false, isGap };
}

/** Where the terms go on. @param inGap the character can be one of several in the place of a term's blank */
function step(nodes: ReadonlySet<TrieNode>, folded: string, inGap: boolean): ReadonlySet<TrieNode> {
  const reached = new Set<TrieNode>();
  for (const node of nodes) {
    const exact = follow(node, folded);
    if (exact !== undefined) reached.add(exact);
    if (!inGap) continue;
    const gap = node.isGap ? node : node.next.get(" ");
    if (gap !== undefined) reached.add(gap);
  }
  return reached;
}

function follow(node: TrieNode, folded: string): TrieNode | undefined {
  let reached: TrieNode | undefined = node;
  for (const character of folded) reached = reached?.next.get(character);
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

/** One form for all spellings of a character; `ß` is `ss`, a full-width letter is a letter. */
function fold(character: string): string {
  const ascii = character.length === 1 ? foldedAscii[character.charCodeAt(0)] : undefined;
  if (ascii !== undefined) return ascii;
  if (/[\u2018-\u201b\u02bc\u2032\uff07]/u.test(character)) return "'";
  if (/[\u201c-\u201f\u2033\uff02]/u.test(character)) return '"';
  if (/[\p{Pd}\u2212]/u.test(character)) return "-";
  // To lower case twice: the capital `ẞ` has no other way to `ss`.
  return character.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().replace("i\u0307", "i");
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

/** A term may stand across two lines of a value: the report keeps its lines. */
function lineBreak(text: string): string {
  return /\n[\t ]*/.exec(text)?.[0] ?? "";
}
