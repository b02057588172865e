import type { Logger } from "pino";
import { createResilientClient, type ResilientClient } from "../../../services/resilient/resilient-client.js";
import { patient } from "../../../services/resilient/resend.js";
import type { AppConfig, WorkerConfig } from "../../config/app-config.js";
import { loadConfig } from "../../config/load-config.js";
import type { Half } from "../../config/idle-half.js";
import type { ConfigPlaces } from "../../config/locate-config.js";
import type { SecretStoreConfig } from "../../config/secret-store.js";
import type { Keyring } from "../../core/ports.js";
import { SECOND_MS, systemClock } from "../../core/time.js";
import { Releasers } from "../releasers.js";
import { resilientOptions } from "../resilient-options.js";
import { openSecretStore } from "../secret-store.js";
import { ownLinksOf } from "../stays-inside.js";
import { Budgets } from "../trustar-access.js";
import { brokerName } from "../broker-link.js";
import { findQueues } from "../queues.js";
import { brokerLinks } from "./broker-links.js";
import { configLink, secretsLink, wantedHalves } from "./config-links.js";
import type { Link, LinkResult } from "./link.js";
import { pythonAppLink } from "./python-app-link.js";
import { resilientLinks } from "./resilient-links.js";
import { runLinks } from "./run-links.js";
import { stateLink } from "./state-link.js";
import { threatServiceLink } from "./threat-service-link.js";
import { trustarLinks } from "./trustar-links.js";

export interface SelftestOptions {
  readonly places: ConfigPlaces;
  readonly log: Logger;
  readonly version: string;
  readonly signal: AbortSignal;
  /** The half that is to be proved; undefined = both. */
  readonly only: Half | undefined;
}

/** One call, so that several of a link fit into its time. */
const callTimeoutMs = 8 * SECOND_MS;

/**
 * Proves the chain link by link, from the file to TruSTAR's answer, and changes nothing on the way. A broken link does
 * not keep those that do not need it from being tried.
 */
export async function* selftest({
  places,
  log,
  version,
  signal,
  only,
}: SelftestOptions): AsyncGenerator<LinkResult> {
  const known: LinkResult[] = [];
  const wanted = { ...places, only };
  for await (const result of runLinks([configLink(wanted), secretsLink(wanted)], signal)) {
    known.push(result);
    yield result;
  }
  if (known[0]?.state === "failed") {
    yield { id: "rest", title: "All else", state: "skipped", detail: "the configuration comes first" };
    return;
  }
  const config = wantedHalves(loadConfig({ ...wanted, openKeyring: lenientKeyring }), wanted);
  const releasers = new Releasers(log);
  try {
    const links = [...pythonAppLink(places), ...linksOf(config, { log, version, releasers })];
    yield* runLinks(links, signal, { known });
  } finally {
    await releasers.close();
  }
}

interface LinkDeps extends Pick<SelftestOptions, "log" | "version"> {
  readonly releasers: Releasers;
}

function linksOf(config: AppConfig, { log, version, releasers }: LinkDeps): readonly Link[] {
  const budgets = new Budgets(systemClock);
  releasers.add("budgets", () => {
    budgets.close();
  });
  const trustar = {
    log,
    clock: systemClock,
    version,
    upstream: () => undefined,
    budgets,
    ownLinks: ownLinksOf(config),
  };
  return [
    stateLink(config.threatService),
    ...(config.worker === undefined ? [] : workerLinks(config.worker, log, releasers)),
    ...trustarLinks(withShortCalls(config), trustar, releasers),
    ...(config.threatSource === undefined ? [] : [threatServiceLink(config, version, log)]),
  ];
}

function workerLinks(worker: WorkerConfig, log: Logger, releasers: Releasers): readonly Link[] {
  const client = openResilient(worker, log);
  releasers.add("Resilient client", client.close);
  const destinations = async (signal: AbortSignal): Promise<readonly string[]> => {
    const { id } = await client.connect(signal);
    return (await findQueues(client, worker.queue, log, signal)).map((queue) => brokerName(id, queue));
  };
  return [...resilientLinks(worker, client), ...brokerLinks(worker, destinations, log)];
}

function openResilient({ resilient }: WorkerConfig, log: Logger): ResilientClient {
  // Somebody is waiting for the answer, and will simply start this again.
  const retry = { ...patient, retries: 0 };
  return createResilientClient({ ...resilientOptions(resilient), log, timeoutMs: callTimeoutMs, retry });
}

function withShortCalls(config: AppConfig): AppConfig {
  const short = <T extends { readonly timeoutMs: number }>(login: T): T => ({
    ...login,
    timeoutMs: Math.min(login.timeoutMs, callTimeoutMs),
  });
  const { threatSource, worker } = config;
  return {
    ...config,
    threatSource: threatSource && short(threatSource),
    worker: worker && { ...worker, accounts: worker.accounts.map(short) },
  };
}

/** What is missing has been told; links that don't need it go on with a stand-in. */
function lenientKeyring(store: SecretStoreConfig): Keyring {
  const keyring = openSecretStore(store);
  return {
    read: (service, username) => {
      try {
        return keyring.read(service, username) || "?";
      } catch {
        return "?";
      }
    },
  };
}
