import { InvalidArtifactError } from "../../src/core/errors.js";

/** Deeper than any artifact; shallow enough for recursion. */
const maxDepth = 64;

/**
 * Rewrites JSON text as Python's `json.dumps(json.loads(text))` does: separators `", "` and `": "`, keys in the order
 * received (a repeated key keeps its first place and its last value), ASCII escapes, Python's way of writing numbers.
 * `JSON.parse` alone can't: it reorders keys that look like integers and forgets how numbers were written.
 * @param text valid JSON: whoever has an artifact of it has parsed it
 * @throws InvalidArtifactError it is nested too deeply
 */
export function toPythonJson(text: string): string {
  return new Rewriter(text).rewrite();
}

class Rewriter {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rewrite(): string {
    return this.#value(this.#next(), 0);
  }

  /** The next string, number, word or sign: one look at every character. */
  #next(): string {
    const text = this.#text;
    let at = this.#at;
    while (isOneOf(text.charAt(at), " \t\n\r")) at += 1;
    const start = at;
    const first = text.charAt(at);
    at += 1;
    if (first === '"') {
      for (; text.charAt(at) !== '"' && at < text.length; at += 1) if (text.charAt(at) === "\\") at += 1;
      at += 1;
    } else if (!isOneOf(first, "{}[]:,")) {
      while (!isOneOf(text.charAt(at), " \t\n\r{}[]:,") && at < text.length) at += 1;
    }
    if (at > text.length) throw new InvalidArtifactError("body: not valid JSON");
    this.#at = at;
    return text.slice(start, at);
  }

  #value(token: string, depth: number): string {
    if (depth > maxDepth) throw new InvalidArtifactError(`body: nested deeper than ${maxDepth} levels`);
    if (token === "{") return this.#object(depth);
    if (token === "[") return this.#array(depth);
    if (token.startsWith('"')) return pythonString(token);
    if (/^[-\d]/.test(token)) return pythonNumber(token);
    return token;
  }

  #object(depth: number): string {
    const members = new Map<string, string>();
    for (let token = this.#next(); token !== "}"; token = this.#next()) {
      const key = pythonString(token === "," ? this.#next() : token);
      this.#next(); // the colon
      members.set(key, this.#value(this.#next(), depth + 1));
    }
    return `{${[...members].map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
  }

  #array(depth: number): string {
    const items: string[] = [];
    for (let token = this.#next(); token !== "]"; token = this.#next()) {
      items.push(this.#value(token === "," ? this.#next() : token, depth + 1));
    }
    return `[${items.join(", ")}]`;
  }
}

function isOneOf(character: string, characters: string): boolean {
  return character !== "" && characters.includes(character);
}

/** A JSON string token → Python's spelling: only printable ASCII stays, `/` is not escaped, hex in lower case. */
function pythonString(token: string): string {
  // Printable ASCII without an escape is written alike by everybody.
  if (!/[\\\p{Cc}\P{ASCII}]/u.test(token)) return token;
  const shortest = JSON.stringify(JSON.parse(token));
  return shortest.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Python keeps integers as they are, however long, and writes floats as `repr` does. */
function pythonNumber(token: string): string {
  if (/^-?\d+$/.test(token)) return token === "-0" ? "0" : token;
  const value = Number(token);
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  return pythonFloat(value);
}

/** The same shortest digits as JavaScript's, but an exponent from 1e16 up and below 1e-4, with two digits at least. */
function pythonFloat(value: number): string {
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= 16 || exponent < -4) {
    const sign = exponent < 0 ? "-" : "+";
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = String(value); // never in exponent form between these bounds
  return plain.includes(".") ? plain : `${plain}.0`;
}
