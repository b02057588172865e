import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { until } from "../support/lookup-fixtures.js";
import { aClient, failureOf, never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
let id: number;

beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
  id = simulator.seedIncident().dto.id;
});

/** Until a call has reached the server. */
const asked = (method: string, route: string): Promise<void> =>
  until(() => simulator.calls.count(method, route) > 0, `${method} ${route}`);

describe("giving up and closing", () => {
  test("a caller's own signal ends its call with its own reason", async () => {
    simulator.faults.add({ kind: "hang", path: "/incidents/" });
    const caller = new AbortController();
    const call = client.getIncident(id, caller.signal);
    await asked("GET", "/incidents/:id");
    caller.abort(new Error("the analyst went home"));
    await expect(call).rejects.toThrow("the analyst went home");
    await expect(client.getIncident(id, caller.signal)).rejects.toThrow("the analyst went home");
    simulator.faults.add({ kind: "hang", path: "/incidents/" });
    await expect(client.getIncident(id, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: "upstream_timeout",
    });
    await expect(client.getIncident(id, never)).resolves.toMatchObject({ id });
  });

  test("a caller that gives up does not take the shared log-in with it", async () => {
    simulator.faults.add({ kind: "latency", ms: 60, path: "/session" });
    const caller = new AbortController();
    const first = failureOf(client.getIncident(id, caller.signal));
    const second = client.getIncident(id, never);
    caller.abort(new Error("gone"));
    expect((await first).message).toBe("gone");
    await expect(second).resolves.toMatchObject({ id });
    expect(simulator.calls.count("GET", "/session")).toBe(1);
  });

  test("close ends calls under way, at once, and takes no new ones", async () => {
    await client.connect(never);
    simulator.faults.add({ kind: "hang", path: "/incidents/", times: 9 });
    const calls = [client.getIncident(id, never), client.createNote(id, "x", never)].map(failureOf);
    await asked("GET", "/incidents/:id");
    await asked("POST", "/incidents/:id/comments");
    client.close();
    for (const error of await Promise.all(calls)) expect(error.message).toMatch(/has been closed/);
    await expect(client.getIncident(id, never)).rejects.toThrow(/has been closed/);
  });

  test("something that is not HTTP is said to be so", async () => {
    const server = createServer((socket) => socket.end("220 mail ready\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    using lost = aClient(simulator, { baseUrl: `http://127.0.0.1:${port}` });
    const error = await failureOf(lost.connect(never));
    server.close();
    expect(error.message).toMatch(/does not speak HTTP/);
  });
});
