import type { LeakGuardPolicy } from "../../../src/core/account.js";
import { breathe } from "../../../src/core/breathe.js";
import { findIpv4, findIpv6, findNumericHosts } from "./mask-addresses.js";
import { domainFinder } from "./mask-domains.js";
import { TermFinder } from "./mask-terms.js";
import { addressMarker, anyMarker, domainMarker, type Find, type Span, termMarker } from "./masking.js";
import { plainSpelling } from "./plain-spelling.js";
import { inEscaped, inQuotedPrintable, maybeEscaped, maybeQuotedPrintable } from "./quoted-printable.js";

/** What was masked, by occurrence; never the values. */
export interface MaskedCounts {
  readonly terms: number;
  readonly addresses: number;
  readonly domains: number;
}

export interface GuardedText {
  readonly title: string;
  readonly body: string;
  readonly masked: MaskedCounts;
}

export type MaskingPolicy = Pick<LeakGuardPolicy, "redactTerms" | "maskPrivateAddresses" | "ownDomains">;

type Kind = keyof MaskedCounts;

interface Finder {
  readonly kind: Kind;
  readonly find: Find;
}

export const nothingMasked: MaskedCounts = { terms: 0, addresses: 0, domains: 0 };

const markers: Readonly<Record<Kind, string>> = {
  terms: termMarker,
  addresses: addressMarker,
  domains: domainMarker,
};
/** However it is written. */
const longestAddress = 160;
/** How much longer a domain can become by blanks and brackets around its dots. */
const domainSpelling = 8;
/** Read without a pause. */
const chunkLength = 16_384;

/** A place in a text that is masked. */
interface Mark extends Span {
  readonly kind: Kind;
}

/** What was found in a text, each part of it by itself: a text of megabytes holds very many. */
class Marks {
  readonly counts = { terms: 0, addresses: 0, domains: 0 };
  /** Where they begin and end. */
  readonly edges = new Set<number>();
  readonly #parts: (Mark[] | undefined)[] = [];

  add(mark: Mark): void {
    this.counts[mark.kind] += 1;
    this.edges.add(mark.start).add(mark.end);
    (this.#parts[Math.trunc(mark.start / chunkLength)] ??= []).push(mark);
  }

  /** A line's end within what was masked stays: the report keeps its lines. */
  async written(text: string): Promise<string> {
    const pieces: string[] = [];
    let position = 0;
    for (const part of this.#parts) {
      await breathe();
      for (const { start, end, kind } of (part ?? []).sort((a, b) => a.start - b.start)) {
        const lineEnd = /\n[\t ]*/.exec(text.slice(start, end))?.[0] ?? "";
        pieces.push(text.slice(position, start), markers[kind], lineEnd);
        position = end;
      }
    }
    return pieces.join("") + text.slice(position);
  }
}

/**
 * Takes out of a report what must not leave. A second run finds nothing more, and the time grows with the text's length
 * only: the whole text is read once for each kind, and then what stands beside something that was masked.
 */
export class LeakGuard {
  readonly #finders: readonly Finder[];
  readonly #quotedFinders: readonly Finder[];
  readonly #escapedFinders: readonly Finder[];
  /** How far from something that was masked it could have changed anything. */
  readonly #reach: number;

  constructor({ redactTerms, maskPrivateAddresses, ownDomains }: MaskingPolicy) {
    const domains = domainFinder(ownDomains);
    const terms = new TermFinder(redactTerms);
    const finders: Finder[] = [];
    if (maskPrivateAddresses) {
      for (const find of [findIpv6, findIpv4, findNumericHosts]) finders.push({ kind: "addresses", find });
    }
    if (domains !== undefined) finders.push({ kind: "domains", find: domains });
    if (terms.longest > 0)
      finders.push({ kind: "terms", find: (text, from, to) => terms.find(text, from, to) });
    const longestDomain = Math.max(0, ...ownDomains.map(({ length }) => length));
    this.#reach = Math.max(longestAddress, domainSpelling * longestDomain, terms.longest);
    this.#finders = finders;
    // First as quoted-printable: `Acme=20Corp` is more than `Acme`.
    this.#quotedFinders = finders.flatMap(({ kind, find }) => [
      { kind, find: inQuotedPrintable(find, this.#reach) },
      { kind, find },
    ]);
    // At last: `\tserver.corp.example` may be a server's name as well.
    this.#escapedFinders = finders.map(({ kind, find }) => ({ kind, find: inEscaped(find, this.#reach) }));
  }

  async apply(report: { readonly title: string; readonly body: string }): Promise<GuardedText> {
    const title = await this.#mask(report.title);
    const body = await this.#mask(report.body);
    return { title: title.text, body: body.text, masked: addCounts(title.masked, body.masked) };
  }

  async #mask(original: string): Promise<{ readonly text: string; readonly masked: MaskedCounts }> {
    if (this.#finders.length === 0) return { text: original, masked: nothingMasked };
    const plain = await plainSpelling(original);
    const text = plain.normalize("NFC");
    const marks = await this.#marksOf(text);
    const { terms, addresses, domains } = marks.counts;
    if (terms + addresses + domains === 0) return { text: plain, masked: nothingMasked };
    return { text: await marks.written(text), masked: { terms, addresses, domains } };
  }

  /** Never one within what an earlier run has masked. */
  async #marksOf(original: string): Promise<Marks> {
    const text = halfWidth(original);
    const marks = new Marks();
    let pieces: Span[] = between(
      { start: 0, end: text.length },
      [...text.matchAll(anyMarker)].map(({ 0: { length }, index }) => ({
        start: index,
        end: index + length,
      })),
    );
    const finders = [
      ...(maybeQuotedPrintable(text) ? this.#quotedFinders : this.#finders),
      ...(maybeEscaped(text) ? this.#escapedFinders : []),
    ];
    for (const { kind, find } of finders) {
      const smaller: Span[][] = [];
      for (const piece of pieces) {
        const found = await findAll(find, text, piece, [{ start: 0, end: piece.end - piece.start }]);
        for (const { start, end } of found) marks.add({ start, end, kind });
        smaller.push(between(piece, found));
      }
      pieces = smaller.flat();
    }
    await this.#findLaidBare(text, finders, pieces, marks);
    return marks;
  }

  /** A masked term can lay bare a domain (`x-corp.example` without `x-`), and that another term. */
  async #findLaidBare(
    text: string,
    finders: readonly Finder[],
    pieces: readonly Span[],
    marks: Marks,
  ): Promise<void> {
    const { edges } = marks;
    const queue = [...pieces];
    for (let piece = queue.pop(); piece !== undefined; piece = queue.pop()) {
      const windows = this.#windowsOf(piece, edges);
      if (windows.length === 0 || text.slice(piece.start, piece.end).trim() === "") continue;
      for (const { kind, find } of finders) {
        const found = await findAll(find, text, piece, windows);
        if (found.length === 0) continue;
        for (const { start, end } of found) marks.add({ start, end, kind });
        for (const smaller of between(piece, found)) queue.push(smaller);
        break;
      }
    }
  }

  /** What of a piece stands beside something that was masked. */
  #windowsOf({ start, end }: Span, edges: ReadonlySet<number>): readonly Span[] {
    const reach = this.#reach;
    const length = end - start;
    if (length <= 2 * reach) return edges.has(start) || edges.has(end) ? [{ start: 0, end: length }] : [];
    return [
      ...(edges.has(start) ? [{ start: 0, end: reach }] : []),
      ...(edges.has(end) ? [{ start: length - reach, end: length }] : []),
    ];
  }
}

/** What begins within these windows of a piece of the text; the piece is all that is looked at. */
async function findAll(
  find: Find,
  text: string,
  piece: Span,
  windows: readonly Span[],
): Promise<readonly Span[]> {
  const shown = text.slice(piece.start, piece.end);
  const found: Span[] = [];
  let floor = 0;
  for (const window of windows) {
    for (let from = window.start; from < window.end; from += chunkLength) {
      const to = Math.min(window.end, from + chunkLength);
      for (const { start, end } of find(shown, Math.max(from, floor), to)) {
        const free = Math.max(start, floor);
        if (free >= end) continue;
        found.push({ start: piece.start + free, end: piece.start + end });
        floor = end;
      }
      await breathe();
    }
  }
  return found;
}

function between({ start, end }: Span, marks: readonly Span[]): Span[] {
  const pieces: Span[] = [];
  let from = start;
  for (const mark of marks) {
    if (from < mark.start) pieces.push({ start: from, end: mark.start });
    from = mark.end;
  }
  if (from < end) pieces.push({ start: from, end });
  return pieces;
}

/** Full-width signs as ASCII, position by position. */
function halfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

export function addCounts(a: MaskedCounts, b: MaskedCounts): MaskedCounts {
  return {
    terms: a.terms + b.terms,
    addresses: a.addresses + b.addresses,
    domains: a.domains + b.domains,
  };
}
