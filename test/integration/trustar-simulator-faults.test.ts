import { connect } from "node:net";
import { connectPlainly, requestToken, send } from "../support/trustar-simulator/plain-client.js";
import {
  startTrustarSimulator,
  type Fault,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

async function meet(simulator: TrustarSimulator, fault: Fault) {
  const client = await connectPlainly(simulator);
  simulator.faults.add(fault);
  return client.call("GET", "/enclaves");
}

describe("answers in place of the service's", () => {
  it.each([500, 502, 503, 504])("status %i, the gateways' ones as HTML", async (status) => {
    await using simulator = await startTrustarSimulator();
    const answer = await meet(simulator, { kind: "status", status });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain(status === 500 ? "application/json" : "text/html");
  });

  it("a 429 with a wait, a huge one, or none at all", async () => {
    await using simulator = await startTrustarSimulator();
    const bodies = [];
    for (const waitTimeMs of [5, 86_400_000, null]) {
      const { status, body } = await meet(simulator, { kind: "rate-limit", waitTimeMs, times: 1 });
      expect(status).toBe(429);
      bodies.push(body);
    }
    const message = expect.stringContaining("Request limit exceeded for the current time period");
    expect(bodies).toEqual([{ message, waitTime: 5 }, { message, waitTime: 86_400_000 }, { message }]);
  });

  it("JSON of the wrong shape, of a chosen shape, and no JSON at all", async () => {
    await using simulator = await startTrustarSimulator();
    const wrong = await meet(simulator, { kind: "wrong-shape", times: 1 });
    expect([wrong.status, wrong.body]).toMatchObject([200, { data: {} }]);
    expect((await meet(simulator, { kind: "wrong-shape", body: null, times: 1 })).body).toBeNull();
    const garbage = await meet(simulator, { kind: "garbage" });
    expect([garbage.status, garbage.body]).toEqual([200, undefined]);
  });

  it("a redirect", async () => {
    await using simulator = await startTrustarSimulator();
    const answer = await meet(simulator, { kind: "redirect", location: "/api/1.3/ping" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/api/1.3/ping"]);
  });

  it("an expired token, which is really gone afterwards", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.faults.add({ kind: "expired-token", times: 1 });
    for (const attempt of [1, 2]) {
      const { status, body } = await client.call("GET", "/ping");
      expect([attempt, status, body]).toMatchObject([
        attempt,
        400,
        { error_description: "Expired oauth2 access token" },
      ]);
    }
    expect((await (await connectPlainly(simulator)).call("GET", "/ping")).status).toBe(200);
  });
});

describe("spoiled connections", () => {
  it("reset and half body end in an error", async () => {
    await using simulator = await startTrustarSimulator();
    await expect(meet(simulator, { kind: "reset", times: 1 })).rejects.toThrow();
    await expect(meet(simulator, { kind: "half-body", times: 1 })).rejects.toThrow();
    expect(simulator.calls().byStatus.none).toBe(2);
  });

  it("half a body means fewer bytes than promised", async () => {
    await using simulator = await startTrustarSimulator();
    const { token } = await connectPlainly(simulator);
    simulator.faults.add({ kind: "half-body" });
    const { port } = new URL(simulator.url);
    const raw = await new Promise<string>((resolve) => {
      let received = "";
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(`GET /api/1.3/enclaves HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      });
      socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
      socket.on("close", () => {
        resolve(received);
      });
    });
    const promised = Number(/content-length: (\d+)/i.exec(raw)?.[1]);
    const sent = raw.slice(raw.indexOf("\r\n\r\n") + 4).length;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(promised);
  });

  it("hang never answers, and close() ends it", async () => {
    const simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.faults.add({ kind: "hang" });
    const hung = client.call("GET", "/enclaves");
    hung.catch(() => undefined);
    while (simulator.calls().inFlight === 0) await new Promise(setImmediate);
    await simulator.close();
    await expect(hung).rejects.toThrow();
  });

  it("latency and drip slow the answer down but leave it whole", async () => {
    await using simulator = await startTrustarSimulator();
    simulator.faults.add({ kind: "latency", ms: 20 }, { kind: "latency", ms: 20 });
    const started = performance.now();
    const answer = await meet(simulator, { kind: "drip", everyMs: 0, chunkBytes: 200 });
    // Timers may fire a fraction early; the token call waits too.
    expect(performance.now() - started).toBeGreaterThan(60);
    expect(answer.body).toHaveLength(simulator.enclaves.length);
  });

  it("close() doesn't wait for a latency or a slow drip", async () => {
    const simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.faults.add(
      { kind: "latency", ms: 600_000, endpoint: "/ping" },
      { kind: "drip", everyMs: 600_000, endpoint: "/enclaves" },
    );
    const slow = Promise.allSettled([client.call("GET", "/ping"), client.call("GET", "/enclaves")]);
    while (simulator.calls().inFlight < 2) await new Promise(setImmediate);
    await simulator.close();
    expect((await slow).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("late: the call is carried out and only its answer is lost", async () => {
    await using simulator = await startTrustarSimulator({ sampleData: false });
    const client = await connectPlainly(simulator);
    const report = { title: "t", reportBody: "b", enclaveIds: [simulator.enclaves[0]!.id] };
    simulator.faults.add({ kind: "reset", endpoint: "/reports", method: "POST", stage: "after", times: 1 });
    await expect(client.call("POST", "/reports", report)).rejects.toThrow();
    expect(simulator.reports()).toHaveLength(1);
    simulator.faults.add({ kind: "status", status: 504, endpoint: "/reports", times: 1 });
    await client.call("POST", "/reports", report);
    expect(simulator.reports()).toHaveLength(1);
  });
});

describe("which calls a fault meets", () => {
  it("endpoint and method, after some are skipped, as often as told", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.faults.add({
      kind: "status",
      status: 500,
      endpoint: "/ping",
      method: "GET",
      skip: 1,
      times: 2,
    });
    const statuses = [];
    for (const path of ["/enclaves", "/ping", "/ping", "/version", "/ping", "/ping"]) {
      statuses.push((await client.call("GET", path)).status);
    }
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200]);
    expect(simulator.faults.active()).toEqual([]);
  });

  it("by template for paths with an id, and the token call too", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.faults.add({ kind: "status", status: 503, endpoint: "/reports/{id}/status" });
    simulator.faults.add({ kind: "status", status: 500, endpoint: "/oauth/token" });
    expect((await client.call("GET", "/reports/any/status")).status).toBe(503);
    expect((await requestToken(simulator, simulator.credentials)).status).toBe(500);
  });

  it("with a probability, the same ones in every run with the same seed", async () => {
    const run = async (faultSeed: number) => {
      await using simulator = await startTrustarSimulator({ faultSeed });
      const client = await connectPlainly(simulator);
      simulator.faults.add({ kind: "status", status: 500, probability: 0.5 });
      const statuses = [];
      for (let call = 0; call < 30; call++) statuses.push((await client.call("GET", "/ping")).status);
      return statuses;
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  it("installed and cleared over HTTP", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const faults = `${simulator.url}/__faults`;
    await send(faults, { method: "POST", body: JSON.stringify([{ kind: "status", status: 503 }]) });
    expect((await client.call("GET", "/ping")).status).toBe(503);
    expect((await send(faults)).body).toEqual([{ fault: { kind: "status", status: 503 }, met: 1 }]);
    await send(faults, { method: "DELETE" });
    expect((await client.call("GET", "/ping")).status).toBe(200);
  });
});
