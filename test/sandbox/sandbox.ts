import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

const usage = `Usage: npm run sandbox -- [--port 9000] [--trustar-port 9001]

Starts a simulated TruSTAR and the real product on this machine's loopback, for a look at what it does.
  --port          where the threat service listens (default 9000)
  --trustar-port  where the simulated TruSTAR listens (default 9001)
`;

const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
const say = (text: string): void => {
  process.stdout.write(text);
};

interface Ports {
  readonly service: number;
  readonly trustar: number;
}

/** A mistake of the user's: its message is all they need. */
class SandboxError extends Error {}

function readPorts(): Ports | undefined {
  const options = {
    port: { type: "string", default: "9000" },
    "trustar-port": { type: "string", default: "9001" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.help) return undefined;
    return {
      service: readPort("--port", values.port),
      trustar: readPort("--trustar-port", values["trustar-port"]),
    };
  } catch (error) {
    throw new SandboxError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new SandboxError(`${option} must be a port number, got "${text}"`);
}

async function startSimulator(port: number): Promise<TrustarSimulator> {
  try {
    return await startTrustarSimulator({ port, latencyMs: 80 });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") throw error;
    throw new SandboxError(
      `Port ${port} is taken. Choose another one: npm run sandbox -- --trustar-port ${port + 10}`,
    );
  }
}

async function writeConfig(folder: string, ports: Ports, simulator: TrustarSimulator): Promise<string> {
  const path = join(folder, "app.config");
  const lines = [
    "[webserver]",
    `port = ${ports.service}`,
    "[custom_threat_service]",
    "urlbase = /cts",
    "[trustar_threat_source]",
    `url = ${simulator.url}`,
    `user_api_key = ${simulator.credentials.key}`,
    `user_api_secret = ${simulator.credentials.secret}`,
  ];
  await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  return path;
}

/** Starts the built program as a user would; its log goes to the screen once it has something to complain about. */
async function startProduct(configPath: string, ports: Ports): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, "run", "--config", configPath, "--only", "server"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${ports.service}/ready`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const ready = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    // Whoever else listens on the port may answer too: only a living child is ours.
    if (child.exitCode !== null) break;
    if (ready?.ok === true) return child;
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  child.kill("SIGKILL");
  const taken = output.includes("already in use");
  if (taken) {
    throw new SandboxError(
      `Port ${ports.service} is taken. Choose another one: npm run sandbox -- --port ${ports.service + 10}`,
    );
  }
  throw new SandboxError(`The threat service did not start:\n${output}`);
}

function greet(ports: Ports, simulator: TrustarSimulator): void {
  const service = `http://127.0.0.1:${ports.service}`;
  const post = `curl -s -w '\\n' -H 'Content-Type: application/json' ${service}/cts/trustar -d`;
  say(`
The sandbox is up: the product asks a simulated TruSTAR. Press Ctrl-C to stop both.

  Threat service    ${service}/cts/trustar   (metrics: ${service}/metrics)
  Simulated TruSTAR ${simulator.url}              (calls so far: ${simulator.url}/__calls)

Paste these into another terminal.

An artifact that TruSTAR knows; the answer holds its hits:
  ${post} '{"type":"net.ip","value":"203.0.113.7"}'

One that it does not know; the answer holds none:
  ${post} '{"type":"net.name","value":"harmless.example"}'

Is the service alive? (${service}/ready tells whether it can ask TruSTAR.)
  curl -s -w '\\n' ${service}/health

`);
}

async function main(): Promise<void> {
  const ports = readPorts();
  if (ports === undefined) {
    say(usage);
    return;
  }
  const stop = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => {
        resolve();
      });
  });
  const folder = await mkdtemp(join(tmpdir(), "trustar-sandbox-"));
  try {
    await using simulator = await startSimulator(ports.trustar);
    const product = await startProduct(await writeConfig(folder, ports, simulator), ports);
    greet(ports, simulator);
    const exited = once(product, "exit");
    await Promise.race([stop, exited]);
    if (product.exitCode !== null) throw new SandboxError("The threat service ended by itself.");
    product.kill("SIGTERM");
    await exited;
    say("\nThe sandbox is stopped.\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof SandboxError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
