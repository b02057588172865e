import type { AppConfig, LogLevel, ThreatServiceConfig, WebserverConfig } from "./app-config.js";
import type { ConfigReader } from "./config-reader.js";
import { EnvironmentProxies } from "./environment-proxies.js";
import type { Environment } from "./locate-config.js";
import { isLoopbackHost } from "./loopback.js";
import { parseThreatService } from "./parse-threat-service.js";
import { parseThreatSource } from "./parse-threat-source.js";
import { parseWebserver } from "./parse-webserver.js";
import { parseWorker } from "./parse-worker.js";
import { parseSecretStore, secretStoreSection } from "./secret-store.js";
import { readTrustarWay } from "./trustar-way.js";
import { ConfigError } from "../core/errors.js";

/** What the values of an app.config are relative to. */
export interface Surroundings {
  /** The app.config, absolute. */
  readonly path: string;
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string;
}

const pythonLevels: Readonly<Record<string, LogLevel>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

/**
 * Checks all sections that we read.
 * @throws ConfigError with every problem of the file
 */
export function parseConfig(reader: ConfigReader, around: Surroundings): AppConfig {
  const { problems, warnings } = reader.notes;
  const levelOfFile = reader.section("resilient").word("loglevel", pythonLevels, "info");
  const secretStore = parseSecretStore(reader.section(secretStoreSection), around);
  const webserver = parseWebserver(reader.section("webserver"), around);
  const threatService = parseThreatService(reader.section("custom_threat_service"), around);
  const elsewhere: string[] = [];
  const environment = new EnvironmentProxies(around.env, elsewhere);
  const trustar = readTrustarWay(reader.section("trustar"), around, environment);
  const threatSource = parseThreatSource(reader.section("trustar_threat_source"), trustar);
  const worker = parseWorker(reader, around, { trustar, environment });
  reader.warnOfMisspeltSections();
  const logLevel = levelOfEnvironment(around.env, elsewhere) ?? levelOfFile;
  const all = [...problems.map((problem) => `${around.path}: ${problem}`), ...elsewhere];
  if (all.length > 0) throw new ConfigError(all);
  if (threatSource !== undefined) warnings.push(...exposure(webserver, threatService));
  return {
    path: around.path,
    logLevel,
    secretStore,
    webserver,
    threatService,
    threatSource,
    worker,
    warnings,
  };
}

function levelOfEnvironment(env: Environment, problems: string[]): LogLevel | undefined {
  const text = env["LOGLEVEL"] ?? "";
  const level = pythonLevels[text.toUpperCase()];
  if (level === undefined && text !== "") {
    const words = Object.keys(pythonLevels).join(", ");
    problems.push(`environment variable LOGLEVEL must be one of ${words}, not ${JSON.stringify(text)}`);
  }
  return level;
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
