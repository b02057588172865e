import { once } from "node:events";
import type { Logger } from "pino";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { AppConfig, ThreatSourceConfig, WorkerConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import type { ReadinessCheck } from "../core/ports.js";
import { SECOND_MS, type Clock } from "../core/time.js";
import { createHttpApp, threatServiceRoots } from "./http-app.js";
import { bindHttpServer, type HttpServer } from "./http-server.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { Releasers } from "./releasers.js";
import { openThreatSource, type ThreatSource } from "./threat-source.js";
import { Budgets, type TrustarAccessDeps } from "./trustar-access.js";
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
    const { threatSource, worker: workerConfig } = wantedHalves(options);
    const metrics = createMetrics();
    const budgets = new Budgets(clock);
    const access: TrustarAccessDeps = { log, clock, version, upstream: metrics.upstream, budgets };
    // First of all: a second start ends here, before it has touched the files of the first.
    const server = threatSource && (await bindServer(options, releasers));
    const source = threatSource && (await openSource(threatSource, options, access, metrics, releasers));
    const worker = workerConfig && (await openWantedWorker(workerConfig, options, access, source, releasers));
    releasers.add("budgets", () => {
      budgets.close();
    });
    if (server !== undefined && source !== undefined) {
      serve(server, options, source, worker, metrics);
      releasers.add("web server", () => server.stop(drainMs));
    }
    return { closed: untilTheEnd(options, source, worker, releasers) };
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
  return {
    threatSource: only === "worker" ? undefined : threatSource,
    worker: only === "server" ? undefined : worker,
  };
}

async function bindServer({ config, log }: ProgramOptions, releasers: Releasers): Promise<HttpServer> {
  const server = await bindHttpServer({ ...config.webserver, log });
  // For a start that fails on the way; one that succeeds stops it first and with patience.
  releasers.add("address", () => server.stop(0));
  return server;
}

async function openSource(
  threatSource: ThreatSourceConfig,
  { config }: ProgramOptions,
  access: TrustarAccessDeps,
  metrics: Metrics,
  releasers: Releasers,
): Promise<ThreatSource> {
  const deps = { ...access, lookups: metrics.lookups };
  const source = await openThreatSource(threatSource, config.threatService, deps);
  releasers.add("threat source", () => source.close());
  metrics.watch(source.readings);
  return source;
}

async function openWantedWorker(
  wanted: WorkerConfig,
  { config, clock }: ProgramOptions,
  access: TrustarAccessDeps,
  source: ThreatSource | undefined,
  releasers: Releasers,
): Promise<Worker> {
  const worker = await openWorker(wanted, {
    ...access,
    memory: config.threatService.stateFile?.replace(/\.state$/, ""),
    priorityOf: source && config.threatSource && priorityBySource(source, config.threatSource, clock),
  });
  releasers.add("worker", () => worker.close());
  return worker;
}

/** The function that has no incident asks with the threat source's account, within its enclaves. */
function priorityBySource(
  { access: { client, beforeCost } }: ThreatSource,
  { stationUrl, enclaveIds }: ThreatSourceConfig,
  clock: Clock,
): TrustarReports["priorityOf"] {
  const reports = new TrustarReports({ client, clock, stationUrl, beforeCost });
  return (value, _enclaveIds, signal) => reports.priorityOf(value, enclaveIds, signal);
}

function serve(
  server: HttpServer,
  { config, log, clock, version, signal }: ProgramOptions,
  source: ThreatSource,
  worker: Worker | undefined,
  metrics: Metrics,
): void {
  const { threatService } = config;
  const checks = [trustarCheck(source), ...(worker?.readiness ?? [])];
  const app = createHttpApp({
    log,
    threatService: { ...threatService, lookups: source.engine, maxBodyBytes: maxArtifactBytes },
    health: { version, clock, checks, shuttingDown: signal },
    metrics,
  });
  server.serve(app);
  const roots = threatServiceRoots(threatService.urlBase).map((root) => `${server.url}${root}`);
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
