import { lookUpOnce, type OneAnswer } from "../app/look-up-once.js";
import { stayReasons } from "../app/stays-inside.js";
import type { AppConfig } from "../config/app-config.js";
import type { Hit } from "../core/hit.js";
import type { Log } from "../core/ports.js";
import { SECOND_MS } from "../core/time.js";
import { exitCodes, type Output } from "./command.js";

export interface LookupArguments {
  readonly value: string;
  readonly type: string;
  readonly json: boolean;
  readonly config: AppConfig;
  readonly log: Log;
  readonly version: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** An analyst at a terminal waits about this long. */
const timeoutMs = 30 * SECOND_MS;

/** `lookup`: prints what the threat service would show on the artifact. */
export async function lookup({
  value,
  type,
  json,
  config,
  log,
  version,
  output,
  signal,
}: LookupArguments): Promise<number> {
  const asked = await lookUpOnce({ artifact: { type, value }, config, log, version, timeoutMs, signal });
  if (signal.aborted) {
    output.err("Stopped before TruSTAR had answered.\n");
    return exitCodes.failed;
  }
  if (asked.answer.state !== "finished") {
    output.err(`Could not ask TruSTAR: ${whyNot(asked)}\n`);
    return exitCodes.failed;
  }
  const { hits } = asked.answer;
  if (json) output.out(`${JSON.stringify({ type, value, verdict: verdictOf(asked), hits }, undefined, 2)}\n`);
  else output.out(hits.length > 0 ? renderHits(hits) : `${explain(asked, type, config)}\n`);
  return exitCodes.ok;
}

function whyNot({ answer, trouble }: OneAnswer): string {
  if (answer.state === "failed") return answer.error;
  return trouble ?? `no answer within ${timeoutMs / SECOND_MS} s`;
}

function verdictOf({ answer, intake }: OneAnswer): string {
  if (answer.state === "finished" && answer.hits.length > 0) return "hit";
  return intake === "kept_inside" || intake === "not_knowable" ? intake : "no_hit";
}

function explain(asked: OneAnswer, type: string, config: AppConfig): string {
  switch (verdictOf(asked)) {
    case "kept_inside":
      return `Not asked: the value must not leave, because ${asked.kept.map((reason) => stayReasons[reason]).join("; and ")}.`;
    case "not_knowable":
      return `Not asked: of an artifact of type ${printable(type)} this is nothing that TruSTAR can know. Does --type say what it is?`;
    default:
      return `No hit: TruSTAR was asked and has nothing of priority ${config.threatSource?.minPriority ?? "LOW"} or higher on it.${partly(asked)}`;
  }
}

function partly({ kept }: OneAnswer): string {
  return kept.length === 0
    ? ""
    : ` It was asked without what must not leave, because ${kept.map((reason) => stayReasons[reason]).join("; and ")}.`;
}

/** Control characters in what a report says must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function renderHits(hits: readonly Hit[]): string {
  const width = Math.max(...hits.flatMap((hit) => hit.props.map((property) => property.name.length)));
  const blocks = hits.map((hit, index) => {
    const lines = hit.props.map((property) => {
      const value =
        typeof property.value === "object" ? JSON.stringify(property.value) : String(property.value);
      return `  ${property.name.padEnd(width)}  ${printable(value)}`;
    });
    return [`Hit ${index + 1} of ${hits.length}`, ...lines].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}
