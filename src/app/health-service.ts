import type { Logger } from "pino";
import type { AppConfig } from "../config/app-config.js";
import type { ReadinessCheck } from "../core/ports.js";
import { SECOND_MS, type Clock } from "../core/time.js";
import { createHttpApp } from "./http-app.js";
import { bindHttpServer } from "./http-server.js";
import type { Metrics } from "./metrics.js";

export interface HealthServiceOptions {
  readonly config: AppConfig;
  /** `health_port`. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly version: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
}

/** What tells of the program by HTTP; the threat service does so beside its artifacts. */
export interface HealthService {
  /** Answers from now on. */
  serve(checks: readonly ReadinessCheck[]): void;
  /** Takes no more requests and answers those that run. */
  stop(): Promise<void>;
}

/** A probe is answered at once. */
const drainMs = SECOND_MS;

/**
 * The web server of a worker that runs alone: for probes and Prometheus, with the address and certificate of
 * [webserver] on a port of its own, so that it never takes the one of a threat service on the same machine.
 * @throws ConfigError when the address can't be used
 */
export async function openHealthService(options: HealthServiceOptions): Promise<HealthService> {
  const { config, port, metrics, version, log, clock, signal } = options;
  const server = await bindHttpServer({ ...config.webserver, port, portKey: "[trustar] health_port", log });
  return {
    serve: (checks) => {
      const { urlBase } = config.threatService;
      const health = { version, clock, checks, shuttingDown: signal };
      server.serve(createHttpApp({ log, urlBase, health, metrics, exchange: server.exchange }));
      log.info(
        { version, config: config.path, url: server.url },
        "health and metrics of the worker are served",
      );
    },
    stop: () => server.stop(drainMs),
  };
}
