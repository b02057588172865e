import { oldestServer, toConfiguration } from "../../services/customizations/configuration.js";
import { textOf, titleOf } from "../../services/customizations/customization.js";
import { ourCustomizations } from "../../services/customizations/our-customizations.js";
import {
  isDifferent,
  isMissing,
  planCustomizations,
  toImport,
  type PlannedCustomization,
} from "../../services/customizations/plan.js";
import { readServerVersion, isTooOld } from "../../services/customizations/server-version.js";
import { createResilientClient, type ResilientClient } from "../../services/resilient/resilient-client.js";
import type { WorkerConfig } from "../config/app-config.js";
import { UpstreamError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, systemClock } from "../core/time.js";
import { resilientOptions } from "./resilient-options.js";

export interface CustomizationStep {
  /** For people: `rule "CaseCreated"`. */
  readonly title: string;
  readonly state: "missing" | "same" | "different";
  /** In which respects the server's is not ours. */
  readonly differences: readonly string[];
}

export interface Applied {
  /** What the server says about the import. */
  readonly messages: readonly string[];
  /** Whether our account has been added to the message destination. */
  readonly isNewListener: boolean;
}

/** What has to be done on one server. */
export interface Customizing extends Disposable {
  readonly orgName: string;
  readonly steps: readonly CustomizationStep[];
  /** Whether our account is on the message destination already. */
  readonly isListener: boolean;
  /** Adds what is missing, replaces what is different and in `replaced`, and sees to it that we may listen. */
  apply(replaced: ReadonlySet<CustomizationStep>): Promise<Applied>;
}

/** An organization's configuration may be large, and importing one takes the server a while. */
const timeoutMs = 5 * MINUTE_MS;
const maxAnswerBytes = 512 * 1024 * 1024;
/** Nobody else waits in this process. */
const maxParts = 100_000_000;

/** Logs in and compares the server with what we need; changes nothing. */
export async function openCustomizing(
  { resilient, queue }: WorkerConfig,
  log: Log,
  signal: AbortSignal,
): Promise<Customizing> {
  const client = createResilientClient({
    ...resilientOptions(resilient),
    log,
    timeoutMs,
    maxAnswerBytes,
    maxParts,
  });
  try {
    const org = await client.connect(signal);
    const exported = await client.exportConfiguration(signal);
    const serverVersion = readServerVersion(exported);
    if (isTooOld(serverVersion)) {
      const fix = `${oldestServer.major}.${oldestServer.minor} or newer is needed: older ones can't run Python 3 scripts`;
      throw new UpstreamError("upstream_rejected", `Resilient ${textOf(serverVersion, "version")}: ${fix}`);
    }
    const plan = planCustomizations(ourCustomizations(queue), exported);
    const planOf = new Map(plan.map((one) => [toStep(one), one]));
    return {
      orgName: org.name,
      steps: [...planOf.keys()],
      isListener: (await destinationToJoin(client, queue, signal)) === "joined",
      apply: async (replaced) => {
        const chosen = new Set([...replaced].map((step) => planOf.get(step)));
        const customizations = toImport(plan, (one) => isDifferent(one) && chosen.has(one));
        const file = toConfiguration(customizations, serverVersion, systemClock.now());
        const messages = customizations.length > 0 ? await client.importConfiguration(file, signal) : [];
        return { messages, isNewListener: await joinDestination(client, queue, signal) };
      },
      [Symbol.dispose]: client.close,
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** The content of a `.res` with everything in it. */
export function customizationFile(queue: string): string {
  const file = toConfiguration(ourCustomizations(queue), oldestServer, systemClock.now());
  return `${JSON.stringify(file)}\n`;
}

function toStep(one: PlannedCustomization): CustomizationStep {
  const state = isMissing(one) ? "missing" : isDifferent(one) ? "different" : "same";
  return { title: titleOf(one.wanted), state, differences: one.differences };
}

/** @returns the id of a destination that we are not on yet */
async function destinationToJoin(
  client: ResilientClient,
  queue: string,
  signal: AbortSignal,
): Promise<number | "joined" | "absent"> {
  const destinations = await client.listMessageDestinations(signal);
  const found = destinations.find(({ programmaticName }) => programmaticName === queue);
  if (found === undefined) return "absent";
  return (await client.isListener(found, signal)) ? "joined" : found.id;
}

async function joinDestination(
  client: ResilientClient,
  queue: string,
  signal: AbortSignal,
): Promise<boolean> {
  const destination = await destinationToJoin(client, queue, signal);
  if (destination === "joined") return false;
  if (destination === "absent") {
    const what = `the import has left no message destination "${queue}" behind; look at the organization's import log`;
    throw new UpstreamError("upstream_failed", `Resilient: ${what}`);
  }
  await client.listenOn(destination, signal);
  return true;
}
