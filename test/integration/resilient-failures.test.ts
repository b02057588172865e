import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { RateLimitedError } from "../../src/core/errors.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient, failureOf, immediate, never } from "../support/resilient-fixture.js";
import type { Fault } from "../support/resilient-simulator/faults.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
let id: number;

beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
  id = simulator.seedIncident().dto.id;
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
    using quick = aClient(simulator, { timeoutMs: 2_000 });
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
    using quick = aClient(simulator, { timeoutMs: 1_000, retry: { ...immediate, retries: 1 } });
    simulator.faults.add({ kind: "hang", path: "/incidents/", times: 100 });
    const error = await failureOf(quick.getIncident(id, never));
    expect(error).toMatchObject({ code: "upstream_timeout", retryable: true });
    expect(error.message).toMatch(/did not answer within 1 s: read incident/);
  });

  test("what is not JSON, and what is too long, is not asked for again", async () => {
    simulator.faults.add({ kind: "not-json", path: "/incidents/" });
    await expect(client.getIncident(id, never)).rejects.toMatchObject({ code: "upstream_invalid_answer" });
    using small = aClient(simulator, { maxAnswerBytes: 1_000 });
    await expect(small.getIncident(id, never)).rejects.toMatchObject({
      code: "upstream_too_large",
      message: expect.stringContaining("more than we accept (1000 bytes)"),
    });
    using crumbs = aClient(simulator, { maxParts: 60 });
    await expect(crumbs.getIncident(id, never)).rejects.toMatchObject({
      code: "upstream_too_large",
      message: expect.stringContaining("more than 60 parts when asked to read incident"),
    });
    expect(simulator.calls.count("GET", "/incidents/:id")).toBe(3);
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
