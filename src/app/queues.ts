import { isOurFunction } from "../../services/actions/functions/run-function.js";
import { isOurRule } from "../../services/actions/rules/run-rule.js";
import type { MessageDestination } from "../../services/resilient/lists.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { isRetryable, UpstreamError } from "../core/errors.js";
import type { Log } from "../core/ports.js";

type Lists = Pick<ResilientClient, "listFunctions" | "listMessageDestinations" | "listRules">;

/**
 * Programmatic names of the message destinations to listen on: that of app.config, and those that the organization's
 * administrators have moved our functions and rules to.
 * @throws UpstreamError Resilient could not be asked, and asking again may help
 */
export async function findQueues(
  client: Lists,
  queue: string,
  log: Log,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lists = await readLists(client, log, signal);
  if (lists === undefined) return [queue];
  const { destinations, functions, rules } = lists;
  const found = new Set<string>();
  const listen = (what: object, handles: readonly (string | number)[]): void => {
    const names = handles.map((handle) => nameOf(handle, destinations));
    if (names.some((name) => name !== undefined && (name === queue || found.has(name)))) return;
    // Of several one is enough: a rule sends to each of them.
    const known = names.find((name) => name !== undefined);
    if (known !== undefined) found.add(known);
    if (handles.length > 0 && known === undefined) {
      const fix = "choose one in its settings in Resilient, or let trustar-resilient customize replace it";
      log.warn(what, `its message destination does not exist, so its messages do not arrive; ${fix}`);
    }
  };
  for (const { name, destination } of functions.filter(isOurFunction)) {
    listen({ function: name }, destination === undefined ? [] : [destination]);
  }
  // `CaseCreated` may be another integration's, whose messages are none of ours.
  const surelyOurs = rules.filter((rule) => isOurRule(rule) && rule.name.toLowerCase().includes("trustar"));
  for (const { name, messageDestinationIds } of surelyOurs) {
    listen({ rule: name }, messageDestinationIds);
  }
  const isThere = nameOf(queue, destinations) !== undefined;
  if (isThere || found.size === 0) return [queue, ...found];
  const fix = "correct queue in [trustar], or let trustar-resilient customize bring it";
  log.warn({ queue, listening: [...found] }, `there is no such message destination in Resilient; ${fix}`);
  return [...found];
}

/** Undefined where the account may not read them. */
async function readLists(client: Lists, log: Log, signal: AbortSignal) {
  try {
    const [destinations, functions, rules = []] = await Promise.all([
      client.listMessageDestinations(signal),
      client.listFunctions(signal),
      client.listRules(signal),
    ]);
    return { destinations, functions, rules };
  } catch (error) {
    if (!(error instanceof UpstreamError) || isRetryable(error)) throw error;
    const fix = 'does the account have the permission "Org Data: Read"?';
    log.warn(
      { reason: error.message },
      `the message destinations of functions and rules can't be read, so only that of app.config is listened on; ${fix}`,
    );
    return undefined;
  }
}

function nameOf(handle: string | number, destinations: readonly MessageDestination[]): string | undefined {
  return destinations.find(({ id, programmaticName }) => id === handle || programmaticName === handle)
    ?.programmaticName;
}
