import type { JsonValue } from "../../../src/core/artifact.js";
import { OwnLinks } from "../../../services/core/own-links.js";
import { indicatorHit, reportHits, summaryHits } from "../../../services/lookup/to-hits.js";
import { ownHitText } from "../../../services/actions/report/own-hit.js";
import { openBench } from "./world/bench.js";
import { typeIds } from "./world/fake-resilient.js";

const station = "https://station.example/constellation/reports";
const links = {
  reportLink: (id: string) => `${station}/${id}`,
  indicatorLink: (type: string, value: string) => `${station}/${btoa(`${type}%7C${value}`)}`,
};
const ours = [
  indicatorHit(
    {
      indicatorType: "IP",
      value: "45.9.148.1",
      priorityLevel: "NOT_FOUND",
      firstSeenMs: 1,
      lastSeenMs: 2,
      sightings: 3,
      tags: ["apt"],
    },
    "HIGH",
    links,
  ),
  ...summaryHits(
    [
      {
        sourceName: "Alien Provider",
        score: { name: "Risk", value: "88" },
        severityLevel: 3,
        description: "talks to drop.example",
        updatedMs: 1,
        reportId: "r-1",
      } as never,
    ],
    links,
  ),
  ...reportHits(
    [
      {
        id: "r-2",
        title: "Campaign of x",
        updatedMs: 1,
        timeBeganMs: 1,
        externalUrl: "https://blog.example/x",
      },
    ],
    links,
  ),
].map(({ props }) => props as unknown as JsonValue);

/** As the Python app 1.3.0 made them; 1.2.0 had the priority alone. */
const legacy: readonly JsonValue[] = [
  [
    { type: "string", name: "Intel Provider", value: "Alien Provider" },
    { type: "string", name: "Report Title", value: "Campaign of x" },
    { type: "string", name: "Risk", value: "88" },
  ],
  [
    { type: "string", name: "Title", value: "Campaign of x" },
    { type: "string", name: "Time Report Last Updated", value: "2020-01-01 00:00:00" },
    { type: "uri", name: "Link to TruSTAR Report", value: `${station}/r-3` },
  ],
  [{ type: "string", name: "Priority Level", value: "MEDIUM" }],
];
const asKeys = (properties: JsonValue): JsonValue =>
  Object.fromEntries(
    (properties as unknown as { name: string; value: JsonValue }[]).map(({ name, value }) => [name, value]),
  );

it("is reduced to its priority, in every form that Resilient may keep it in", () => {
  const priorities = ["Priority Level: HIGH", "", "", "", "", "Priority Level: MEDIUM"];
  const all = [...ours, ...legacy];
  expect(all.map(ownHitText)).toEqual(priorities);
  expect(all.map((hit) => ownHitText(asKeys(hit)))).toEqual(priorities);
  expect(all.map((hit) => ownHitText({ props: hit }))).toEqual(priorities);
  expect(ownHitText([{ name: "priority level ", value: "LOW" }])).toBe("Priority Level: LOW");
  expect(ownHitText({ "Priority Level": "HIGH http://drop.example" })).toBe("");
});

it("is told from those of other threat sources", () => {
  const others: JsonValue[] = [
    null,
    "x",
    3,
    [{ name: "Score", value: 3 }],
    { Title: "Campaign of x", Link: station },
  ];
  expect(others.map(ownHitText)).toEqual(others.map(() => undefined));
});

it("leaves nothing of what TruSTAR said in the report but the priority", async () => {
  const bench = await openBench();
  bench.resilient.addIncident(1, {
    name: `see ${station}/r-9`,
    description: `from ${station}/r-9, and https://api.example/api/1.3/reports/1`,
  });
  const hits = [...ours, ...legacy, [{ name: "Score", value: 7 }]].map((properties) => ({ properties }));
  bench.resilient.addArtifact(1, "45.9.148.1", { hits });
  bench.resilient.addArtifact(1, `${station}/SVAlN0MxLjIuMy40`, { typeId: typeIds.url });
  await bench.rule("CaseCreated", 1);
  const [report] = [...bench.alpha.stored.values()];
  expect(report?.title).toBe("Resilient Incident 1: see [link to TruSTAR]");
  expect(report?.body).toContain("Description: from [link to TruSTAR], and [link to TruSTAR]\n");
  expect(report?.body).toContain(
    "\tHits:\n\t\tHit 1: Priority Level: HIGH\n\t\tHit 2: Priority Level: MEDIUM\n\t\tHit 3: Score: 7\n\tCreated:",
  );
  expect(report?.body).not.toMatch(/station|api\.example|Provider|drop|Campaign|blog|Artifact 2/);
  expect(new OwnLinks(["https://station.example"]).areIn(report?.body ?? "")).toBe(false);
});

it.each([`${station}/x`, "hxxps://station[.]example/x", "station.example", `see ${station}/x`])(
  "%s is put on no whitelist and taken off none",
  async (value) => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const artifact = { object_type: 4, artifact: { id: 5, type: typeIds.url, value, description: null } };
    const inputs = { trustar_incident_id: 1, trustar_artifact_value: value, trustar_artifact_type: "URL" };
    const refusal = "Not sent to TruSTAR: the value is a link to TruSTAR itself, which is no indicator.";
    for (const rule of ["Whitelist in TruSTAR", "Undo Whitelist in TruSTAR"] as const) {
      expect(await bench.rule(rule, 1, artifact)).toEqual({ outcome: "failed", message: refusal });
    }
    for (const name of ["whitelist_in_trustar", "undo_whitelist_in_trustar"]) {
      expect(await bench.run(name, inputs)).toMatchObject({ results: { error: refusal } });
    }
    expect(bench.calls.total("alpha.")).toBe(0);
  },
);
