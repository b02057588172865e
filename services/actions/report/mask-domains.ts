import { asciiName } from "../../core/host-value.js";
import { dotAt, farthest, type Find, type Joint, type Span } from "./masking.js";

const labelPattern = /[\p{L}\p{N}\p{M}_-]+/gu;
const labelHere = /[\p{L}\p{N}\p{M}_-]+/uy;
/** RFC 1035. */
const longestLabel = 63;
/** `@` in front of a host, also as `[at]` and `%40`. */
const atSign = /(?:[@\uff20]|%40| ?[[({] ?(?:@|at) ?[\])}] ?)$/iu;
const longestAtSign = 8;
/** With its quotes: `"jo smith"@corp.example`; RFC 5321 allows 64. */
const longestQuoted = 66;
/** Credentials of a URL are longer than the user of an e-mail address. */
const longestUser = 320;

interface Label extends Span {
  readonly name: string;
  /** To the label before it; none where a host begins. */
  readonly joint: Joint | undefined;
}

/** Own domains and all below them, with the user in front: `jo@mail.corp.example`, `//jo:pw@corp.example`. */
export function domainFinder(ownDomains: readonly string[]): Find | undefined {
  const own = new Set(ownDomains.map(canonicalDomain).filter((domain) => domain !== ""));
  if (own.size === 0) return undefined;
  const deepest = Math.max(...[...own].map((domain) => domain.split(".").length));
  const lastLabels = new Set([...own].map((domain) => domain.slice(domain.lastIndexOf(".") + 1)));

  /** Where the host begins that ends with the last of these labels, if it is one of ours. */
  function hostStart(labels: readonly Label[]): number | undefined {
    if (!lastLabels.has(labels.at(-1)?.name ?? "")) return undefined;
    let name = "";
    for (let first = labels.length - 1; first >= labels.length - deepest && first >= 0; first -= 1) {
      name = `${labels[first]?.name ?? ""}${name === "" ? "" : "."}${name}`;
      if (!own.has(name)) continue;
      const start = outermost(labels, first);
      // A domain of one label (`corp`) is a word as well: it counts with something in front of it only.
      if (name.includes(".") || start < first) return labels[start]?.start;
    }
    return undefined;
  }

  return function* (text, from, to) {
    let floor = 0;
    let labels: Label[] = [];
    for (const label of labelsIn(text, from, to)) {
      // What is surely joined behind it makes another host of it: `corp.example.evil.com`.
      if (label.joint !== "surely") {
        const start = hostStart(labels);
        const end = labels.at(-1)?.end ?? 0;
        if (start !== undefined) {
          yield { start: userStart(text, start, floor), end };
          floor = end;
          labels = [];
        }
      }
      if (label.joint === undefined) labels = [];
      labels.push(labels.length === 0 ? { ...label, joint: undefined } : label);
    }
  };
}

/** The labels of all words that begin before `to`, those of their hosts behind it as well, and an empty one at last. */
function* labelsIn(text: string, from: number, to: number): Generator<Label> {
  const near = text.slice(0, to + farthest);
  for (let position = beginOfLabel(near, from); ;) {
    labelPattern.lastIndex = position;
    const first = labelPattern.exec(near);
    if (first === null || first.index >= to) break;
    position = first.index + first[0].length;
    let label = labelAt(near, first.index + escapedLead(near, first.index, first[0]), undefined);
    while (label !== undefined) {
      yield label;
      position = label.end;
      const between = dotAt(near, position);
      label = between && labelAt(near, between.end, between.joint);
    }
  }
  yield { start: text.length, end: text.length, joint: undefined, name: "" };
}

function labelAt(text: string, start: number, joint: Joint | undefined): Label | undefined {
  labelHere.lastIndex = start;
  const [word] = labelHere.exec(text) ?? [];
  return word === undefined
    ? undefined
    : { start, end: start + word.length, joint, name: canonicalLabel(word) };
}

/** None begins within one. */
function beginOfLabel(text: string, from: number): number {
  let begin = from;
  if (from > 0 && isLabel(text.charAt(from - 1))) while (isLabel(text.charAt(begin))) begin += 1;
  return begin;
}

function isLabel(character: string): boolean {
  return /[\p{L}\p{N}\p{M}_-]/u.test(character);
}

/** The first label that is joined to the given one: a full stop with a blank behind it may end a sentence. */
function outermost(labels: readonly Label[], from: number): number {
  let first = from;
  while (first > 0 && labels[first]?.joint !== "perhaps") first -= 1;
  return first;
}

/** `%2Fcorp.example`, `%252Fcorp.example` and `=3Dcorp.example`: the digits belong to the sign before them. */
function escapedLead(text: string, index: number, word: string): number {
  const before = text[index - 1];
  if (before === "%") return /^(?:25){0,8}[\da-f]{2}/i.exec(word)?.[0].length ?? 0;
  if (before === "=" && word.startsWith("3D")) return 2;
  // A list's dash or an underscore in front is no part of a name.
  return /^[-_]*/.exec(word)?.[0].length ?? 0;
}

function canonicalDomain(domain: string): string {
  return domain
    .trim()
    .split(/[.\u2024\u3002\ufe52\uff0e\uff61]/u)
    .filter((label) => label !== "" && label !== "*")
    .map(canonicalLabel)
    .join(".");
}

/** A longer label is no domain's, and is not looked at: its conversion takes the square of its length. */
function canonicalLabel(label: string): string {
  return label.length > longestLabel ? "" : asciiName(label.toLowerCase());
}

/** Where the e-mail address or the credentials in front of a host begin. */
function userStart(text: string, host: number, floor: number): number {
  const at = atSign.exec(text.slice(Math.max(floor, host - longestAtSign), host));
  if (at === null) return host;
  let start = host - at[0].length;
  if (text[start - 1] === '"') {
    const quote = text.slice(Math.max(floor, start - longestQuoted), start - 1).lastIndexOf('"');
    return quote < 0 ? start : Math.max(floor, start - longestQuoted) + quote;
  }
  const lowest = Math.max(floor, start - longestUser);
  while (start > lowest && /[^\s@<>"()[\]{},;/\\|]/.test(text.charAt(start - 1))) start -= 1;
  const user = text.slice(start, host - at[0].length);
  // `mailto:jo@…` and `To:jo@…`, but `//jo:pw@…`.
  return text[start - 1] === "/" ? start : start + user.lastIndexOf(":") + 1;
}
