import { lookUpInEnvironment } from "./environment-lookup.js";
import type { Environment } from "./locate-config.js";
import { howToBringOver } from "./python-keyrings.js";
import type { Keyring } from "../core/ports.js";

export interface ValueSources {
  readonly env: Environment;
  readonly keyring: Keyring;
  /** Where Python's keyring may have files of its own; only for telling. */
  readonly home?: string;
  /** App Host's protected secrets, if they are elsewhere than usual. */
  readonly secretsFolder?: string;
}

export type Resolved =
  | {
      readonly ok: true;
      readonly text: string;
      /** Some of it came from the environment or the keyring: not to be shown. */
      readonly secret: boolean;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A text that knows of each of its UTF-16 units where it came from: what was put in is never expanded again. */
interface MarkedText {
  readonly text: string;
  /** As long as `text`: "f" stands in the file, "s" was substituted, "x" could not be. */
  readonly marks: string;
}

type Lookup = (name: string) => string | undefined;

const unresolved: MarkedText = { text: "?", marks: "x" };

/**
 * Resolves `$NAME`, `${NAME}`, `^name` and `^{name}` as resilient-circuits does: first the environment (and files that
 * it names), then the keyring; without braces the whole value is the name. There an unknown name stays as text, here it is a problem.
 */
export function resolveValue(value: string, section: string, sources: ValueSources, key = "<key>"): Resolved {
  const problems: string[] = [];
  const written: MarkedText = { text: value, marks: "f".repeat(value.length) };
  const withEnv = step(written, "$", environmentLookup(sources, problems), problems);
  const done = step(withEnv, "^", keyringLookup(sources, `${section}/${key}`, problems), problems);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, text: done.text, secret: done.marks.includes("s") };
}

function step(input: MarkedText, sign: "$" | "^", lookup: Lookup, problems: string[]): MarkedText {
  if (indexInFile(input, `${sign}{`, 0) >= 0) return replaceBraces(input, sign, lookup, problems);
  if (indexInFile(input, sign, 0) !== 0) return input;
  let from = 0;
  while (input.text.charAt(from) === sign) from++;
  if (from === input.text.length) {
    problems.push(`"${sign}" announces a secret, but no name follows; write ${sign}NAME`);
    return unresolved;
  }
  return substitute(cut(input, from, input.text.length), lookup);
}

function replaceBraces(input: MarkedText, sign: string, lookup: Lookup, problems: string[]): MarkedText {
  let done: MarkedText = { text: "", marks: "" };
  let from = 0;
  for (;;) {
    const start = indexInFile(input, `${sign}{`, from);
    if (start < 0) return join(done, cut(input, from, input.text.length));
    const end = indexInFile(input, "}", start);
    if (end <= start + 2) {
      problems.push(`"${sign}{" has to be followed by a name and "}"`);
      return unresolved;
    }
    done = join(done, cut(input, from, start), substitute(cut(input, start + 2, end), lookup));
    from = end + 1;
  }
}

/** A name with a part that could not be resolved isn't looked up: that part is the problem. */
function substitute(name: MarkedText, lookup: Lookup): MarkedText {
  const found = name.marks.includes("x") ? undefined : lookup(name.text);
  return found === undefined ? unresolved : { text: found, marks: "s".repeat(found.length) };
}

function indexInFile({ text, marks }: MarkedText, wanted: string, from: number): number {
  let index = text.indexOf(wanted, from);
  while (index >= 0 && /[^f]/.test(marks.slice(index, index + wanted.length))) {
    index = text.indexOf(wanted, index + 1);
  }
  return index;
}

function cut({ text, marks }: MarkedText, from: number, to: number): MarkedText {
  return { text: text.slice(from, to), marks: marks.slice(from, to) };
}

function join(...parts: readonly MarkedText[]): MarkedText {
  return { text: parts.map((part) => part.text).join(""), marks: parts.map((part) => part.marks).join("") };
}

function environmentLookup({ env, secretsFolder }: ValueSources, problems: string[]): Lookup {
  return (name) => {
    const found = lookUpInEnvironment(name, env, secretsFolder);
    if ("value" in found) return found.value;
    problems.push(found.problem);
    return undefined;
  };
}

/** Under which service the secrets of a section are kept. */
function serviceOf(section: string): string {
  return section === "resilient" ? "_" : section;
}

/**
 * Whether a name may be printed: what can't be one is more likely a password that begins with "^". The guide's own
 * template has brackets and blanks in its sample name.
 */
export function isPrintableName(name: string): boolean {
  return /^[\w.@-]+$/.test(name) || /stanza[_ ]name/.test(name);
}

function keyringLookup({ keyring, env, home }: ValueSources, value: string, problems: string[]): Lookup {
  const service = serviceOf(value.slice(0, value.lastIndexOf("/")));
  const place = keyring.place ?? "the operating system's keyring";
  let usable = true;
  const elsewhere = (username: string): string => {
    const secrets = [{ service, username, value }];
    const how = home === undefined ? undefined : howToBringOver(secrets, { env, home }, !usable);
    return how === undefined ? "" : `. ${how}`;
  };
  return (name) => {
    if (!usable) return undefined;
    const shown = isPrintableName(name) ? `"${name}"` : "of the name given here";
    try {
      const secret = keyring.read(service, name);
      if (secret !== undefined && secret !== "") return secret;
      const orBy = keyring.place === undefined ? " (or res-keyring, where that uses this keyring)" : "";
      problems.push(
        `${place}, the only place that is asked for it, has no entry ${shown} for service "${service}"; store it with ` +
          `trustar-resilient keyring${orBy}, as the user who runs this program, ` +
          `or write $NAME here and set the environment variable NAME${elsewhere(name)}`,
      );
    } catch (error) {
      usable = false;
      const reason = error instanceof Error ? error.message : String(error);
      const instead = keyring.place === undefined ? ", or keep secrets in a file: [secret_store] file" : "";
      problems.push(
        `${place}, the only place that is asked for entry ${shown}, can't be used: ${reason}; ` +
          `alternatively write $NAME here and set the environment variable NAME${instead}${elsewhere(name)}`,
      );
    }
    return undefined;
  };
}
