import { once } from "node:events";
import type { Logger } from "pino";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { AppConfig, ThreatSourceConfig, WorkerConfig } from "../config/app-config.js";
import type { Half } from "../config/idle-half.js";
import { ConfigError } from "../core/errors.js";
import { MINUTE_MS, type Clock } from "../core/time.js";
import { keepWorking } from "./keep-working.js";
import { openHealthService, type HealthService } from "./health-service.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { memoryOf } from "./memory.js";
import { Releasers } from "./releasers.js";
import { settleHeap } from "./settle-heap.js";
import { createStaysInside, ownLinksOf } from "./stays-inside.js";
import { openThreatService } from "./threat-service.js";
import type { ThreatSource } from "./threat-source.js";
import { Budgets, openTrustarAccess, type TrustarAccess, type TrustarAccessDeps } from "./trustar-access.js";
import type { Worker, WorkerDeps } from "./worker.js";

export interface ProgramOptions {
  readonly config: AppConfig;
  /** One half alone; undefined = the server, and the worker if it is configured. */
  readonly only: Half | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
}

/** As often as a refused worker tries again beside the server: too seldom to lock anybody's account. */
const againAfterMs = 5 * MINUTE_MS;

export interface RunningProgram {
  /**
   * Resolves when everything is closed, after the signal has aborted. Rejects when the worker runs alone and can't go
   * on; beside the server its end is told in the log and by /ready, it tries again, and the server stays.
   */
  readonly closed: Promise<void>;
}

/**
 * Starts what is wanted; the threat service listens when this resolves, the worker connects in its own time.
 * @throws ConfigError when a wanted half is not configured, or the address can't be used
 */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { config, log, clock, version, signal } = options;
  for (const warning of config.warnings) log.warn({}, warning);
  const releasers = new Releasers(log);
  try {
    const wanted = wantedHalves(options);
    // A third of the program, which a server alone neither loads nor keeps in memory.
    const openWorker = wanted.worker && (await import("./worker.js")).openWorker;
    const metrics = createMetrics();
    const budgets = new Budgets(clock);
    const ownLinks = ownLinksOf(config);
    const access: TrustarAccessDeps = { log, clock, version, upstream: metrics.upstream, budgets, ownLinks };
    const { threatSource } = wanted;
    const service =
      threatSource && (await openThreatService({ config, threatSource, access, metrics, log, signal }));
    releasers.add("threat service", () => service?.close());
    const health = service ?? (await openWorkersHealth(options, metrics, releasers));
    const wire = service?.source.access ?? openWire(options, access, releasers);
    const worker = wanted.worker && (await openWorker?.(wanted.worker, workerDeps(options, access, wire)));
    releasers.add("worker", () => worker?.close());
    if (worker !== undefined) budgets.reserveForAnalysts();
    releasers.add("budgets", () => {
      budgets.close();
    });
    // With the state in memory and before anybody is answered. The worker alone has nobody to keep waiting.
    if (service !== undefined) settleHeap();
    health?.serve(worker?.readiness ?? []);
    releasers.add("requests", () => health?.stop());
    return { closed: untilTheEnd(options, service?.source, worker, releasers) };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

interface WantedHalves {
  readonly threatSource: ThreatSourceConfig | undefined;
  readonly worker: WorkerConfig | undefined;
}

/** @throws ConfigError when a half that was asked for is not configured */
function wantedHalves({ config, only }: ProgramOptions): WantedHalves {
  const { threatSource, worker, path } = config;
  if (only !== "worker" && threatSource === undefined) {
    const fix = "add it with user_api_key and user_api_secret, or start with --only worker";
    throw new ConfigError([`${path} has no section [trustar_threat_source]: ${fix}`]);
  }
  if (only === "worker" && worker === undefined) {
    const fix = "the worker needs [resilient] and at least one [trustar_<name>] section with a workspace";
    throw new ConfigError([`${path} configures no worker: ${fix}`]);
  }
  if (only === "worker" && worker?.accounts.length === 0) {
    const fix = "give a [trustar_<name>] section its workspace, enclave_ids_for_submission and keys";
    throw new ConfigError([
      `${path} configures no TruSTAR account, without which the worker can do nothing: ${fix}`,
    ]);
  }
  return {
    threatSource: only === "worker" ? undefined : threatSource,
    worker: only === "server" ? undefined : worker,
  };
}

/** Alone, the worker has a web server only where it was given a port. */
async function openWorkersHealth(
  { config, ...options }: ProgramOptions,
  metrics: Metrics,
  releasers: Releasers,
): Promise<HealthService | undefined> {
  const port = config.worker?.healthPort;
  if (port === undefined) return undefined;
  const health = await openHealthService({ ...options, config, port, metrics });
  // However the start ends; where it has gone well, it is stopped with the requests.
  releasers.add("health", () => health.stop());
  return health;
}

/** Alone, the worker has a wire of its own to the threat source's account. */
function openWire(
  { config: { threatSource } }: ProgramOptions,
  access: TrustarAccessDeps,
  releasers: Releasers,
): TrustarAccess | undefined {
  return threatSource && openTrustarAccess(threatSource, 2, access, releasers);
}

function workerDeps(
  { config }: ProgramOptions,
  access: TrustarAccessDeps,
  wire: TrustarAccess | undefined,
): WorkerDeps {
  const { threatSource } = config;
  return {
    ...access,
    memory: memoryOf(config.threatService),
    priorityOf: wire && threatSource && priorityBySource(wire, threatSource, access),
    staysInside: createStaysInside(
      (threatSource ?? config.idleThreatSource)?.neverLookup ?? [],
      access.ownLinks,
    ),
  };
}

/** The function that has no incident asks with the threat source's account, within its enclaves. */
function priorityBySource(
  { client, keepQuotaFresh: beforeCost }: TrustarAccess,
  { stationUrl, enclaveIds }: ThreatSourceConfig,
  { clock, ownLinks }: TrustarAccessDeps,
): TrustarReports["priorityOf"] {
  const reports = new TrustarReports({ client, clock, stationUrl, ownLinks, beforeCost });
  return (value, _enclaveIds, signal) => reports.priorityOf(value, enclaveIds, signal);
}

async function untilTheEnd(
  { signal, log }: ProgramOptions,
  source: ThreatSource | undefined,
  worker: Worker | undefined,
  releasers: Releasers,
): Promise<void> {
  // Alone it ends the program, which a service manager starts again; beside the server it must not take that along.
  const work =
    source === undefined
      ? worker?.run(signal).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        })
      : worker && keepWorking(worker, { log, signal, againAfterMs });
  try {
    await (source === undefined ? work : untilAborted(signal));
    source?.engine.drain();
    await work;
  } finally {
    await releasers.close();
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
