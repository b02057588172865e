import fc from "fast-check";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };

const deep = (levels: number): Json => {
  let value: Json = 0;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
};

/** Own properties with these names, as JSON.parse makes them. */
const hostileObjects = [
  '{"__proto__":{"isAdmin":true,"id":1,"value":"x"}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"toString":null,"valueOf":null,"hasOwnProperty":1,"length":-1,"then":"x"}',
  '{"toJSON":"x"}',
].map((text) => JSON.parse(text) as Json);

const awkward: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e21,
  1e308,
  2 ** 53,
  9_999_999_999_999,
  "",
  " ",
  "0",
  "-1",
  "null",
  "\u0000",
  "\ud800",
  "\udc00\ud800",
  "\ufeff",
  "\u202e\u2028",
  "<script>alert(1)</script>",
  "' \" > & --> ]]>",
  "a\r\nSet-Cookie: x=1",
  "../../etc/passwd",
  "%00%2e%2e%2f",
  "x".repeat(5_000),
  [],
  {},
  [null],
  [[], [[]]],
  deep(70),
  deep(2_000),
  ...hostileObjects,
];

/** What no schema expects. */
export const oddJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...awkward) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

interface Change {
  readonly where: number;
  readonly how: "replace" | "remove" | "wrap" | "repeat" | "add";
  readonly what: Json;
}

const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(),
  how: fc.constantFrom("replace", "replace", "remove", "wrap", "repeat", "add"),
  what: oddJson,
});

/** A document with some of its places changed; often only one, so that what lies deeper is reached as well. */
export function changed(document: Json, maxChanges = 3): fc.Arbitrary<Json> {
  return fc
    .array(change, { maxLength: maxChanges })
    .map((changes) => changes.reduce<Json>((doc, one) => apply(doc, one), document));
}

type Path = readonly (string | number)[];

function apply(document: Json, { where, how, what }: Change): Json {
  const paths = pathsOf(document);
  const path = paths[where % paths.length] ?? [];
  return changeAt(document, path, (old) => {
    switch (how) {
      case "replace":
        return what;
      case "remove":
        return undefined;
      case "wrap":
        return [old];
      case "repeat":
        return Array.isArray(old) ? [...(old as readonly Json[]), ...(old as readonly Json[])] : [old, old];
      case "add":
        return isObject(old) ? { ...old, extra: what } : what;
    }
  });
}

const MAX_PATHS = 500;

function pathsOf(document: Json, path: Path = [], found: Path[] = []): readonly Path[] {
  if (found.length >= MAX_PATHS || path.length > 20) return found;
  found.push(path);
  if (Array.isArray(document)) {
    (document as readonly Json[]).forEach((item, at) => pathsOf(item, [...path, at], found));
  } else if (isObject(document)) {
    for (const [name, item] of Object.entries(document)) {
      if (item !== undefined) pathsOf(item, [...path, name], found);
    }
  }
  return found;
}

function changeAt(document: Json, path: Path, edit: (old: Json) => Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return edit(document) ?? null;
  const editChild = (child: Json): Json | undefined =>
    rest.length === 0 ? edit(child) : changeAt(child, rest, edit);
  if (Array.isArray(document)) {
    return (document as readonly Json[]).flatMap((item, at) => {
      const next = at === step ? editChild(item) : item;
      return next === undefined ? [] : [next];
    });
  }
  if (!isObject(document)) return document;
  const entries = Object.entries(document).map(([name, item]) =>
    name === step && item !== undefined ? ([name, editChild(item)] as const) : ([name, item] as const),
  );
  return Object.fromEntries(entries);
}

function isObject(value: Json): value is { readonly [name: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
