import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Secret } from "../../src/core/secret.js";
import { aClient, byAccount, byKey, failureOf, never } from "../support/resilient-fixture.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
beforeEach(async () => {
  simulator = await startResilientSimulator();
});
afterEach(() => simulator.close());

describe("logging in", () => {
  test("by API key: Basic on each request, the session is read once", async () => {
    using client = aClient(simulator);
    const incident = simulator.seedIncident();
    await client.getIncident(incident.dto.id, never);
    await client.getIncident(incident.dto.id, never);
    expect(simulator.calls.counts()).toEqual({ "GET /session": 1, "GET /incidents/:id": 2 });
  });

  test("by e-mail and password: session cookie and CSRF header", async () => {
    using client = aClient(simulator, { credentials: byAccount(simulator) });
    const incident = simulator.seedIncident({ name: "By account" });
    expect((await client.getIncident(incident.dto.id, never)).name).toBe("By account");
    expect(simulator.calls.counts()).toEqual({ "POST /session": 1, "GET /incidents/:id": 1 });
  });

  test("a burst at the start shares one log-in", async () => {
    using client = aClient(simulator, { credentials: byAccount(simulator) });
    const { id } = simulator.seedIncident().dto;
    await Promise.all(Array.from({ length: 20 }, () => client.getIncident(id, never)));
    expect(simulator.calls.count("POST", "/session")).toBe(1);
  });

  test("a lost session is renewed once for all who notice", async () => {
    using client = aClient(simulator, { credentials: byAccount(simulator) });
    const { id } = simulator.seedIncident().dto;
    await client.getIncident(id, never);
    simulator.dropSessions();
    const notes = Array.from({ length: 20 }, (_, n) => client.createNote(id, `<b>${n}</b>`, never));
    await expect(Promise.all(notes)).resolves.toHaveLength(20);
    expect(simulator.calls.count("POST", "/session")).toBe(2);
    expect(simulator.incident(id).comments).toHaveLength(20);
  });

  test("a session that is lost again and again ends as refused, not in a loop", async () => {
    using client = aClient(simulator, { credentials: byAccount(simulator) });
    const { id } = simulator.seedIncident().dto;
    simulator.faults.add({ kind: "status", path: "/incidents/", status: 401, times: 100 });
    await expect(client.getIncident(id, never)).rejects.toMatchObject({ code: "upstream_unauthorized" });
    expect(simulator.calls.count("POST", "/session")).toBe(2);
  });

  test("a refused password is not tried again at once: accounts get locked that way", async () => {
    let nowMs = 0;
    const credentials = { ...byAccount(simulator), password: new Secret("wrong") };
    using client = aClient(simulator, { credentials, clock: { now: () => nowMs } });
    const ask = (): Promise<Error> => failureOf(client.getIncident(1, never));
    for (const error of await Promise.all([ask(), ask(), ask()])) {
      expect(error).toMatchObject({ code: "upstream_unauthorized", retryable: false });
      expect(error.message).toContain("Invalid user name or password.");
    }
    await ask();
    expect(simulator.calls.count("POST", "/session")).toBe(1);
    nowMs = 60_000;
    await ask();
    expect(simulator.calls.count("POST", "/session")).toBe(2);
  });

  test("an API key that is refused later on is told, and nothing is renewed", async () => {
    using client = aClient(simulator);
    await client.connect(never);
    simulator.faults.add({ kind: "status", path: "/incidents/", status: 401 });
    await expect(client.getIncident(1, never)).rejects.toMatchObject({
      code: "upstream_unauthorized",
      status: 401,
    });
    expect(simulator.calls.count("GET", "/session")).toBe(1);
  });

  test("a server that is away for a moment is waited for", async () => {
    simulator.faults.add({ kind: "status", path: "/session", status: 503, times: 2 });
    simulator.faults.add({ kind: "reset", path: "/session" });
    using client = aClient(simulator, { credentials: byAccount(simulator) });
    await expect(client.connect(never)).resolves.toEqual({ id: 201, name: "Test Organization" });
    expect(simulator.calls.count("POST", "/session")).toBe(4);
  });

  test("something else on that port is said to be so", async () => {
    simulator.faults.add({ kind: "not-json", path: "/session" });
    using client = aClient(simulator);
    const error = await failureOf(client.connect(never));
    expect(error).toMatchObject({ code: "upstream_invalid_answer" });
    expect(error.message).toContain("check host, port and resource_prefix");
  });

  test("behind a prefix, as on Cloud Pak", async () => {
    await using prefixed = await startResilientSimulator({ prefix: "/api/respond" });
    using client = aClient(prefixed, { resourcePrefix: "/api/respond/" });
    await expect(client.connect(never)).resolves.toMatchObject({ id: 201 });
    using lost = aClient(prefixed);
    await expect(lost.connect(never)).rejects.toMatchObject({ code: "upstream_wrong_address" });
  });

  test.each([404, 405, 410])(
    "a log-in that is not there (%d) suggests host and prefix, by key and by account",
    async (status) => {
      simulator.faults.add({ kind: "status", path: "/session", status, times: 2 });
      for (const credentials of [byKey(simulator), byAccount(simulator)]) {
        using client = aClient(simulator, { credentials });
        const error = await failureOf(client.connect(never));
        expect(error).toMatchObject({ code: "upstream_wrong_address", status, retryable: false });
        expect(error.message).toMatch(
          /check host, port and resource_prefix in \[resilient\].*\/api\/respond/,
        );
      }
    },
  );

  test("a log-in that goes missing later on is not taken for an incident that is not there", async () => {
    let nowMs = 0;
    using client = aClient(simulator, { credentials: byAccount(simulator), clock: { now: () => nowMs } });
    await client.connect(never);
    simulator.faults.add({ kind: "status", path: "/incidents/", status: 401 });
    simulator.faults.add({ kind: "status", path: "/session", status: 404 });
    nowMs = 60_000;
    const error = await failureOf(client.getIncident(1, never));
    expect(error).toMatchObject({ code: "upstream_wrong_address" });
  });
});

describe("choosing the organization", () => {
  test("by its uuid", async () => {
    const uuid = simulator.world.orgs.find(({ id }) => id === simulator.org.id)?.uuid;
    using client = aClient(simulator, { org: uuid });
    expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
    await expect(client.connect(never)).resolves.toMatchObject({ id: simulator.org.id });
  });

  test.each(["Test Organization", "73c78395-470f-46a8-af7d-5e7d999a5707"])("%s", async (org) => {
    using client = aClient(simulator, { org });
    await expect(client.connect(never)).resolves.toEqual({ id: 201, name: "Test Organization" });
  });

  test.each([
    ["Nowhere", /not a member of it. It is a member of "Test Organization", "Closed Organization"/],
    ["test organization", /not a member/],
    ["Closed Organization", /closed to this account.*\(.*127\.0\.0\.1\)/],
    [undefined, /Set org in \[resilient\].*"Test Organization"/],
  ])("%s is explained", async (org, message) => {
    using client = aClient(simulator, { org, credentials: byKey(simulator) });
    const error = await failureOf(client.connect(never));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: "upstream_forbidden", retryable: false });
  });
});
