import { NOON, startScene } from "../support/trustar-simulator/report-scene.js";

describe("a submission", () => {
  it("answers the bare id and is processed afterwards", async () => {
    await using scene = await startScene();
    const { simulator, client, own, report } = scene;
    const { text: id, headers } = await client.call("POST", "/reports", report({ timeBegan: NOON - 5 }));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("content-type")).toContain("text/plain");
    const status = async () => (await client.call("GET", `/reports/${id}/status`)).body;
    expect(await status()).toEqual({ id, status: "SUBMISSION_PROCESSING", errorMessage: "" });
    expect((await client.call("GET", `/reports/${id}`)).status).toBe(404);
    expect((await client.call("GET", `/reports/${id}/indicators`)).status).toBe(404);

    simulator.clock.advance(20);
    expect(await status()).toMatchObject({ status: "SUBMISSION_SUCCESS" });
    expect((await client.call("GET", "/reports/RESILIENT7?idType=external")).body).toEqual({
      id,
      created: NOON,
      updated: NOON,
      title: "Incident 7",
      distributionType: "ENCLAVE",
      enclaveIds: [own],
      timeBegan: NOON - 5,
      reportBody: "Seen 203.0.113.9 and bad.example.",
      externalTrackingId: "RESILIENT7",
    });
    expect((await client.call("GET", `/reports/${id}/indicators`)).body).toEqual({
      items: [
        { indicatorType: "IP", value: "203.0.113.9", weight: 1 },
        { indicatorType: "URL", value: "bad.example", weight: 1 },
      ],
      pageNumber: 0,
      pageSize: 100,
      totalElements: 2,
      hasNext: false,
    });
  });

  it.each([
    ["no title", { title: null }],
    ["a blank body", { reportBody: " " }],
    ["no enclave", { enclaveIds: [] }],
    ["two enclaves", { enclaveIds: ["a", "b"] }],
    ["a time without zone", { timeBegan: "2024-01-02T03:04:05" }],
    ["a long address", { externalUrl: `http://x.example/${"y".repeat(500)}` }],
  ])("with %s is refused", async (_what, changes) => {
    await using scene = await startScene();
    const { client, report } = scene;
    expect((await client.call("POST", "/reports", report(changes))).status).toBe(400);
  });

  it("needs the create right, and a tracking id that its enclave doesn't have yet", async () => {
    await using scene = await startScene();
    const { client, enclave, report } = scene;
    const post = async (changes: Record<string, unknown>) =>
      (await client.call("POST", "/reports", report(changes))).status;
    expect(await post({ enclaveIds: [enclave("Open feed")] })).toBe(403);
    expect(await post({})).toBe(200);
    expect(await post({})).toBe(400);
    expect(await post({ enclaveIds: [enclave("Acme incidents")] })).toBe(200);
  });

  it("with too many indicators or bytes is 413", async () => {
    await using scene = await startScene({ limits: { indicatorsPerReport: 2, reportBytes: 100 } });
    const { client, report } = scene;
    const many = await client.call(
      "POST",
      "/reports",
      report({ reportBody: "203.0.113.1 203.0.113.2 203.0.113.3" }),
    );
    expect(many.body).toMatchObject({ status: 413, error: "Payload Too Large", path: "/api/1.3/reports" });
    expect((await client.call("POST", "/reports", report({ reportBody: "x".repeat(101) }))).status).toBe(413);
  });

  it("may fail for good", async () => {
    await using scene = await startScene({ extractionFails: ({ title }) => title.includes("broken") });
    const { client, report, submit } = scene;
    const id = await submit(report({ title: "broken" }));
    expect((await client.call("GET", `/reports/${id}/status`)).body).toMatchObject({
      status: "SUBMISSION_FAILURE",
      errorMessage: expect.stringMatching(/./),
    });
  });
});

describe("extraction", () => {
  it("finds each type once, leaves private addresses out and calls domains URLs", async () => {
    await using scene = await startScene();
    const { client, report, submit } = scene;
    const reportBody = [
      "http://Evil.example/a.php?x=1, evil.example. EVIL.example 10.0.0.8 192.168.3.4 127.0.0.1",
      "198.51.100.4 198.51.100.4 198.51.100.0/24 Bad.Guy@mail.example emotet cve-2021-44228",
      `${"A1".repeat(16)} ${"b2".repeat(20)} ${"c3".repeat(32)} HKLM\\Software\\Evil`,
    ].join("\n");
    const id = await submit(report({ reportBody }));
    const { body } = await client.call("GET", `/reports/${id}/indicators`);
    const items = (body as { items: { indicatorType: string; value: string }[] }).items;
    expect(items.map(({ indicatorType, value }) => `${indicatorType} ${value}`).sort()).toEqual([
      "CIDR_BLOCK 198.51.100.0/24",
      "CVE CVE-2021-44228",
      "EMAIL_ADDRESS bad.guy@mail.example",
      "IP 198.51.100.4",
      "MALWARE EMOTET",
      `MD5 ${"a1".repeat(16)}`,
      "REGISTRY_KEY HKLM\\Software\\Evil",
      `SHA1 ${"b2".repeat(20)}`,
      `SHA256 ${"c3".repeat(32)}`,
      "URL evil.example",
      "URL http://Evil.example/a.php?x=1",
    ]);
  });

  it("shows whitelisted ones only when asked to", async () => {
    await using scene = await startScene();
    const { client, report, submit } = scene;
    const id = await submit(report());
    await client.call("POST", "/whitelist", ["bad.example"]);
    const items = async (query: string) =>
      ((await client.call("GET", `/reports/${id}/indicators${query}`)).body as { items: unknown[] }).items;
    expect(await items("")).toMatchObject([{ value: "203.0.113.9" }]);
    expect(await items("?applyWhitelist=False")).toMatchObject([
      { value: "203.0.113.9", whitelisted: false },
      { value: "bad.example", whitelisted: true },
    ]);
  });
});

describe("update and delete", () => {
  it("replace everything, wiping what was left out, and answer nothing", async () => {
    await using scene = await startScene();
    const { client, report, submit } = scene;
    const id = await submit(report({ externalUrl: "http://soar.example/7" }));
    const update = report({ title: "New", externalTrackingId: null, reportBody: "198.51.100.77" });
    const answer = await client.call("PUT", "/reports/RESILIENT7?idType=external", update);
    expect([answer.status, answer.text]).toEqual([200, ""]);
    const details = await client.call("GET", `/reports/${id}`);
    expect(details.body).toMatchObject({ title: "New", reportBody: "198.51.100.77" });
    expect(details.body).not.toHaveProperty("externalTrackingId");
    expect(details.body).not.toHaveProperty("externalUrl");
    expect((await client.call("PUT", `/reports/${id}`, { ...update, title: null })).status).toBe(400);
    expect((await client.call("PUT", `/reports/${id}?idType=INTERN`, update)).status).toBe(400);
  });

  it("need the update right", async () => {
    await using scene = await startScene();
    const { client, enclave, report, submit } = scene;
    const submissions = report({ enclaveIds: [enclave("Acme submissions")] });
    const id = await submit(submissions);
    expect((await client.call("PUT", `/reports/${id}`, submissions)).status).toBe(403);
    expect((await client.call("DELETE", `/reports/${id}`)).status).toBe(403);
  });

  it("delete once, then 404", async () => {
    await using scene = await startScene();
    const { client, report, submit } = scene;
    await submit(report());
    const statuses = [];
    for (const method of ["DELETE", "DELETE", "GET"]) {
      statuses.push((await client.call(method, "/reports/RESILIENT7?idType=external")).status);
    }
    expect(statuses).toEqual([200, 404, 404]);
  });

  it("upsert creates, overrides and appends", async () => {
    await using scene = await startScene();
    const { simulator, client, report } = scene;
    const upsert = (query: string, reportBody: string) =>
      client.call("POST", `/reports/upsert?idType=external${query}`, report({ reportBody }));
    const { text: id } = await upsert("", "one");
    await upsert("", "two");
    expect((await upsert("&mode=APPEND", "three")).text).toBe(id);
    expect(simulator.reports().filter((one) => one.id === id)).toMatchObject([{ reportBody: "two\nthree" }]);
  });
});
