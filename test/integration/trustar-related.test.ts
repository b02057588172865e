import type { IndicatorRef } from "../../src/core/report.js";
import { never } from "../support/lookup-fixtures.js";
import { openReportDesk, type ReportDeskFixture } from "../support/report-desk.js";

const sample = { sampleData: false };
const ip = (value: string): IndicatorRef => ({ type: "IP", value });
const address = (block: number, i: number): string => `198.${block}.${i >> 8}.${i & 255}`;
const addresses = (block: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => address(block, i));

/** Puts values into one processed report, that is: relates them. */
async function relate(desk: ReportDeskFixture, values: readonly string[]): Promise<void> {
  await desk.reports.submit(
    desk.draft({ body: values.join(" "), externalId: `R${values.join().slice(0, 40)}` }),
    never(),
  );
  desk.simulator.clock.advance(20);
}

it("reads thousands page by page, and stops when it has enough", async () => {
  await using desk = await openReportDesk(sample);
  await relate(desk, ["203.0.113.9", ...addresses(20, 1_500)]);
  await relate(desk, ["203.0.113.9", ...addresses(21, 900)]);
  const all = await desk.reports.related([ip("203.0.113.9")], [], 10_000, never());
  expect(all.map(({ value }) => value).sort()).toEqual(
    [...addresses(20, 1_500), ...addresses(21, 900)].sort(),
  );
  expect(desk.called("GET /indicators/related")).toBe(3);
  desk.simulator.resetCalls();
  expect(await desk.reports.related([ip("203.0.113.9")], [], 1_200, never())).toHaveLength(1_200);
  expect(await desk.reports.related([ip("203.0.113.9")], [], 0, never())).toEqual([]);
  expect(desk.called("GET /indicators/related")).toBe(2);
});

it("asks in addresses that every proxy lets through, and never answers what was asked", async () => {
  await using desk = await openReportDesk({ ...sample, limits: { queryBytes: 1_900 } });
  const asked = addresses(22, 400);
  await relate(desk, [...asked, "203.0.113.50"]);
  await relate(desk, [asked[399] ?? "", "203.0.113.51"]);
  const found = await desk.reports.related(asked.map(ip), [desk.own], 100, never());
  expect(found.map(({ value }) => value).sort()).toEqual(["203.0.113.50", "203.0.113.51"]);
  expect(desk.called("GET /indicators/related")).toBeGreaterThan(3);
  for (const { path, query } of desk.simulator.requests()) {
    const search = new URLSearchParams(query as Record<string, string>).toString();
    expect(path.length + search.length).toBeLessThan(1_900);
  }
  const values = desk.simulator.calls().batchSizes["GET /indicators/related"] ?? [];
  expect(values.reduce((sum, size) => sum + size, 0)).toBe(400);
});

it("leaves room for values however many enclaves there are", async () => {
  await using desk = await openReportDesk(sample);
  await relate(desk, ["203.0.113.9", "203.0.113.50"]);
  const enclaves = [desk.own, ...Array.from({ length: 60 }, (_, i) => `${desk.own.slice(0, -2)}${10 + i}`)];
  expect(await desk.reports.related([ip("203.0.113.9")], enclaves, 5, never())).toEqual([ip("203.0.113.50")]);
});

it("keeps to the enclaves asked for", async () => {
  await using desk = await openReportDesk();
  await relate(desk, ["203.0.113.9", "203.0.113.50"]);
  const other = desk.simulator.enclaves.find(({ name }) => name === "Acme incidents")?.id ?? "";
  expect(await desk.reports.related([ip("203.0.113.9")], [other], 5, never())).toEqual([]);
  expect(await desk.reports.related([ip("203.0.113.9")], [other, desk.own], 5, never())).toHaveLength(1);
});

it("compares values in any case", async () => {
  await using desk = await openReportDesk(sample);
  const body = { items: [{ indicatorType: "URL", value: "BAD.example" }], hasNext: false };
  desk.simulator.faults.add({ kind: "wrong-shape", endpoint: "/indicators/related", body });
  expect(await desk.reports.related([{ type: "URL", value: "bad.example" }], [], 5, never())).toEqual([]);
});

it("never asks with a value that TruSTAR would split or that is too long", async () => {
  await using desk = await openReportDesk(sample);
  await relate(desk, ["203.0.113.9", "203.0.113.50"]);
  const odd = ["http://x.example/?a=1,203.0.113.9", `http://x.example/${"y".repeat(2_000)}`, " ", ""];
  const asked = odd.map((value) => ({ type: "URL", value }));
  expect(await desk.reports.related(asked, [], 5, never())).toEqual([]);
  expect(desk.called("GET /indicators/related")).toBe(0);
  expect(await desk.reports.related([...asked, ip("203.0.113.9")], [], 5, never())).toEqual([
    ip("203.0.113.50"),
  ]);
});

it("survives a fault between pages, and an upstream that pages for ever", async () => {
  await using desk = await openReportDesk(sample);
  await relate(desk, ["203.0.113.9", ...addresses(23, 1_500)]);
  desk.simulator.faults.add({ kind: "reset", endpoint: "/indicators/related", skip: 1, times: 1 });
  expect(await desk.reports.related([ip("203.0.113.9")], [], 5_000, never())).toHaveLength(1_500);
  const body = { items: [], hasNext: true };
  desk.simulator.faults.add({ kind: "wrong-shape", endpoint: "/indicators/related", body });
  await expect(desk.reports.related([ip("203.0.113.9")], [], 5, never())).rejects.toThrow(
    "more than 50 pages",
  );
});

it("neither asks about TruSTAR's own addresses nor finds them, and finds as many others as are wanted", async () => {
  await using desk = await openReportDesk(sample);
  const station = Array.from({ length: 20 }, (_, i) => `https://station.example/constellation/reports/r${i}`);
  await relate(desk, ["203.0.113.9", ...station, "203.0.113.50", "https://evil.example/x"]);
  const link: IndicatorRef = { type: "URL", value: station[0] ?? "" };
  const found = await desk.reports.related([ip("203.0.113.9"), link], [desk.own], 2, never());
  expect(found.map(({ value }) => value).sort()).toEqual(["203.0.113.50", "https://evil.example/x"]);
  const asked = desk.simulator.requests().filter(({ path }) => path.endsWith("/indicators/related"));
  expect(JSON.stringify(asked)).not.toContain("station.example");
  const id = await desk.reports.submit(desk.draft({ body: `45.9.148.1 ${station.join(" ")}` }), never());
  desk.simulator.clock.advance(20);
  expect((await desk.reports.indicatorsOf(id, never())).map(({ value }) => value)).toEqual(["45.9.148.1"]);
});
