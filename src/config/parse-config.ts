import type { AppConfig, LogLevel, ThreatServiceConfig, WebserverConfig } from "./app-config.js";
import type { ConfigReader } from "./config-reader.js";
import { EnvironmentProxies } from "./environment-proxies.js";
import type { Environment } from "./locate-config.js";
import { readHalf, type Halves } from "./idle-half.js";
import { isLoopbackHost } from "./loopback.js";
import { warnOfMisplacedKeys } from "./misplaced-keys.js";
import { parseThreatService } from "./parse-threat-service.js";
import { parseThreatSource } from "./parse-threat-source.js";
import { parseWebserver } from "./parse-webserver.js";
import { parseWorker } from "./parse-worker.js";
import { parseSecretStore, secretStoreSection } from "./secret-store.js";
import type { SectionReader } from "./section-reader.js";
import { readTrustarWay } from "./trustar-way.js";
import { ConfigError } from "../core/errors.js";

/** What the values of an app.config are relative to. */
export interface Surroundings extends Halves {
  /** The app.config, absolute. */
  readonly path: string;
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string;
}

/** The names of Python's logging; NOTSET lets everything through. */
const pythonLevels: Readonly<Record<string, LogLevel>> = {
  NOTSET: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
  FATAL: "fatal",
};

/**
 * Checks all sections that we read.
 * @throws ConfigError with every problem of the file
 */
export function parseConfig(reader: ConfigReader, around: Surroundings): AppConfig {
  const { problems, warnings } = reader.notes;
  const logLevel = readLogLevel(reader.section("resilient"));
  const secretStore = parseSecretStore(reader.section(secretStoreSection), around);
  const environment = new EnvironmentProxies(around.env, problems);
  const trustar = readTrustarWay(reader.section("trustar"), around, environment);
  const worker = readHalf(reader.notes, { ...around, half: "worker" }, () =>
    parseWorker(reader, around, { trustar, environment }),
  ).value;
  // A worker that runs alone may tell of its health there.
  const onlyServers = worker?.healthPort === undefined ? around.only : undefined;
  const webserver = readHalf(reader.notes, { only: onlyServers, half: "server" }, () =>
    parseWebserver(reader.section("webserver"), around),
  ).value;
  const threatService = readHalf(reader.notes, { ...around, half: "server" }, () =>
    parseThreatService(reader.section("custom_threat_service"), around),
  ).value;
  const source = readHalf(reader.notes, { ...around, half: "server", strict: keepsInside }, () =>
    parseThreatSource(reader.section("trustar_threat_source"), trustar),
  );
  const threatSource = source.usable ? source.value : undefined;
  warnOfMisplacedKeys(reader);
  reader.warnOfMisspeltSections();
  if (problems.length > 0) {
    // What is wrong with the environment is not the file's fault.
    throw new ConfigError(problems.map((one) => (one.startsWith("[") ? `${around.path}: ${one}` : one)));
  }
  if (threatSource !== undefined) warnings.push(...exposure(webserver, threatService));
  return {
    path: around.path,
    logLevel,
    secretStore,
    webserver,
    threatService,
    threatSource,
    idleThreatSource: source.usable ? undefined : source.value,
    worker,
    warnings,
  };
}

/** The worker holds itself to it, too. */
function keepsInside(problem: string): boolean {
  return problem.startsWith("[trustar_threat_source] never_lookup ");
}

/** As in resilient-circuits, a word that is no level keeps nothing from starting. */
function readLogLevel(section: SectionReader): LogLevel {
  const text = section.text("loglevel") ?? "INFO";
  const level = pythonLevels[text.toUpperCase()];
  if (level === undefined) {
    const words = Object.keys(pythonLevels).join(", ");
    section.warn(
      "loglevel",
      `is ${section.shown("loglevel")}, which is no level, so INFO is used; write one of ${words}`,
    );
  }
  return level ?? "info";
}

/** What somebody on the network could do or read. */
function exposure(webserver: WebserverConfig, { credentials }: ThreatServiceConfig): readonly string[] {
  if (isLoopbackHost(webserver.host)) return [];
  if (credentials === undefined) {
    return [
      `[custom_threat_service] auth_user and auth_password aren't set: ` +
        `everybody who reaches ${webserver.host} port ${webserver.port} may ask`,
    ];
  }
  if (webserver.tls !== undefined) return [];
  return ["[webserver] secure is not 1: the password of auth_user crosses the network unencrypted"];
}
