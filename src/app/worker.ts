import type { StaysInside } from "../../services/actions/context.js";
import { createActions } from "../../services/actions/create-actions.js";
import { warnOfUnknownTypes } from "../../services/actions/excluded-types.js";
import { openOriginLedger, type OriginLedger } from "../../services/actions/origin-ledger.js";
import { createSettler } from "../../services/actions/settle.js";
import { openSettledLedger, type SettledLedger } from "../../services/actions/settled-ledger.js";
import { warnOfTlpFields } from "../../services/actions/warn-of-tlp-fields.js";
import { withRetry, type RetryPolicy } from "../../services/http/retry-policy.js";
import { ResilientMetadata } from "../../services/resilient/metadata-cache.js";
import { createResilientClient, type ResilientClient } from "../../services/resilient/resilient-client.js";
import { RuleNames } from "../../services/resilient/rule-names.js";
import type { WorkerConfig } from "../config/app-config.js";
import type { HandleMessage, MessageLink } from "../core/action.js";
import type { Log, ReadinessCheck } from "../core/ports.js";
import type { ReportService } from "../core/report.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";
import { brokerName, openBrokerLink } from "./broker-link.js";
import { answersFile, originFile } from "./memory.js";
import { openAccount } from "./open-account.js";
import { takeLock } from "./owner-lock.js";
import { findQueues } from "./queues.js";
import { Releasers } from "./releasers.js";
import { resilientOptions } from "./resilient-options.js";
import type { TrustarAccessDeps } from "./trustar-access.js";

export interface WorkerDeps extends TrustarAccessDeps {
  /** Where the worker's memory is kept, as a path without ending; absent = nothing survives a restart. */
  readonly memory: string | undefined;
  readonly priorityOf: ReportService["priorityOf"] | undefined;
  readonly staysInside: StaysInside;
}

export interface Worker {
  readonly readiness: readonly ReadinessCheck[];
  /**
   * Connects, and works until the signal aborts.
   * @throws UpstreamError, BrokerRefusedError an administrator has to change something first
   */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A server that restarts is back in minutes; until then nobody has to look after us. */
const untilResilientIsBack: RetryPolicy = {
  retries: 10_000,
  minTimeout: SECOND_MS,
  maxTimeout: MINUTE_MS,
  randomize: true,
};

const inUse =
  "is a worker that keeps its memory in the same files: stop it, or give this one another state_file in " +
  "[custom_threat_service]";

/**
 * The half that listens: message destination → rules and functions → answer.
 * @throws ConfigError another worker keeps its memory in the same files
 */
export async function openWorker(config: WorkerConfig, deps: WorkerDeps): Promise<Worker> {
  const { clock, log } = deps;
  const releasers = new Releasers(log);
  // First of all: nothing of another worker's is touched.
  const { origin, ledger } = await openMemory(deps, releasers);
  const client = createResilientClient({ ...resilientOptions(config.resilient), log, clock });
  releasers.add("Resilient client", client.close);
  const catalog = new ResilientMetadata(client, { clock, log });
  const handle = openActions(config, deps, { client, catalog, origin }, releasers);
  let problem = "not connected to Resilient yet";
  let link: MessageLink | undefined;
  return {
    readiness: [
      { name: "resilient", problem: () => Promise.resolve(link === undefined ? problem : link.problem()) },
    ],
    run: async (signal) => {
      const { orgId, queues } = await connect(client, config.queue, log, signal, (error) => {
        problem = error.message;
        log.warn({ err: error }, "Resilient could not be asked; it will be tried again");
      });
      const policies = config.accounts.map(({ policy }) => policy);
      void warnOfTlpFields(policies, catalog, log, signal);
      const typeLabels = async (): Promise<readonly string[]> =>
        (await client.listIncidentTypes(signal)).map(({ name }) => name);
      void warnOfUnknownTypes(policies, typeLabels, log, signal);
      link = openBrokerLink(
        config,
        queues.map((queue) => brokerName(orgId, queue)),
        deps,
      );
      link.onDelivery(createSettler({ ledger, handle, log }));
      void announceWhenReady(link, queues, deps, signal);
      await link.run(signal);
    },
    close: () => releasers.close(),
  };
}

interface Memory {
  readonly origin: OriginLedger;
  readonly ledger: SettledLedger;
}

/** @throws ConfigError another worker has it */
async function openMemory({ memory, clock, log }: WorkerDeps, releasers: Releasers): Promise<Memory> {
  const lock = memory === undefined ? undefined : await takeLock(`${memory}.lock`, inUse, log);
  releasers.add("lock", () => lock?.release());
  const origin = await openOriginLedger({ log, file: originFile(memory) });
  releasers.add("origin ledger", () => origin.close());
  const ledger = await openSettledLedger({ clock, log, file: answersFile(memory) });
  releasers.add("ledger of answers", () => ledger.close());
  return { origin, ledger };
}

interface ActionParts extends Pick<Memory, "origin"> {
  readonly client: ResilientClient;
  readonly catalog: ResilientMetadata;
}

function openActions(
  config: WorkerConfig,
  deps: WorkerDeps,
  { client, catalog, origin }: ActionParts,
  releasers: Releasers,
): HandleMessage {
  const { clock, log, ownLinks, priorityOf, staysInside } = deps;
  const rules = new RuleNames(client, { clock, log });
  return createActions({
    accounts: config.accounts.map((account) => openAccount(account, deps, releasers)),
    incidents: (contextToken) => client.forMessage(contextToken),
    catalog,
    ruleName: (actionId, signal) => rules.nameOf(actionId, signal),
    origin,
    priorityOf: priorityOf && ((value, signal) => priorityOf(value, [], signal)),
    staysInside,
    ownLinks,
    clock,
    log,
    numWorkers: config.resilient.numWorkers,
  });
}

async function connect(
  client: ResilientClient,
  queue: string,
  log: Log,
  signal: AbortSignal,
  onRetry: (error: Error) => void,
): Promise<{ readonly orgId: number; readonly queues: readonly string[] }> {
  const work = async () => {
    const { id } = await client.connect(signal);
    return { orgId: id, queues: await findQueues(client, queue, log, signal) };
  };
  return withRetry(work, { policy: untilResilientIsBack, signal, onRetry });
}

async function announceWhenReady(
  link: MessageLink,
  queues: readonly string[],
  { log }: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  await link.ready(signal).then(
    () => {
      log.info({ queue: queues.join(", ") }, "the worker is listening");
    },
    () => undefined, // `run` tells why
  );
}
