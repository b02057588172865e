import type { Arena } from "./arena/arena.js";
import { submissionEnclaves } from "./arena/arena-config.js";
import type { Aftermath } from "./spell.js";

/** How long, and how often, an analyst tries to send what failed honestly while something was broken. */
export interface Patience {
  readonly answeredWithinMs: number;
  readonly clicks: number;
}

/** Everything that is not as it must be, in words; empty = nothing was lost, doubled, leaked or told wrong. */
export async function findings(
  arena: Arena,
  { lookups, actions }: Aftermath,
  { answeredWithinMs, clicks }: Patience = { answeredWithinMs: 75_000, clicks: 1 },
): Promise<readonly string[]> {
  const found = [...lookups.wrong, ...replies(arena, actions.strangers), ...leaks(arena)];
  if (arena.program.hasFallen)
    found.push(`the program ended by itself:\n${arena.program.output().slice(-2_000)}`);
  const badCodes = arena.program.exitCodes.filter((code) => code !== 0);
  if (badCodes.length > 0) found.push(`SIGTERM ended with exit codes ${badCodes.join(", ")}`);
  let unsent = actions.incidents;
  for (let click = 1; click <= clicks && unsent.length > 0; click += 1) {
    for (const id of unsent) arena.soar.resilient.invokeRule("Send To TruSTAR", id);
    await arena.soar.answered(answeredWithinMs);
    unsent = unsent.filter((id) => lastSending(arena, id)?.status !== "complete");
  }
  for (const id of actions.incidents) found.push(...incident(arena, id));
  return found;
}

function replies({ soar }: Arena, strangers: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const { correlationId = "" } of soar.replies.finals) {
    counts.set(correlationId, (counts.get(correlationId) ?? 0) + 1);
  }
  const asked = [...soar.resilient.invocations.map(({ correlationId }) => correlationId), ...strangers];
  return asked
    .filter((id) => counts.get(id) !== 1)
    .map((id) => `message ${id} has ${counts.get(id) ?? 0} final answers`);
}

function leaks({ program, soar, secrets }: Arena): string[] {
  const output = program.output();
  const answers = soar.replies.all.map(({ message }) => message).join("\n");
  const values = /(?:bad|fine)-\d+[.@]/.exec(output) ?? [];
  return [
    ...secrets()
      .filter((secret) => output.includes(secret))
      .map((secret) => `the log holds the secret ${secret}`),
    ...secrets()
      .filter((secret) => answers.includes(secret))
      .map((secret) => `an answer holds the secret ${secret}`),
    ...values.map((value) => `the log holds an artifact's value: ${value}`),
  ];
}

function incident({ soar, trustar }: Arena, id: number): string[] {
  const found: string[] = [];
  const say = (what: string): number => found.push(`incident ${id}: ${what}`);
  const last = lastSending({ soar }, id);
  if (last?.status !== "complete")
    say(`can't be sent afterwards: ${last?.replies.at(-1)?.message ?? "no answer"}`);
  const reports = trustar
    .reports()
    .filter(({ externalTrackingId = "" }) => new RegExp(`^RESILIENT${id}(-|$)`).test(externalTrackingId));
  const enclaves = new Set(reports.map(({ enclaveId }) => enclaveId));
  if (reports.length !== submissionEnclaves || enclaves.size !== submissionEnclaves) {
    say(`${reports.length} reports in ${enclaves.size} enclaves`);
  }
  const { comments, artifacts } = soar.resilient.incident(id);
  const notes = comments.map(({ text }) => String(text));
  const submitted = notes.filter((note) => note.includes("Submitted Successfully")).length;
  const indicators = notes.filter((note) => note.includes("TruSTAR Enrichment / Indicators")).length;
  if (submitted !== 1) say(`${submitted} notes on the submission`);
  if (indicators > 1) say(`${indicators} notes on indicators`);
  const values = artifacts.map(({ value }) => String(value));
  if (new Set(values).size !== values.length) say(`artifacts are doubled: ${values.join(", ")}`);
  return found;
}

function lastSending({ soar }: Pick<Arena, "soar">, id: number) {
  return soar.resilient.invocations.findLast(
    ({ incidentId, name }) => incidentId === id && name === "Send To TruSTAR",
  );
}
