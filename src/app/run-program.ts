import { once } from "node:events";
import type { Logger } from "pino";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { AppConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import type { ReadinessCheck } from "../core/ports.js";
import { SECOND_MS, type Clock } from "../core/time.js";
import { createHttpApp } from "./http-app.js";
import { startHttpServer } from "./http-server.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { Releasers } from "./releasers.js";
import { openThreatSource, type ThreatSource } from "./threat-source.js";
import { Budgets, openTrustarAccess, type TrustarAccess, type TrustarAccessDeps } from "./trustar-access.js";
import { openWorker, type Worker } from "./worker.js";

export interface ProgramOptions {
  readonly config: AppConfig;
  /** One half alone; undefined = the server, and the worker if it is configured. */
  readonly only: "server" | "worker" | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
}

/** Running requests get this long at the end; a service manager's patience is ten seconds. */
const drainMs = 4 * SECOND_MS;
const maxArtifactBytes = 1024 * 1024;

export interface RunningProgram {
  /**
   * Resolves when everything is closed, after the signal has aborted. Rejects when the worker runs alone and can't go
   * on; beside the server its end is told in the log and by /ready, and the server stays.
   */
  readonly closed: Promise<void>;
}

/**
 * Starts what is wanted; the threat service listens when this resolves, the worker connects in its own time.
 * @throws ConfigError when a wanted half is not configured, or the address can't be used
 */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { config, log, clock, version } = options;
  for (const warning of config.warnings) log.warn({}, warning);
  const releasers = new Releasers(log);
  try {
    const metrics = createMetrics();
    const budgets = new Budgets(clock);
    const access: TrustarAccessDeps = { log, clock, version, upstream: metrics.upstream, budgets };
    const source = await openSource(options, access, metrics, releasers);
    const worker = await openWantedWorker(options, access, source, releasers);
    releasers.add("budgets", () => {
      budgets.close();
    });
    if (source !== undefined) await serve(options, source, worker, metrics, releasers);
    return { closed: untilTheEnd(options, source, worker, releasers) };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

async function openSource(
  { config, only }: ProgramOptions,
  access: TrustarAccessDeps,
  metrics: Metrics,
  releasers: Releasers,
): Promise<ThreatSource | undefined> {
  if (only === "worker") return undefined;
  const { threatSource, threatService, path } = config;
  if (threatSource === undefined) {
    const fix = "add it with user_api_key and user_api_secret, or start with --only worker";
    throw new ConfigError([`${path} has no section [trustar_threat_source]: ${fix}`]);
  }
  const source = await openThreatSource(threatSource, threatService, { ...access, lookups: metrics.lookups });
  releasers.add("threat source", () => source.close());
  metrics.watch(source.readings);
  return source;
}

async function openWantedWorker(
  { config, only, clock }: ProgramOptions,
  access: TrustarAccessDeps,
  source: ThreatSource | undefined,
  releasers: Releasers,
): Promise<Worker | undefined> {
  if (only === "server") return undefined;
  if (config.worker === undefined) {
    if (only === undefined) return undefined;
    const fix = "the worker needs [resilient] and at least one [trustar_<name>] section with a workspace";
    throw new ConfigError([`${config.path} configures no worker: ${fix}`]);
  }
  const { threatSource } = config;
  // Alone, the worker has its own wire to the account.
  const wire = source?.access ?? (threatSource && openTrustarAccess(threatSource, 2, access, releasers));
  const worker = await openWorker(config.worker, {
    ...access,
    memory: config.threatService.stateFile?.replace(/\.state$/, ""),
    priorityOf: wire && threatSource && priorityBySource(wire, threatSource, clock),
  });
  releasers.add("worker", () => worker.close());
  return worker;
}

/** The function that has no incident asks with the threat source's account, within its enclaves. */
function priorityBySource(
  { client, beforeCost }: TrustarAccess,
  { stationUrl, enclaveIds }: NonNullable<AppConfig["threatSource"]>,
  clock: Clock,
): TrustarReports["priorityOf"] {
  const reports = new TrustarReports({ client, clock, stationUrl, beforeCost });
  return (value, _enclaveIds, signal) => reports.priorityOf(value, enclaveIds, signal);
}

async function serve(
  { config, log, clock, version, signal }: ProgramOptions,
  source: ThreatSource,
  worker: Worker | undefined,
  metrics: Metrics,
  releasers: Releasers,
): Promise<void> {
  const { threatService, webserver } = config;
  const checks = [trustarCheck(source), ...(worker?.readiness ?? [])];
  const app = createHttpApp({
    log,
    threatService: { ...threatService, lookups: source.engine, maxBodyBytes: maxArtifactBytes },
    health: { version, clock, checks, shuttingDown: signal },
    metrics,
  });
  const server = await startHttpServer({ ...webserver, app, log });
  releasers.add("web server", () => server.stop(drainMs));
  const roots = ["trustar", "trustar_cts"].map((name) => `${server.url}${threatService.urlBase}/${name}`);
  log.info({ version, config: config.path, roots }, "the threat service is listening");
  source.authenticate(signal).then(
    () => {
      log.info({}, "TruSTAR accepted the credentials");
    },
    (error: unknown) => {
      if (!signal.aborted)
        log.error(
          { err: error },
          "TruSTAR can't be used yet; until this is mended look-ups end as 503 or wait",
        );
    },
  );
}

function trustarCheck(source: ThreatSource): ReadinessCheck {
  return {
    name: "trustar",
    problem: async (signal) => {
      await source.authenticate(signal);
      return undefined;
    },
  };
}

async function untilTheEnd(
  { signal, log }: ProgramOptions,
  source: ThreatSource | undefined,
  worker: Worker | undefined,
  releasers: Releasers,
): Promise<void> {
  const work = worker?.run(signal).catch((error: unknown) => {
    if (signal.aborted) return;
    if (source === undefined) throw error;
    log.error(
      { err: error },
      "the worker has stopped and needs an administrator; the threat service goes on",
    );
  });
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
