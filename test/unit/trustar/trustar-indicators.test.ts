import type { NewSummary } from "../../support/trustar-simulator/start-trustar-simulator.js";
import { never } from "../../support/lookup-fixtures.js";
import { failureOf, openClient } from "../../support/trustar-client-fixture.js";

const many = (count: number): NewSummary[] =>
  Array.from({ length: count }, (_, at) => ({
    source: `Feed ${at}`,
    severityLevel: at % 4,
    reportId: `r${at}`,
  }));

it("tells what TruSTAR knows of the known values, and leaves the others out", async () => {
  await using parts = await openClient();
  const [metadata, ...rest] = await parts.indicators.metadata(["203.0.113.7", "198.51.100.200"], never());
  expect(metadata).toMatchObject({
    value: "203.0.113.7",
    indicatorType: "IP",
    priorityLevel: "NOT_FOUND",
    tags: ["phish", "botnet"],
  });
  expect(metadata?.sightings).toBeGreaterThan(0);
  expect(metadata?.firstSeenMs).toBeLessThan(metadata?.lastSeenMs ?? 0);
  expect(rest).toEqual([]);
});

it("collects the summaries of all pages", async () => {
  await using parts = await openClient();
  parts.simulator.addIndicator({ value: "198.51.100.50", summaries: many(230) });
  const summaries = await parts.indicators.summaries(["198.51.100.50", "203.0.113.7"], never());
  expect(new Set(summaries.map(({ reportId }) => reportId)).size).toBe(233);
  expect(
    parts.simulator
      .requests()
      .filter(({ endpoint }) => endpoint === "/indicators/summaries")
      .map(({ query }) => query["pageNumber"]),
  ).toEqual(["0", "1", "2"]);
});

it("collects the reports of all pages, and asks for values as TruSTAR separates them", async () => {
  await using parts = await openClient();
  const reports = await parts.indicators.correlatedReports(["203.0.113.7"], never());
  expect(reports.map(({ title }) => title)).toContain("EXAMPLEBOT phishing wave");
  for (const { id, updatedMs, timeBeganMs } of reports) {
    expect([id !== "", updatedMs !== undefined, timeBeganMs !== undefined]).toEqual([true, true, true]);
  }
  expect(parts.simulator.requests().at(-1)?.query).toMatchObject({
    indicators: "203.0.113.7",
    distributionType: "ENCLAVE",
  });
});

it("half the pages are no answer", async () => {
  await using parts = await openClient();
  parts.simulator.addIndicator({ value: "198.51.100.50", summaries: many(150) });
  parts.simulator.faults.add({ kind: "status", status: 503, endpoint: "/indicators/summaries", skip: 1 });
  const { error } = await failureOf(parts.indicators.summaries(["198.51.100.50"], never()));
  expect(error).toMatchObject({ code: "upstream_failed" });
});

it("a server that pages for ever is broken, and is left after a bounded number of calls", async () => {
  await using parts = await openClient();
  parts.simulator.faults.add({
    kind: "wrong-shape",
    endpoint: "/indicators/summaries",
    body: { items: [], hasNext: true },
  });
  const { error } = await failureOf(parts.indicators.summaries(["203.0.113.7"], never()));
  expect(error).toMatchObject({ code: "upstream_invalid_answer" });
  expect(parts.simulator.calls().byEndpoint["POST /indicators/summaries"]).toBeLessThanOrEqual(50);
});

it.each([
  [{ severityLevel: 3 }, 3],
  [{ severityLevel: 0 }, 0],
  [{ severityLevel: -1 }, undefined],
  [{ severityLevel: null }, undefined],
  [{}, undefined],
])("a summary with %j has the severity %p", async (more, severityLevel) => {
  await using parts = await openClient();
  const item = { value: "203.0.113.7", reportId: "r", source: { key: "k", name: "N" }, ...more };
  parts.simulator.faults.add({
    kind: "wrong-shape",
    endpoint: "/indicators/summaries",
    body: { items: [item], hasNext: false },
  });
  expect(await parts.indicators.summaries(["203.0.113.7"], never())).toMatchObject([
    { sourceName: "N", severityLevel },
  ]);
});

it("reads what the service leaves out, sends as null, or adds", async () => {
  await using parts = await openClient();
  const bare = { indicatorType: "IP", value: "203.0.113.7" };
  const nulls = {
    ...bare,
    priorityLevel: null,
    firstSeen: null,
    lastSeen: null,
    sightings: null,
    tags: null,
    surprise: [1],
  };
  const odd = { ...bare, priorityLevel: "CRITICAL" };
  parts.simulator.faults.add({
    kind: "wrong-shape",
    endpoint: "/indicators/metadata",
    body: [bare, nulls, odd],
  });
  for (const item of await parts.indicators.metadata(["203.0.113.7"], never())) {
    expect(item).toEqual({
      value: "203.0.113.7",
      indicatorType: "IP",
      priorityLevel: "NOT_FOUND",
      firstSeenMs: undefined,
      lastSeenMs: undefined,
      sightings: undefined,
      tags: [],
    });
  }
  const summary = {
    value: "203.0.113.7",
    reportId: "r",
    source: null,
    score: { name: "S", value: 7 },
    attributes: "?",
  };
  parts.simulator.faults.add({
    kind: "wrong-shape",
    endpoint: "/indicators/summaries",
    body: { items: [summary], hasNext: false },
  });
  expect(await parts.indicators.summaries(["203.0.113.7"], never())).toMatchObject([
    { sourceName: "unnamed source", score: { name: "S", value: "7" } },
  ]);
});

it("a live priorityLevel of an older server comes through", async () => {
  await using parts = await openClient();
  parts.simulator.addIndicator({ value: "198.51.100.50", priorityLevel: "HIGH" });
  expect(await parts.indicators.metadata(["198.51.100.50"], never())).toMatchObject([
    { priorityLevel: "HIGH" },
  ]);
});

it("values that need encoding arrive as they are", async () => {
  await using parts = await openClient();
  const odd = 'HKLM\\Software\\"\u00e4 & b? #+%20';
  await parts.indicators.metadata([odd], never());
  expect(JSON.parse(parts.simulator.requests().at(-1)!.body)).toEqual([{ value: odd }]);
  await failureOf(parts.indicators.correlatedReports([odd], never()));
  expect(parts.simulator.requests().at(-1)?.query).toMatchObject({ indicators: odd });
});

it("links lead to Station, whatever stands in an id or a value", async () => {
  await using parts = await openClient();
  const { indicators } = parts;
  expect(indicators.reportLink("../x?y#z")).toBe(
    "https://station.example/constellation/reports/..%2Fx%3Fy%23z",
  );
  const link = indicators.indicatorLink("URL", "http://evil.example/\u00e4?javascript:");
  expect(link).toMatch(/^https:\/\/station\.example\/constellation\/reports\/[\w+/=%-]+$/);
  expect(Buffer.from(link.split("/reports/")[1]!, "base64").toString()).toBe(
    "URL%7Chttp://evil.example/\u00e4?javascript:",
  );
});

it("pings and lists the enclaves with the account's rights on each", async () => {
  await using parts = await openClient();
  await parts.account.ping(never());
  const enclaves = await parts.account.enclaves(never());
  expect(enclaves).toContainEqual(
    expect.objectContaining({ name: "Acme private", read: true, create: true, update: true }),
  );
  expect(parts.observed).toEqual(["POST /oauth/token 200", "GET /ping 200", "GET /enclaves 200"]);
});
