import { parseArgs } from "node:util";
import { SandboxError } from "./sandbox-error.js";

export const usage = `Usage: npm run sandbox -- [--port 9000] [--trustar-port 9001] [--log]

Starts the real product on this machine's loopback, between a simulated TruSTAR and a simulated Resilient with its
message broker, and shows what it does with an incident.
  --port          where the threat service listens (default 9000)
  --trustar-port  where the simulated TruSTAR listens (default 9001)
  --log           show the product's log, too
`;

export interface SandboxOptions {
  readonly port: number;
  readonly trustarPort: number;
  /** Whether the product's log goes to the screen. */
  readonly log: boolean;
}

/** @returns undefined when only help was asked for. @throws SandboxError */
export function readOptions(args: readonly string[]): SandboxOptions | undefined {
  const { help, log, ...ports } = parse(args);
  if (help) return undefined;
  const port = readPort("--port", ports.port);
  const trustarPort = readPort("--trustar-port", ports["trustar-port"]);
  if (port === trustarPort) {
    throw new SandboxError(
      `--port and --trustar-port are both ${port}, but two programs can't share a port.`,
    );
  }
  return { port, trustarPort, log };
}

function parse(args: readonly string[]) {
  const options = {
    port: { type: "string", default: "9000" },
    "trustar-port": { type: "string", default: "9001" },
    log: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new SandboxError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new SandboxError(`${option} must be a port number from 1 to 65535, not "${text}".`);
}

export function portTaken(option: string, port: number): SandboxError {
  // The next but nine is rarely taken, too, and never the other default.
  const other = port + 10 < 65_536 ? port + 10 : port - 10;
  return new SandboxError(`Port ${port} is taken. Choose another one: npm run sandbox -- ${option} ${other}`);
}
