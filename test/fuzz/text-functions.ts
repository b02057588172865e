import { readdirSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What is done to a text and not to much else. */
const textMethods: ReadonlySet<string> = new Set(
  "charAt charCodeAt codePointAt exec match matchAll normalize replace replaceAll search split test".split(
    " ",
  ),
);
const textCalls = /^(?:JSON\.parse|Date\.parse|domainTo\w+|decodeURI\w*|new (?:RegExp|URL|URLSearchParams))$/;

export interface SourceTexts {
  /** `file function` of every named function that takes a text apart. */
  readonly functions: ReadonlySet<string>;
  /** The characters and words that patterns and calls on texts name. */
  readonly literals: ReadonlySet<string>;
}

/** Reads the program's own source. */
export function readSourceTexts(): SourceTexts {
  const found = { functions: new Set<string>(), literals: new Set<string>() };
  for (const folder of ["routes", "services", "src"]) {
    for (const name of readdirSync(root + folder, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      const path = `${folder}/${name}`;
      collect(
        path,
        ts.createSourceFile(path, readFileSync(root + path, "utf8"), ts.ScriptTarget.Latest, true),
        found,
      );
    }
  }
  return found;
}

function collect(
  path: string,
  top: ts.Node,
  { functions, literals }: { readonly functions: Set<string>; readonly literals: Set<string> },
): void {
  const visit = (node: ts.Node, owner: string | undefined): void => {
    const inside = (ts.isFunctionLike(node) ? nameOf(node) : undefined) ?? owner;
    const texts = textsIn(node);
    if (texts !== undefined) {
      if (inside !== undefined) functions.add(`${path} ${inside}`);
      for (const text of texts) literals.add(text);
    }
    ts.forEachChild(node, (child) => {
      visit(child, inside);
    });
  };
  visit(top, undefined);
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return (node.parent.name ?? node).getText();
  const named = ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? node.parent : node;
  return "name" in named ? (named.name as ts.Node | undefined)?.getText() : undefined;
}

/** The literals of something that takes a text apart; undefined when it does not. */
function textsIn(node: ts.Node): readonly string[] | undefined {
  if (ts.isRegularExpressionLiteral(node)) return literalsOf(node.text.slice(1, node.text.lastIndexOf("/")));
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined;
  const called = node.expression;
  const isMethod = ts.isPropertyAccessExpression(called) && textMethods.has(called.name.text);
  const name = `${ts.isNewExpression(node) ? "new " : ""}${called.getText()}`;
  if (!isMethod && !textCalls.test(name)) return undefined;
  return (node.arguments ?? []).flatMap((one) => (ts.isStringLiteral(one) ? [one.text] : []));
}

const samples: Readonly<Record<string, string>> = {
  "\\s": "\t", "\\S": "a", "\\d": "7", "\\D": "a", "\\w": "a", "\\W": "-",
  "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\v": "\v", "\\f": "\f", "\\b": "", "\\B": "",
}; // prettier-ignore

/** One for each character, escape or class of a pattern, and its words. */
function literalsOf(pattern: string): readonly string[] {
  const words = pattern.match(/(?<!\\)[a-z][a-z ]*[a-z]/gi) ?? [];
  const signs =
    pattern.replace(/[a-z]{3,}/gi, "").match(/\\u\{?[\da-f]{4,6}\}?|\\x[\da-f]{2}|\\p\{\w+\}|\\.|[^\\]/giu) ??
    [];
  return [...signs.map(signOf), ...words];
}

function signOf(sign: string): string {
  const code = /^\\[ux]\{?([\da-f]+)/i.exec(sign)?.[1];
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  if (/^\\p/i.test(sign)) return "\u00e9";
  return samples[sign] ?? sign.slice(-1);
}

/** @returns `file function` of all that was called by `work` */
export async function functionsCalledBy(work: () => Promise<void>): Promise<ReadonlySet<string>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  const called = new Set<string>();
  for (const { url, functions } of result) {
    const path = url.replace("file://", "");
    if (!path.startsWith(root)) continue;
    for (const { functionName, ranges } of functions) {
      if ((ranges[0]?.count ?? 0) > 0) called.add(`${path.slice(root.length)} ${functionName}`);
    }
  }
  return called;
}
