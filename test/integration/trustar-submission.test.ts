import { RateLimitedError } from "../../src/core/errors.js";
import { atOnce, never, until } from "../support/lookup-fixtures.js";
import { openReportDesk } from "../support/report-desk.js";

const sample = { sampleData: false };

it("stores a report in one enclave, with its time in ISO 8601 with an offset", async () => {
  await using desk = await openReportDesk(sample);
  const id = await desk.reports.submit(desk.draft(), never());
  expect(desk.simulator.reports()).toMatchObject([
    { id, externalTrackingId: "RESILIENT7", enclaveId: desk.own, timeBegan: Date.UTC(2024, 0, 2, 3, 4, 5) },
  ]);
  const body = JSON.parse(desk.simulator.requests().at(-1)?.body ?? "") as Record<string, unknown>;
  expect(body).toEqual({
    title: "Resilient Incident 7: Phish",
    reportBody: "Seen 203.0.113.9 and bad.example.",
    externalTrackingId: "RESILIENT7",
    timeBegan: "2024-01-02T03:04:05.000+00:00",
    enclaveIds: [desk.own],
  });
});

it("is not held up by the day's quota", async () => {
  await using desk = await openReportDesk({ ...sample, limits: { perDayPerCompany: 0 } });
  await expect(desk.reports.submit(desk.draft(), never())).resolves.toMatch(/^[\w-]{36}$/);
  await expect(desk.reports.find("RESILIENT7", never())).rejects.toThrow(RateLimitedError);
});

it("takes an id in quotes, too", async () => {
  await using desk = await openReportDesk(sample);
  desk.simulator.faults.add({ kind: "wrong-shape", endpoint: "/reports", body: "abc-1" });
  await expect(desk.reports.submit(desk.draft(), never())).resolves.toBe("abc-1");
});

describe("an answer that is lost", () => {
  it.each([
    { kind: "reset", stage: "after" },
    { kind: "hang", stage: "after" },
    { kind: "status", status: 500, stage: "after" },
    { kind: "status", status: 502, stage: "after" },
    { kind: "half-body" },
  ] as const)("by %o leaves exactly one report", async (fault) => {
    await using desk = await openReportDesk({ ...sample, timeoutMs: 2_000 });
    desk.simulator.faults.add({ ...fault, endpoint: "/reports", times: 1 });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(desk.simulator.reports().map((report) => report.id)).toEqual([id]);
    expect(desk.called("POST /reports")).toBe(1);
  });

  it("is found although the report needs some seconds to appear", async () => {
    await using desk = await openReportDesk({ ...sample, extractionDelayMs: 6_000 });
    desk.simulator.faults.add({ kind: "reset", stage: "after", endpoint: "/reports", times: 1 });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(desk.simulator.reports().map((report) => report.id)).toEqual([id]);
    expect([desk.called("POST /reports"), desk.called("GET /reports/{id}")]).toEqual([1, 4]);
  });

  it("does not make a second report when it needs longer than we look: TruSTAR refuses that one", async () => {
    await using desk = await openReportDesk({ ...sample, extractionDelayMs: 20_000 });
    desk.simulator.faults.add({ kind: "reset", stage: "after", endpoint: "/reports", times: 1 });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(desk.simulator.reports().map((report) => report.id)).toEqual([id]);
    expect(desk.called("POST /reports")).toBe(2);
  });

  it("several times over, of every call, leaves exactly one report", async () => {
    await using desk = await openReportDesk(sample);
    desk.simulator.faults.add({ kind: "reset", stage: "after", endpoint: "/reports", times: 3 });
    desk.simulator.faults.add({ kind: "status", status: 503, endpoint: "/reports/{id}", times: 3 });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(desk.simulator.reports().map((report) => report.id)).toEqual([id]);
  });
});

it.each([
  { kind: "reset", stage: "before" },
  { kind: "status", status: 503 },
  { kind: "wrong-shape" },
  { kind: "expired-token" },
] as const)("a submission that did not arrive (%o) is made again", async (fault) => {
  await using desk = await openReportDesk(sample);
  desk.simulator.faults.add({ ...fault, endpoint: "/reports", times: 1 });
  const id = await desk.reports.submit(desk.draft(), never());
  expect(desk.simulator.reports().map((report) => report.id)).toEqual([id]);
  expect(desk.called("POST /reports")).toBe(2);
});

it("waits out a rate limit without looking for a report", async () => {
  await using desk = await openReportDesk(sample);
  desk.simulator.faults.add({ kind: "rate-limit", waitTimeMs: 50, endpoint: "/reports", times: 1 });
  await desk.reports.submit(desk.draft(), never());
  expect([desk.called("POST /reports"), desk.called("GET /reports/{id}")]).toEqual([2, 0]);
});

it("does not wait for a rate limit that outlasts its patience", async () => {
  await using desk = await openReportDesk(sample);
  desk.simulator.faults.add({ kind: "rate-limit", waitTimeMs: 3_600_000 });
  await expect(desk.reports.submit(desk.draft(), never())).rejects.toThrow(RateLimitedError);
  expect(desk.called("POST /oauth/token")).toBe(1);
});

it("takes over a report that is there already, from before a crash", async () => {
  await using desk = await openReportDesk({ ...sample, extractionDelayMs: 3_000 });
  const id = await desk.reports.submit(desk.draft({ body: "first 203.0.113.9" }), never());
  await expect(desk.reports.submit(desk.draft({ body: "second" }), never())).resolves.toBe(id);
  expect(desk.simulator.reports()).toMatchObject([{ id, reportBody: "second" }]);
  await desk.reports.submit(desk.draft({ body: "second" }), never());
  expect(desk.called("PUT /reports/{id}")).toBe(1);
});

it.each([
  ["indicators", { indicatorsPerReport: 1 }],
  ["bytes", { reportBytes: 10 }],
])("too many %s are refused for good", async (_what, limits) => {
  await using desk = await openReportDesk({ ...sample, limits });
  await expect(desk.reports.submit(desk.draft(), never())).rejects.toMatchObject({
    code: "upstream_too_large",
    retryable: false,
  });
  expect(desk.called("POST /reports")).toBe(1);
});

it("an enclave without rights, and a request that TruSTAR does not take, are refused for good", async () => {
  await using desk = await openReportDesk();
  const feed = desk.simulator.enclaves.find(({ name }) => name === "Open feed")?.id ?? "";
  await expect(desk.reports.submit(desk.draft({ enclaveId: feed }), never())).rejects.toMatchObject({
    code: "upstream_forbidden",
  });
  await expect(desk.reports.submit(desk.draft({ body: " " }), never())).rejects.toMatchObject({
    code: "upstream_rejected",
  });
  expect(desk.called("POST /reports")).toBe(2);
});

it("gives up when its patience is over, with the last failure", async () => {
  await using desk = await openReportDesk({
    ...sample,
    patienceMs: 2_000,
    retry: { ...atOnce, minTimeout: 200, maxTimeout: 200 },
  });
  desk.simulator.faults.add({ kind: "status", status: 503, endpoint: "/reports" });
  await expect(desk.reports.submit(desk.draft(), never())).rejects.toMatchObject({
    code: "upstream_failed",
    status: 503,
  });
});

it("stops with the caller's own reason", async () => {
  await using desk = await openReportDesk(sample);
  desk.simulator.faults.add({ kind: "hang", endpoint: "/reports" });
  const controller = new AbortController();
  const submitted = desk.reports.submit(desk.draft(), controller.signal);
  await until(() => desk.simulator.calls().inFlight === 1, "the call that hangs");
  controller.abort(new Error("shutting down"));
  await expect(submitted).rejects.toThrow("shutting down");
});
