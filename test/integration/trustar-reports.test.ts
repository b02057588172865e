import { inspect } from "node:util";
import { never } from "../support/lookup-fixtures.js";
import { openReportDesk } from "../support/report-desk.js";

const sample = { sampleData: false };

describe("a report that is there", () => {
  it("is found by its external id, and only then", async () => {
    await using desk = await openReportDesk(sample);
    expect(await desk.reports.find("RESILIENT7", never())).toBeUndefined();
    const id = await desk.reports.submit(desk.draft(), never());
    desk.simulator.clock.advance(20);
    expect(await desk.reports.find("RESILIENT7", never())).toMatchObject({
      id,
      title: "Resilient Incident 7: Phish",
      body: "Seen 203.0.113.9 and bad.example.",
      externalId: "RESILIENT7",
      externalUrl: undefined,
      enclaveIds: [desk.own],
      timeBegan: Date.UTC(2024, 0, 2, 3, 4, 5),
    });
  });

  it.each(["RESILIENT7", "a/b ü"])(
    "is none when the 404 for %s says nothing, and a proxy's page is an error",
    async (id) => {
      await using desk = await openReportDesk(sample);
      const fault = { kind: "status", status: 404, endpoint: "/reports/{id}", times: 1 } as const;
      desk.simulator.faults.add({ ...fault, message: "" });
      expect(await desk.reports.find(id, never())).toBeUndefined();
      desk.simulator.faults.add({ ...fault, format: "html" });
      await expect(desk.reports.find(id, never())).rejects.toMatchObject({ code: "upstream_wrong_address" });
      desk.simulator.faults.add({ ...fault, message: "No message available" });
      await expect(desk.reports.find(id, never())).rejects.toMatchObject({ code: "upstream_wrong_address" });
    },
  );

  it("may be told of in the form of the documents' sample", async () => {
    await using desk = await openReportDesk(sample);
    const body = {
      id: "r-1",
      externalId: "RESILIENT8",
      enclaveIds: "e-1",
      timeBegan: "2024-01-02T03:04:05Z",
    };
    desk.simulator.faults.add({ kind: "wrong-shape", endpoint: "/reports/{id}", body });
    expect(await desk.reports.find("RESILIENT8", never())).toEqual({
      id: "r-1",
      title: "",
      body: "",
      externalId: "RESILIENT8",
      externalUrl: undefined,
      enclaveIds: ["e-1"],
      createdMs: undefined,
      updatedMs: undefined,
      timeBegan: "2024-01-02T03:04:05Z",
    });
  });

  it("is updated without losing what we do not send, whatever is lost on the way", async () => {
    await using desk = await openReportDesk({ ...sample, timeoutMs: 2_000 });
    await desk.reports.submit(desk.draft(), never());
    desk.simulator.clock.advance(20);
    const found = (await desk.reports.find("RESILIENT7", never()))!;
    const report = { ...found, externalUrl: "https://soar.example/7" };
    await desk.reports.update(report, desk.draft({ body: "new 203.0.113.10" }), never());
    desk.simulator.faults.add(
      { kind: "reset", stage: "after", method: "PUT", times: 1 },
      { kind: "status", status: 502, stage: "after", method: "PUT", times: 1 },
      { kind: "hang", method: "PUT", times: 1 },
      { kind: "expired-token", method: "PUT", times: 1 },
    );
    await desk.reports.update(report, desk.draft({ body: "newer", timeBeganMs: 1 }), never());
    expect(desk.simulator.reports()).toMatchObject([
      {
        id: found.id,
        externalTrackingId: "RESILIENT7",
        externalUrl: "https://soar.example/7",
        reportBody: "newer",
        timeBegan: Date.UTC(2024, 0, 2, 3, 4, 5),
      },
    ]);
  });

  it("with too many indicators can't be updated", async () => {
    await using desk = await openReportDesk({ ...sample, limits: { indicatorsPerReport: 2 } });
    await desk.reports.submit(desk.draft(), never());
    desk.simulator.clock.advance(20);
    const report = (await desk.reports.find("RESILIENT7", never()))!;
    const draft = desk.draft({ body: "203.0.113.1 203.0.113.2 203.0.113.3" });
    await expect(desk.reports.update(report, draft, never())).rejects.toMatchObject({
      code: "upstream_too_large",
    });
  });

  it("is removed once; a second time, or with a lost answer, is no error", async () => {
    await using desk = await openReportDesk(sample);
    const id = await desk.reports.submit(desk.draft(), never());
    desk.simulator.faults.add({ kind: "reset", stage: "after", method: "DELETE", times: 1 });
    await desk.reports.remove(id, never());
    await desk.reports.remove(id, never());
    expect(desk.simulator.reports()).toEqual([]);
    expect(desk.called("DELETE /reports/{id}")).toBe(3);
  });

  it("is tagged, also when it is not there yet", async () => {
    await using desk = await openReportDesk(sample);
    const id = await desk.reports.submit(desk.draft(), never());
    desk.simulator.faults.add({
      kind: "status",
      status: 404,
      endpoint: "/reports/{id}/alter-tags",
      times: 1,
    });
    await desk.reports.tag(id, ["resilient", "SOC"], never());
    await desk.reports.tag(id, ["resilient"], never());
    await desk.reports.tag(id, [], never());
    expect(desk.simulator.reports()).toMatchObject([{ tags: ["resilient", "soc"] }]);
    expect(desk.called("POST /reports/{id}/alter-tags")).toBe(3);
  });
});

describe("processing", () => {
  it("is waited for", async () => {
    await using desk = await openReportDesk({ ...sample, extractionDelayMs: 8_000 });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(await desk.reports.indicatorsOf(id, never())).toEqual([]);
    expect(await desk.reports.waitUntilProcessed(id, never())).toBe("done");
    expect(desk.called("GET /reports/{id}/status")).toBe(4);
    expect(await desk.reports.indicatorsOf(id, never())).toEqual([
      { type: "IP", value: "203.0.113.9" },
      { type: "URL", value: "bad.example" },
    ]);
  });

  it("may fail", async () => {
    await using desk = await openReportDesk({ ...sample, extractionFails: () => true });
    const id = await desk.reports.submit(desk.draft(), never());
    expect(await desk.reports.waitUntilProcessed(id, never())).toBe("failed");
    expect(await desk.reports.indicatorsOf(id, never())).toEqual([]);
  });

  it("is waited for half a minute and no longer, with UNKNOWN and 404 as with PROCESSING", async () => {
    await using desk = await openReportDesk({ ...sample, extractionDelayMs: 60_000 });
    const id = await desk.reports.submit(desk.draft(), never());
    const endpoint = "/reports/{id}/status";
    desk.simulator.faults.add(
      { kind: "status", status: 404, endpoint, times: 2 },
      { kind: "wrong-shape", body: { id, status: "UNKNOWN" }, endpoint, times: 2 },
    );
    expect(await desk.reports.waitUntilProcessed(id, never())).toBe("processing");
    expect(desk.pauses.reduce((sum, ms) => sum + ms, 0)).toBe(30_000);
    expect(await desk.reports.waitUntilProcessed("no-such-report", never())).toBe("unknown");
  });

  it("of a large report gives its indicators page by page", async () => {
    await using desk = await openReportDesk(sample);
    const addresses = Array.from({ length: 1_800 }, (_, i) => `198.${20 + (i >> 8)}.7.${i % 256}`);
    const id = await desk.reports.submit(desk.draft({ body: addresses.join(" ") }), never());
    desk.simulator.clock.advance(20);
    const found = await desk.reports.indicatorsOf(id, never());
    expect(found.map(({ value }) => value).sort()).toEqual([...addresses].sort());
    expect(desk.called("GET /reports/{id}/indicators")).toBe(2);
  });
});

describe("the whitelist", () => {
  it("tells what was recognised, and lets go again", async () => {
    await using desk = await openReportDesk(sample);
    const listed = await desk.reports.whitelist(["203.0.113.9", "bad.example", "no indicator"], never());
    expect(listed).toEqual([
      { type: "IP", value: "203.0.113.9" },
      { type: "URL", value: "bad.example" },
    ]);
    await desk.reports.removeFromWhitelist({ type: "URL", value: "bad.example" }, never());
    await desk.reports.removeFromWhitelist({ type: "URL", value: "bad.example" }, never());
    expect(desk.simulator.whitelist()).toEqual([{ type: "IP", value: "203.0.113.9" }]);
  });
});

it("redacts, and refuses an answer that is not the whole report", async () => {
  await using desk = await openReportDesk(sample);
  const redact = () => desk.reports.redact("Jane Doe wrote", "to Acme Corp", never());
  expect(await redact()).toEqual({ title: "<person> wrote", body: "to <company>" });
  expect(desk.simulator.reports()).toEqual([]);
  await using impatient = await openReportDesk({ ...sample, patienceMs: 200 });
  impatient.simulator.faults.add({
    kind: "wrong-shape",
    endpoint: "/redaction/report",
    body: { title: "x" },
  });
  await expect(impatient.reports.redact("a", "b", never())).rejects.toMatchObject({
    code: "upstream_invalid_answer",
  });
});

it("finds the priority by the rule of the threat source, within the enclaves asked", async () => {
  await using desk = await openReportDesk(sample);
  const feed = desk.simulator.enclaves.find(({ name }) => name === "Open feed")?.id ?? "";
  desk.simulator.addIndicator({ value: "203.0.113.9", severityLevel: 2, enclaveIds: [feed] });
  desk.simulator.addIndicator({ value: "203.0.113.10", severityLevel: 0, enclaveIds: [feed] });
  desk.simulator.addIndicator({ value: "203.0.113.11", severityLevel: 1, priorityLevel: "HIGH" });
  const priority = (value: string, enclaveIds: readonly string[] = []) =>
    desk.reports.priorityOf(value, enclaveIds, never());
  expect(await priority("203.0.113.9")).toBe("MEDIUM");
  expect(await priority("203.0.113.9", [feed])).toBe("MEDIUM");
  expect(await priority("203.0.113.9", [desk.own])).toBe("NOT_FOUND");
  expect(await priority("203.0.113.10")).toBe("NOT_FOUND");
  expect(await priority("203.0.113.11")).toBe("HIGH");
  expect(await priority("203.0.113.12")).toBe("NOT_FOUND");
});

it("makes the links of the legacy app", async () => {
  await using desk = await openReportDesk(sample);
  expect(desk.reports.reportLink("r/1")).toBe("https://station.example/constellation/reports/r%2F1");
  const key = Buffer.from("IP%7C203.0.113.9").toString("base64");
  expect(desk.reports.indicatorLink({ type: "IP", value: "203.0.113.9" })).toBe(
    `https://station.example/constellation/reports/${key}`,
  );
});

it("keeps values, titles and secrets out of errors", async () => {
  await using desk = await openReportDesk({ ...sample, patienceMs: 2_000 });
  const { key, secret } = desk.simulator.credentials;
  const shown: string[] = [];
  const fails = async (work: Promise<unknown>): Promise<void> => {
    shown.push(inspect(await work.catch((error: unknown) => error), { depth: 10 }));
  };
  const indicator = { type: "URL", value: "evil.example" };
  await desk.reports.find("x", never());
  desk.simulator.faults.add({ kind: "status", status: 400, message: "not liked: evil.example", times: 3 });
  await fails(desk.reports.whitelist(["evil.example"], never()));
  await fails(desk.reports.removeFromWhitelist(indicator, never()));
  await fails(desk.reports.related([indicator], [], 10, never()));
  desk.simulator.faults.add({
    kind: "status",
    status: 403,
    message: "not liked: Resilient Incident 7: Phish",
    times: 1,
  });
  await fails(desk.reports.submit(desk.draft(), never()));
  desk.simulator.faults.clear();
  desk.simulator.faults.add({ kind: "reset" });
  await fails(desk.reports.related([indicator], [], 10, never()));
  await fails(desk.reports.submit(desk.draft({ body: "evil.example" }), never()));
  expect(shown).toHaveLength(6);
  expect(shown.join("\n")).toContain("not liked: [value]");
  for (const hidden of [key, secret, "Bearer", "Basic", "Phish", "evil.example\n"]) {
    expect(shown.join("\n")).not.toContain(hidden);
  }
});
