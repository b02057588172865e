import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { RateLimitedError } from "../../src/core/errors.js";
import { immediate } from "../../services/resilient/retry-policy.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient, byAccount, captureLog, failureOf, never } from "../support/resilient-fixture.js";
import type { Fault } from "../support/resilient-simulator/faults.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
let id: number;

beforeEach(async () => {
  simulator = await startResilientSimulator();
  client = aClient(simulator);
  id = simulator.seedIncident().dto.id;
});
afterEach(async () => {
  client.close();
  await simulator.close();
});

describe("a refusal is told in a sentence, once", () => {
  const refusals: readonly (readonly [string, number, string, RegExp])[] = [
    [
      "bad request",
      400,
      "upstream_rejected",
      /^Resilient refused \(HTTP 400\) to read incident \d+: Because\. \(field_defs\)$/,
    ],
    ["credentials", 401, "upstream_unauthorized", /credentials in \[resilient\].*: Because\./],
    [
      "permission",
      403,
      "upstream_forbidden",
      /does not allow this account to read incident \d+: Because\..*permission/,
    ],
    ["unknown", 404, "upstream_not_found", /Could not read incident \d+: Resilient has no such object/],
    ["too large", 413, "upstream_too_large", /Too large for Resilient: read incident/],
    ["redirect", 302, "upstream_rejected", /A redirect \(302\).*resource_prefix/],
  ];
  test.each(refusals)("%s", async (_name, status, code, message) => {
    const body = { success: false, message: "Because.", hints: ["field_defs"] };
    const headers = { location: "https://elsewhere.example/" };
    simulator.faults.add({ kind: "status", path: "/incidents/", status, body, headers, times: 10 });
    const error = await failureOf(client.getIncident(id, never));
    expect(error).toMatchObject({ code, status, retryable: false });
    expect(error.message).toMatch(message);
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(1);
  });

  test("with what the simulator itself says", async () => {
    await expect(client.getIncident(7, never)).rejects.toThrow("Unable to find incident with ID 7");
    simulator.revoke("edit_all_incident_notes");
    await expect(client.createNote(id, "x", never)).rejects.toThrow(
      /does not allow this account to add a note/,
    );
    const artifact = { typeId: 3, value: "no scheme", description: "" };
    const error = await failureOf(client.createArtifact(id, artifact, never));
    expect(error).toMatchObject({ code: "upstream_rejected", status: 400 });
    expect(error.message).toContain("The specified URL is invalid. (value)");
  });

  test("an answer of another shape says where", async () => {
    simulator.faults.add({ kind: "status", path: "/incidents/", status: 200, body: { id: "7", name: "x" } });
    const error = await failureOf(client.getIncident(id, never));
    expect(error).toMatchObject({ code: "upstream_invalid_answer" });
    expect(error.message).toMatch(/\(id: .*expected number/);
  });
});

describe("what may get better is tried again, and not for ever", () => {
  const passing: readonly (readonly [string, Fault])[] = [
    ["500", { kind: "status", status: 500 }],
    ["503", { kind: "status", status: 503 }],
    ["a reset", { kind: "reset" }],
    ["half an answer", { kind: "half-body" }],
    ["silence", { kind: "hang" }],
  ];
  test.each(passing)("reading after %s", async (_name, fault) => {
    using quick = aClient(simulator, { timeoutMs: 150 });
    simulator.faults.add({ ...fault, path: "/incidents/", times: 2 });
    await expect(quick.getIncident(id, never)).resolves.toMatchObject({ id });
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(3);
  });

  test("five attempts, then the failure", async () => {
    simulator.faults.add({ kind: "status", path: "/incidents/", status: 500, times: 100 });
    const error = await failureOf(client.getIncident(id, never));
    expect(error).toMatchObject({ code: "upstream_failed", status: 500, retryable: true });
    expect(error.message).toMatch(/^Resilient failed \(HTTP 500\) to read incident \d+: Injected failure$/);
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(5);
  });

  test("silence ends as a time-out that says what was asked", async () => {
    using quick = aClient(simulator, { timeoutMs: 60, retry: { ...immediate, retries: 1 } });
    simulator.faults.add({ kind: "hang", path: "/incidents/", times: 100 });
    const error = await failureOf(quick.getIncident(id, never));
    expect(error).toMatchObject({ code: "upstream_timeout", retryable: true });
    expect(error.message).toMatch(/did not answer within 1 s: read incident/);
  });

  test("what is not JSON, and what is too long, is not asked for again", async () => {
    simulator.faults.add({ kind: "not-json", path: "/incidents/" });
    await expect(client.getIncident(id, never)).rejects.toMatchObject({ code: "upstream_invalid_answer" });
    using small = aClient(simulator, { maxAnswerBytes: 1_000 });
    await expect(small.getIncident(id, never)).rejects.toThrow(/more than we accept/);
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(2);
  });

  test("429 holds everybody until the server takes more", async () => {
    let nowMs = 0;
    const slept: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    };
    using patient = aClient(simulator, { clock: { now: () => nowMs }, sleep });
    await patient.connect(never);
    simulator.faults.add({
      kind: "status",
      path: "/incidents/",
      status: 429,
      headers: { "retry-after": "7" },
    });
    await patient.createNote(id, "once", never);
    expect(slept).toEqual([7_000]);
    expect(simulator.incident(id).comments).toHaveLength(1);
  });

  test("a 429 longer than we wait for goes to the caller with its time", async () => {
    simulator.faults.add({
      kind: "status",
      path: "/incidents/",
      status: 429,
      headers: { "retry-after": "3600" },
    });
    const error = await failureOf(client.getIncident(id, never));
    expect(error).toBeInstanceOf(RateLimitedError);
    expect("retryAtMs" in error && Number(error.retryAtMs) - Date.now()).toBeGreaterThan(3_500_000);
    await expect(client.getIncident(id, never)).rejects.toThrow(/takes no more requests for another/);
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(1);
  });
});

describe("nothing is created twice", () => {
  const lost: readonly (readonly [string, Fault, string])[] = [
    ["the answer is lost", { kind: "reset", when: "after" }, "upstream_unreachable"],
    ["the server fails", { kind: "status", status: 500 }, "upstream_failed"],
    ["the server is silent", { kind: "hang" }, "upstream_timeout"],
  ];
  test.each(lost)("when %s, and the caller hears of the doubt", async (_name, fault, code) => {
    using quick = aClient(simulator, { timeoutMs: 150 });
    simulator.faults.add({ ...fault, method: "POST", path: "/incidents/" });
    const error = await failureOf(quick.createNote(id, "<b>once</b>", never));
    expect(error).toMatchObject({ code, retryable: true });
    expect(error.message).toMatch(/It may have been done all the same$/);
    expect(simulator.calls.count("POST", "/incidents/:id/comments")).toBe(1);
  });

  test("an artifact neither", async () => {
    simulator.faults.add({ kind: "reset", when: "after", method: "POST", path: "/artifacts" });
    const artifact = { typeId: 1, value: "45.9.148.1", description: "" };
    await failureOf(client.createArtifact(id, artifact, never));
    expect(simulator.calls.count("POST", "/incidents/:id/artifacts")).toBe(1);
    expect(simulator.incident(id).artifacts).toHaveLength(1);
  });

  test("503 did nothing, so it goes again", async () => {
    simulator.faults.add({ kind: "status", status: 503, method: "POST", path: "/comments", times: 2 });
    await client.createNote(id, "once", never);
    expect(simulator.incident(id).comments).toHaveLength(1);
  });

  test("a refused connection did nothing, so it goes again", async () => {
    await client.connect(never);
    await simulator.close();
    const [port] = [simulator.port];
    const log = captureLog();
    using other = aClient(simulator, { log, retry: { ...immediate, retries: 2 } });
    const error = await failureOf(other.createNote(id, "x", never));
    expect(error.message).toBe(
      `Could not log in with the API key: Resilient at 127.0.0.1:${port}: nothing listens there (connection refused)`,
    );
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(2);
  });
});

describe("no failure shows a secret", () => {
  const faults: readonly Fault[] = [
    { kind: "status", status: 400 },
    { kind: "status", status: 401, times: 9 },
    { kind: "status", status: 500, times: 9 },
    { kind: "status", status: 429, headers: { "retry-after": "999" } },
    { kind: "reset", times: 9 },
    { kind: "hang", times: 9 },
    { kind: "half-body", times: 9 },
    { kind: "not-json" },
  ];
  const paths = ["/session", "/incidents/"];
  const cases = faults.flatMap((fault) => paths.map((path) => ({ ...fault, path })));
  test.each(cases)("$kind $status on $path", async (fault) => {
    for (const credentials of [byAccount(simulator), undefined]) {
      const log = captureLog();
      using quick = aClient(simulator, { timeoutMs: 40, log, ...(credentials ? { credentials } : {}) });
      simulator.faults.add(fault);
      const shown = inspect([await failureOf(quick.getIncident(id, never)), log.lines], {
        depth: 20,
        showHidden: true,
      });
      simulator.faults.clear();
      expect(shown).not.toContain(simulator.apiKey.secret);
      expect(shown).not.toContain(simulator.account.password);
      expect(shown).not.toMatch(/Basic |Authorization|JSESSIONID=|AxiosError/);
    }
  });
});

describe("giving up and closing", () => {
  test("a caller's own signal ends its call with its own reason", async () => {
    simulator.faults.add({ kind: "hang", path: "/incidents/" });
    const caller = new AbortController();
    const call = client.getIncident(id, caller.signal);
    setTimeout(() => {
      caller.abort(new Error("the analyst went home"));
    }, 20);
    await expect(call).rejects.toThrow("the analyst went home");
    await expect(client.getIncident(id, caller.signal)).rejects.toThrow("the analyst went home");
    await expect(client.getIncident(id, AbortSignal.timeout(0))).rejects.toMatchObject({
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
    setTimeout(client.close, 20);
    for (const error of await Promise.all(calls)) expect(error.message).toMatch(/has been closed/);
    await expect(client.getIncident(id, never)).rejects.toThrow(/has been closed/);
  });

  test("something that is not HTTP is said to be so", async () => {
    const server = createServer((socket) => socket.end("220 mail ready\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    using lost = aClient(simulator, { baseUrl: `http://127.0.0.1:${port}` });
    await expect(lost.connect(never)).rejects.toThrow(/does not speak HTTP/);
    server.close();
  });
});
