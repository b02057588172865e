import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient, byAccount, captureLog, failureOf, immediate, never } from "../support/resilient-fixture.js";
import type { Fault } from "../support/resilient-simulator/faults.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
let id: number;

beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
  id = simulator.seedIncident().dto.id;
});

describe("nothing is created twice", () => {
  const lost: readonly (readonly [string, Fault, string])[] = [
    ["the answer is lost", { kind: "reset", when: "after" }, "upstream_unreachable"],
    ["the server fails", { kind: "status", status: 500 }, "upstream_failed"],
    ["the server is silent", { kind: "hang" }, "upstream_timeout"],
  ];
  test.each(lost)("when %s, and the caller hears of the doubt", async (_name, fault, code) => {
    using quick = aClient(simulator, { timeoutMs: 2_000 });
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
      `Could not log in with the API key: Resilient at 127.0.0.1:${port}: nothing listens at that address (ECONNREFUSED)`,
    );
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(2);
  });
});

test("what the server says of an artifact comes without its value: errors end in logs", async () => {
  const log = captureLog();
  using other = aClient(simulator, { log });
  const body = { success: false, message: "Can't store 45.9.148.1 now" };
  for (const status of [503, 429]) {
    const headers = { "retry-after": "0" };
    simulator.faults.add({
      kind: "status",
      status,
      method: "POST",
      path: "/artifacts",
      times: 9,
      body,
      headers,
    });
    const error = await failureOf(
      other.createArtifact(id, { typeId: 1, value: "45.9.148.1", description: "" }, never),
    );
    simulator.faults.clear();
    expect(error.message).toContain("Can't store [value] now");
  }
  const aboveDebug = log.lines.filter(({ level }) => level !== "debug");
  expect(aboveDebug.length).toBeGreaterThan(0);
  expect(JSON.stringify(aboveDebug)).not.toContain("45.9.148.1");
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
      // Short only where nothing else ends the wait: a time-out on a busy machine would use up the fault.
      const timeoutMs = fault.kind === "hang" ? 40 : 5_000;
      using quick = aClient(simulator, { timeoutMs, log, ...(credentials ? { credentials } : {}) });
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
