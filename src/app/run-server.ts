import type { Logger } from "pino";
import type { AppConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import type { ReadinessCheck } from "../core/ports.js";
import { SECOND_MS, type Clock } from "../core/time.js";
import { createHttpApp } from "./http-app.js";
import { startHttpServer } from "./http-server.js";
import { createMetrics } from "./metrics.js";
import { Releasers } from "./releasers.js";
import { openThreatSource, type ThreatSource } from "./threat-source.js";

export interface RunOptions {
  readonly config: AppConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
}

/** Running requests get this long at the end; a service manager's patience is ten seconds. */
const drainMs = 7 * SECOND_MS;
const maxArtifactBytes = 1024 * 1024;

export interface RunningServer {
  readonly url: string;
  /** Resolves when everything is closed, after the signal has aborted. */
  readonly closed: Promise<void>;
}

/**
 * Starts the threat service; it listens when this resolves.
 * @throws ConfigError when the configuration has no threat source, or the address can't be used
 */
export async function startServer(options: RunOptions): Promise<RunningServer> {
  const { config, log, clock, version, signal } = options;
  const { threatSource, threatService, webserver } = config;
  if (threatSource === undefined) {
    const fix = "add it with user_api_key and user_api_secret, see app.config.example";
    throw new ConfigError([`${config.path} has no section [trustar_threat_source]: ${fix}`]);
  }
  const releasers = new Releasers(log);
  try {
    const metrics = createMetrics();
    const { lookups, upstream } = metrics;
    const source = await openThreatSource(threatSource, threatService, {
      log,
      clock,
      version,
      lookups,
      upstream,
    });
    releasers.add("threat source", () => source.close());
    metrics.watch(source.readings);
    const app = createHttpApp({
      log,
      threatService: { ...threatService, lookups: source.engine, maxBodyBytes: maxArtifactBytes },
      health: { version, clock, checks: [trustarCheck(source)], shuttingDown: signal },
      metrics,
    });
    const server = await startHttpServer({ ...webserver, app, log });
    releasers.add("web server", () => server.stop(drainMs));
    releasers.add("new look-ups", () => {
      source.engine.drain();
    });
    announce(options, server.url, source);
    return { url: server.url, closed: closeOn(signal, releasers) };
  } catch (error) {
    await releasers.close();
    throw error;
  }
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

function announce({ config, log, version, signal }: RunOptions, url: string, source: ThreatSource): void {
  for (const warning of config.warnings) log.warn({}, warning);
  const roots = ["trustar", "trustar_cts"].map((name) => `${url}${config.threatService.urlBase}/${name}`);
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

async function closeOn(signal: AbortSignal, releasers: Releasers): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
    });
  }
  await releasers.close();
}
