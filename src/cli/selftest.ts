import type { Logger } from "pino";
import type { LinkResult } from "../app/selftest/link.js";
import { selftest as runSelftest } from "../app/selftest/selftest.js";
import type { Half } from "../config/idle-half.js";
import type { ConfigPlaces } from "../config/locate-config.js";
import { exitCodes, type Output } from "./command.js";

export interface SelftestArguments {
  readonly json: boolean;
  readonly only: Half | undefined;
  readonly places: ConfigPlaces;
  readonly log: Logger;
  readonly version: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const marks: Readonly<Record<LinkResult["state"], string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  skipped: "-",
};

/**
 * `selftest`: a line for each link of the chain.
 * @returns resilient-circuits' code for the first broken link, 1 where it has none, 0 when none is broken
 */
export async function selftest({ json, output, ...options }: SelftestArguments): Promise<number> {
  const results: LinkResult[] = [];
  for await (const result of runSelftest(options)) {
    results.push(result);
    if (!json) output.out(`${lineOf(result)}\n`);
  }
  const broken = results.find(({ state }) => state === "failed");
  const exitCode = broken === undefined ? exitCodes.ok : (broken.exitCode ?? exitCodes.failed);
  if (json)
    output.out(
      `${JSON.stringify({ ok: broken === undefined, exitCode, links: results.map(plain) }, undefined, 2)}\n`,
    );
  else output.out(`${summary(results)}\n`);
  return exitCode;
}

function lineOf({ state, title, detail, fix }: LinkResult): string {
  const remedy = fix === undefined || state === "skipped" || state === "ok" ? "" : ` → ${fix}`;
  return printable(`${marks[state]} ${title}: ${detail}${remedy}`);
}

/** Names on certificates and words of servers must not act on the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function plain({ id, title, state, detail, fix }: LinkResult): object {
  return { id, title, state, detail, ...(fix === undefined ? {} : { fix }) };
}

function summary(results: readonly LinkResult[]): string {
  const count = (state: LinkResult["state"]): number => results.filter((one) => one.state === state).length;
  const parts = [`${count("ok")} good`, `${count("warning")} to look at`, `${count("failed")} broken`];
  return [...parts, `${count("skipped")} not tried`].join(", ");
}
