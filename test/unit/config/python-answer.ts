import { translatePythonIni, type IniProblem } from "../../../src/config/python-ini.js";
import { readIni } from "../../../src/config/read-ini.js";

type Entries = readonly (readonly [string, string])[];

/** What test/fixtures/configparser-cases.py records of a text. */
export type PythonAnswer =
  | { readonly sections: readonly (readonly [string, Entries])[]; readonly defaults: Entries }
  | { readonly error: IniProblem["kind"]; readonly lines: readonly number[] };

/** Our reading of a text in the form in which Python's is recorded. */
export function pythonAnswer(text: string): PythonAnswer {
  const { problems } = translatePythonIni(text);
  // Python stops at the first problem of these kinds, and then does not tell of those before it.
  const fatal = problems.find((problem) => problem.kind !== "no_key_and_value");
  if (fatal !== undefined) return { error: fatal.kind, lines: [fatal.line] };
  if (problems.length > 0) return { error: "no_key_and_value", lines: problems.map(({ line }) => line) };
  const raw = readIni(text, "app.config");
  const inherited = (own: ReadonlyMap<string, string>): Entries => [
    ...new Map([...own, ...without(raw.defaults, own)]),
  ];
  return {
    sections: [...raw.sections].map(([name, own]) => [name, inherited(own)]),
    defaults: [...raw.defaults],
  };
}

function without(entries: ReadonlyMap<string, string>, taken: ReadonlyMap<string, string>): Entries {
  return [...entries].filter(([key]) => !taken.has(key));
}
