import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Log } from "../../src/core/ports.js";
import { Secret } from "../../src/core/secret.js";
import type { ResilientCredentials } from "../../services/resilient/options.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient, captureLog, failureOf, never, type LogLine } from "../support/resilient-fixture.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

// A server that repeats the request, headers and body, in what it says. What it says ends in errors and in the log.
const statuses = [400, 401, 403, 404, 409, 413, 500, 503];
const contextToken = "eyJ0b2tlbg_of-a-message";
// JSON spells it in another way than it is, and a part of it looks like an indicator.
const password = 'pa"ss\\w0rt evil.example/x tail';

let simulator: ResilientSimulator;
beforeEach(async () => {
  simulator = await startResilientSimulator();
  for (const one of simulator.world.principals) Object.assign(one, { secret: password });
});
afterEach(() => simulator.close());

function credentialsOf(kind: ResilientCredentials["kind"]): ResilientCredentials {
  const secret = new Secret(password);
  const { apiKey, account } = simulator;
  return kind === "account"
    ? { kind, email: account.email, password: secret }
    : { kind, id: apiKey.id, secret };
}

function repeatEverything(path: string, status: number): void {
  simulator.faults.add({ kind: "status", path, status, repeats: true, times: 100 });
}

/** The error with all that is below it, and the log. */
function expectNoSecret(error: Error, lines: readonly LogLine[], isRepeated = true): void {
  const told = inspect([error, lines], { depth: 9 });
  const pair = `${simulator.apiKey.id}:${password}`;
  const base64 = Buffer.from(pair, "utf8").toString("base64");
  if (isRepeated) expect(error.message).toContain("[secret]");
  for (const secret of [...password.split(" "), "w0rt", base64, "Basic ", "JSESSIONID=", contextToken])
    expect(told).not.toContain(secret);
  // The session cookie and the token of X-sess-id.
  expect(told).not.toMatch(/[\dA-F]{32}|[\da-f]{8}-[\da-f]{4}-/);
}

describe.each(["api-key", "account"] as const)("%s", (kind) => {
  const start = (log: Log) => aClient(simulator, { credentials: credentialsOf(kind), log });

  test.each(statuses)("HTTP %d to the log-in", async (status) => {
    const log = captureLog();
    using client = start(log);
    repeatEverything("/session", status);
    // Where there is no log-in the words of whoever answered say nothing, and are not told.
    expectNoSecret(await failureOf(client.connect(never)), log.lines, status !== 404);
  });

  const calls: readonly ((client: ResilientClient) => Promise<unknown>)[] = [
    (client) => client.getIncident(1, never),
    (client) => client.forMessage(new Secret(contextToken)).createNote(1, "x", never),
  ];

  test.each(statuses)("HTTP %d to what comes after it", async (status) => {
    for (const call of calls) {
      const log = captureLog();
      using client = start(log);
      await client.connect(never);
      repeatEverything("/incidents/", status);
      expectNoSecret(await failureOf(call(client)), log.lines);
    }
  });
});
