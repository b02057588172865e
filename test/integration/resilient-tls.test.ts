import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import { UpstreamError } from "../../src/core/errors.js";
import { aClient, byAccount, captureLog, failureOf, never } from "../support/resilient-fixture.js";
import { createCertificate } from "../support/resilient-simulator/certificate.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
beforeAll(async () => {
  simulator = await startResilientSimulator({ tls: true });
});
afterAll(() => simulator.close());

test("the certificate in cafile is trusted", async () => {
  const log = captureLog();
  using client = aClient(simulator, { log });
  await expect(client.connect(never)).resolves.toMatchObject({ id: 201 });
  expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("another CA is not, and that is not tried again", async () => {
  const log = captureLog();
  using client = aClient(simulator, { ca: (await createCertificate()).certPem, log });
  const error = await failureOf(client.connect(never));
  expect(error.message).toMatch(/can't be trusted: .*cafile/);
  expect(error).toMatchObject({ code: "upstream_unreachable" });
  expect(inspect(error, { depth: 9 })).not.toContain(simulator.apiKey.secret);
  expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("without cafile the system's CAs decide", async () => {
  using client = aClient(simulator, { ca: undefined });
  await expect(client.connect(never)).rejects.toThrow(/self-signed .*cafile/);
});

test("a host name that the certificate does not have", async () => {
  const certificate = await createCertificate([{ type: 2, value: "soar.example.com" }]);
  await using misnamed = await startResilientSimulator({ tls: certificate });
  using client = aClient(misnamed);
  await expect(client.connect(never)).rejects.toThrow(/its certificate is for another host name/);
});

test("cafile = false connects; that it is risky is the configuration's to tell", async () => {
  const log = captureLog();
  using client = aClient(simulator, { ca: false, log, credentials: byAccount(simulator) });
  await expect(client.connect(never)).resolves.toMatchObject({ id: 201 });
  for (let round = 0; round < 3; round += 1) {
    simulator.dropSessions();
    await client.forMessage(undefined).listPhases(never);
  }
  expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
});

test("plain HTTP on a TLS port, and TLS on a plain one", async () => {
  using plain = aClient(simulator, { baseUrl: `http://localhost:${simulator.port}` });
  await expect(plain.connect(never)).rejects.toBeInstanceOf(UpstreamError);
  await using http = await startResilientSimulator();
  using tls = aClient(http, { baseUrl: `https://127.0.0.1:${http.port}` });
  await expect(tls.connect(never)).rejects.toThrow(/seems to speak http there.*\(EPROTO\)$/);
});
