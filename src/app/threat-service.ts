import type { Logger } from "pino";
import type { AppConfig, ThreatSourceConfig } from "../config/app-config.js";
import type { ReadinessCheck } from "../core/ports.js";
import { SECOND_MS } from "../core/time.js";
import { createHttpApp, threatServiceRoots } from "./http-app.js";
import { bindHttpServer, type HttpServer } from "./http-server.js";
import type { Metrics } from "./metrics.js";
import { Releasers } from "./releasers.js";
import { SourceWatch } from "./source-watch.js";
import { openThreatSource, type ThreatSource } from "./threat-source.js";
import type { TrustarAccessDeps } from "./trustar-access.js";

export interface ThreatServiceOptions {
  readonly config: AppConfig;
  readonly threatSource: ThreatSourceConfig;
  readonly access: TrustarAccessDeps;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
}

export interface ThreatService {
  readonly source: ThreatSource;
  /** Answers from now on; `checks` are those of the other half. */
  serve(checks: readonly ReadinessCheck[]): void;
  /** Takes no more requests and answers those that run. */
  stop(): Promise<void>;
  /** To be called after everything that uses the source is closed. */
  close(): Promise<void>;
}

/** Running requests get this long at the end; a service manager's patience is ten seconds. */
const drainMs = 4 * SECOND_MS;
const maxArtifactBytes = 1024 * 1024;

/**
 * The half that is asked: web server, look-ups, TruSTAR.
 * @throws ConfigError when the address can't be used; then no file has been touched
 */
export async function openThreatService(options: ThreatServiceOptions): Promise<ThreatService> {
  const { config, log, access, metrics, signal } = options;
  const releasers = new Releasers(log);
  // First of all: where another instance runs the start ends here, before it has touched that one's files.
  const server = await bindHttpServer({ ...config.webserver, log });
  releasers.add("web server", () => server.stop(0));
  try {
    const deps = { ...access, lookups: metrics.lookups };
    const source = await openThreatSource(options.threatSource, config.threatService, deps);
    releasers.add("threat source", () => source.close());
    const watch = watchSource(options, source);
    return {
      source,
      serve: (checks) => {
        serve(server, options, source, [watch.readiness, source.access.quotaWatch.readiness, ...checks]);
        void watch.start(signal);
      },
      stop: () => server.stop(drainMs),
      close: () => releasers.close(),
    };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

function watchSource(
  { metrics, log }: ThreatServiceOptions,
  { authenticate, enclaves, readings, access: { gate, keepQuotaFresh } }: ThreatSource,
): SourceWatch {
  const heldForMs = (): number => gate.heldForMs();
  const watch = new SourceWatch({ authenticate, enclaves, keepQuotaFresh, heldForMs, log });
  metrics.watch({ ...readings, unsearchableEnclaves: () => watch.unsearchableEnclaves });
  return watch;
}

function serve(
  server: HttpServer,
  { config, access: { clock, version }, log, signal, metrics }: ThreatServiceOptions,
  source: ThreatSource,
  checks: readonly ReadinessCheck[],
): void {
  const { threatService, path } = config;
  const app = createHttpApp({
    log,
    urlBase: threatService.urlBase,
    threatService: { ...threatService, lookups: source.engine, maxBodyBytes: maxArtifactBytes, clock },
    health: { version, clock, checks, shuttingDown: signal },
    metrics,
    exchange: server.exchange,
  });
  server.serve(app);
  const roots = threatServiceRoots(threatService.urlBase).map((root) => `${server.url}${root}`);
  log.info({ version, config: path, roots }, "the threat service is listening");
}
