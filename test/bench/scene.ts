import { join } from "node:path";
import { freePort, tempFolder, type TempFolder } from "../support/product.js";
import type { CallCounts } from "../support/trustar-simulator/start-trustar-simulator.js";
import type { WireArtifact } from "./artifacts.js";
import { printed, spawnProgram, spawnScript, type Running } from "./processes.js";

/** A server that does nothing but answer. */
export interface Baseline extends AsyncDisposable {
  readonly port: number;
}

/** @param finished what it says of whatever has been looked up */
export async function openBaseline(name: "bare-http" | "bare-express", finished: object): Promise<Baseline> {
  const script = new URL(`./baselines/${name}.ts`, import.meta.url);
  const server = spawnScript(script, [JSON.stringify(finished)]);
  const [port] = await printed(server, /port (\d+)\n/);
  return { port: Number(port), [Symbol.asyncDispose]: () => server.stop() };
}

const simulatorScript = new URL("../support/trustar-simulator/main.ts", import.meta.url);

export interface Simulator extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly secret: string;
  /** Makes these values known, with the highest severity. */
  know(artifacts: readonly WireArtifact[]): Promise<void>;
  calls(): Promise<CallCounts>;
  resetCalls(): Promise<void>;
}

export interface SimulatorOptions {
  readonly latencyMs?: number;
  readonly perMinute?: number;
  readonly perDay?: number;
}

export async function openSimulator({ latencyMs, perMinute, perDay }: SimulatorOptions): Promise<Simulator> {
  const given = { "latency-ms": latencyMs, "rate-limit-per-minute": perMinute, "daily-quota": perDay };
  const args = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const running = spawnScript(simulatorScript, args);
  const [url = "", key = "", secret = ""] = await printed(
    running,
    /api +(http:\/\/[\d.:]+)\/\S[\s\S]*key +(\S+)\s+secret +(\S+)/,
  );
  return {
    url,
    key,
    secret,
    know: async (artifacts) => {
      const known = artifacts.map(({ value }) => ({ value, severityLevel: 3 }));
      await fetch(`${url}/__indicators`, { method: "POST", body: JSON.stringify(known) });
    },
    calls: async () => (await (await fetch(`${url}/__calls`)).json()) as CallCounts,
    resetCalls: async () => {
      await fetch(`${url}/__calls`, { method: "DELETE" });
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

export interface Service extends AsyncDisposable {
  readonly port: number;
  readonly process: Running;
  readonly folder: TempFolder;
}

export interface ServiceOptions {
  /** Lines for [custom_threat_service]. */
  readonly settings?: readonly string[];
  /** Lines for [trustar_threat_source]. */
  readonly sourceSettings?: readonly string[];
  /** Its output goes to a file instead of to us. */
  readonly logsToFile?: boolean;
  /** Called with the folder before the start. */
  readonly prepare?: (folder: TempFolder) => Promise<unknown>;
}

/** The built threat service on a simulated TruSTAR, with its default settings otherwise. */
export async function openService(simulator: Simulator, options: ServiceOptions = {}): Promise<Service> {
  const service = await beginService(simulator, options);
  await printed(service.process, /(TruSTAR accepted the credentials)/);
  return service;
}

/** The same, not yet listening. */
export async function beginService(simulator: Simulator, options: ServiceOptions = {}): Promise<Service> {
  const [folder, port] = [await tempFolder(), await freePort()];
  const config = await folder.write(
    "app.config",
    [
      "[webserver]",
      `port = ${port}`,
      "[custom_threat_service]",
      ...(options.settings ?? []),
      "[trustar_threat_source]",
      `url = ${simulator.url}`,
      `user_api_key = ${simulator.key}`,
      `user_api_secret = ${simulator.secret}`,
      ...(options.sourceSettings ?? []),
      "",
    ].join("\n"),
  );
  await options.prepare?.(folder);
  const logFile = options.logsToFile === true ? join(folder.path, "service.log") : undefined;
  const process = spawnProgram(["run", "--config", config, "--only", "server"], { logFile });
  return {
    port,
    process,
    folder,
    [Symbol.asyncDispose]: async () => {
      await process.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
