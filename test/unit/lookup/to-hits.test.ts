import { fc } from "../../support/fast-check.js";
import { indicatorHit, reportHits, summaryHits } from "../../../services/lookup/to-hits.js";
import type { Hit, HitProperty } from "../../../src/core/hit.js";
import { createMemorySource, metadataOf, reportOf, summaryOf } from "../../support/lookup-fixtures.js";

const links = createMemorySource();

function lines(hit: Hit | undefined): Readonly<Record<string, HitProperty["value"]>> {
  return Object.fromEntries((hit?.props ?? []).map(({ name, value }) => [name, value]));
}

describe("the hit of an indicator", () => {
  it("says what TruSTAR knows, in an analyst's words", () => {
    const metadata = metadataOf("203.0.113.7", {
      lastSeenMs: Date.UTC(2024, 0, 1),
      tags: ["phish", "botnet"],
    });
    expect(lines(indicatorHit(metadata, "HIGH", links))).toEqual({
      "Priority Level": "HIGH",
      Indicator: "203.0.113.7",
      "Indicator Type": "IP",
      "First Seen": "2023-01-02 03:04:05 UTC",
      "Last Seen": "2024-01-01 00:00:00 UTC",
      Sightings: 3,
      Tags: "phish, botnet",
      "Link to TruSTAR": "https://station.example/IP/203.0.113.7",
    });
  });

  it("leaves out what is not known instead of showing it empty", () => {
    const bare = metadataOf("x", { firstSeenMs: undefined, sightings: undefined });
    expect(Object.keys(lines(indicatorHit(bare, "LOW", links)))).toEqual([
      "Priority Level",
      "Indicator",
      "Indicator Type",
      "Link to TruSTAR",
    ]);
  });

  it("shows no sightings as 0, which is something TruSTAR said", () => {
    expect(lines(indicatorHit(metadataOf("x", { sightings: 0 }), "LOW", links))["Sightings"]).toBe(0);
  });

  it.each([Number.NaN, Infinity, 9e15, -9e15])("survives the impossible time %d", (firstSeenMs) => {
    expect(lines(indicatorHit(metadataOf("x", { firstSeenMs }), "LOW", links))).not.toHaveProperty(
      "First Seen",
    );
  });
});

describe("the hits of summaries", () => {
  it("come gravest first, those without a severity last", () => {
    const levels = [undefined, 1, 3, 0, 2].map((level) => summaryOf("x", level));
    expect(summaryHits(levels, links).map((hit) => lines(hit)["Severity"])).toEqual([
      "HIGH",
      "MEDIUM",
      "LOW",
      "benign",
      "unknown",
    ]);
  });

  it("name the provider, its score and its report", () => {
    const summary = summaryOf("x", 2, {
      reportId: "r1",
      score: { name: "Scans", value: "7/90" },
      description: "Bad.",
    });
    expect(lines(summaryHits([summary], links)[0])).toEqual({
      "Intel Provider": "Example Feed",
      Score: "7/90 (Scans)",
      Severity: "MEDIUM",
      Description: "Bad.",
      "Link to TruSTAR Report": "https://station.example/reports/r1",
    });
  });

  it("are no more than an analyst reads, and the gravest are among them", () => {
    const many = [...Array.from({ length: 200 }, () => summaryOf("x", 1)), summaryOf("x", 3)];
    const hits = summaryHits(many, links);
    expect(hits).toHaveLength(25);
    expect(lines(hits[0])["Severity"]).toBe("HIGH");
  });

  it("cut a description that is a book", () => {
    const [hit] = summaryHits([summaryOf("x", 1, { description: "\u{1F600}x".repeat(10_000) })], links);
    expect(String(lines(hit)["Description"]).length).toBeLessThanOrEqual(1_000);
  });
});

describe("the hits of reports", () => {
  it("link a web address and show anything else as text", () => {
    const linkOf = (externalUrl: string) =>
      reportHits([reportOf("r", { externalUrl })], links)[0]?.props.find(
        ({ name }) => name === "Link to Source Report",
      );
    expect(linkOf("https://blog.example/x")).toMatchObject({ type: "uri" });
    expect(linkOf("HTTP://blog.example/x")).toMatchObject({ type: "uri" });
    for (const hostile of [
      "javascript:alert(1)",
      "data:text/html,x",
      "//blog.example",
      " https://blog.example",
      "file:///x",
    ]) {
      expect(linkOf(hostile)).toMatchObject({ type: "string", value: hostile });
    }
    expect(linkOf("")).toBeUndefined();
  });
});

it("the names within a hit are unique whatever the sources say", () => {
  const text = fc.option(fc.string(), { nil: undefined });
  const summary = fc
    .record({
      description: text,
      sourceName: fc.string(),
      reportId: fc.string(),
      updatedMs: fc.option(fc.double(), { nil: undefined }),
    })
    .map((more) => summaryOf("x", 1, more));
  const report = fc.record({ title: fc.string(), externalUrl: text }).map((more) => reportOf("r", more));
  fc.assert(
    fc.property(fc.array(summary), fc.array(report), (summaries, reports) => {
      for (const { props } of [...summaryHits(summaries, links), ...reportHits(reports, links)]) {
        const names = props.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(props.length).toBeGreaterThan(0);
      }
    }),
  );
});
