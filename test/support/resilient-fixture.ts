import type { Log } from "../../src/core/ports.js";
import { Secret } from "../../src/core/secret.js";
import type { ResilientCredentials, ResilientOptions } from "../../services/resilient/options.js";
import { createResilientClient, type ResilientClient } from "../../services/resilient/resilient-client.js";
import { patient, type Patience } from "../../services/resilient/resend.js";
import type { ResilientSimulator } from "./resilient-simulator/resilient-simulator.js";

/** As many attempts, no waiting. */
export const immediate: Patience = { ...patient, minTimeout: 0, maxTimeout: 0, randomize: false };

/** A signal that never fires. */
export const never = new AbortController().signal;

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

export function captureLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine["level"]) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export function byKey({ apiKey }: ResilientSimulator): ResilientCredentials {
  return { kind: "api-key", id: apiKey.id, secret: new Secret(apiKey.secret) };
}

export function byAccount({ account }: ResilientSimulator): ResilientCredentials {
  return { kind: "account", email: account.email, password: new Secret(account.password) };
}

/** A client of the simulator that waits for nothing; `close` it, or use `await using`. */
export function aClient(
  simulator: ResilientSimulator,
  overrides: Partial<ResilientOptions> = {},
): ResilientClient & Disposable {
  const client = createResilientClient({
    baseUrl: simulator.url,
    org: simulator.org.name,
    credentials: byKey(simulator),
    ca: simulator.caPem,
    log: captureLog(),
    retry: immediate,
    timeoutMs: 20_000,
    ...overrides,
  });
  return { ...client, [Symbol.dispose]: client.close };
}

/** The rejection itself, for tests that look at all of it. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with something that is no Error: ${String(error)}`, { cause: error });
  }
  throw new Error("was expected to fail");
}
