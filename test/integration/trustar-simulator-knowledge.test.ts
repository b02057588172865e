import { NOON, startScene } from "../support/trustar-simulator/report-scene.js";

describe("correlation", () => {
  it("fails as a whole on URLs, domains and unknown values", async () => {
    await using scene = await startScene();
    const { client } = scene;
    const correlated = (value: string) =>
      client.call("GET", `/reports/correlated?indicators=203.0.113.7,${value}`);
    expect((await correlated("evil.example")).status).toBe(400);
    expect((await correlated("198.51.100.250")).status).toBe(400);
    const { body } = await correlated("198.51.100.23");
    expect(
      (body as { items: { title: string; reportBody: string }[] }).items.map(({ title }) => title),
    ).toEqual([
      "EXAMPLEBOT phishing wave",
      "Acme: suspicious login",
      "Infrastructure of EXAMPLE SPIDER",
      "Old botnet take-down",
    ]);
    expect((body as { items: { reportBody: string }[] }).items[0]!.reportBody).toContain("203.0.113.7");
  });

  it("related: found together in the last 90 days, the queried value included, whitelisted ones not", async () => {
    await using scene = await startScene();
    const { client, own } = scene;
    const related = async (query: string) => {
      const { body } = await client.call("GET", `/indicators/related?indicators=${query}`);
      return (body as { items: { value: string }[] }).items.map(({ value }) => value).sort();
    };
    expect(await related(`198.51.100.23&enclaveIds=${own}`)).toEqual(["198.51.100.23", "scan.example"]);
    expect(await related("203.0.113.7")).not.toContain("old.example");
    await client.call("POST", "/whitelist", ["scan.example"]);
    expect(await related(`198.51.100.23&enclaveIds=${own}`)).toEqual(["198.51.100.23"]);
  });

  it("a processed report makes its indicators known in its enclave", async () => {
    await using scene = await startScene();
    const { simulator, client, own, report } = scene;
    const known = async () =>
      (await client.call("POST", `/indicators/metadata?enclaveIds=${own}`, [{ value: "203.0.113.9" }])).body;
    await client.call("POST", "/reports", report());
    expect(await known()).toEqual([]);
    simulator.clock.advance(20);
    expect(await known()).toMatchObject([{ sightings: 1, firstSeen: NOON, enclaveIds: [own] }]);
  });
});

describe("lists of reports", () => {
  it("search by term, tags and time, newest update first, without bodies", async () => {
    await using scene = await startScene();
    const { client } = scene;
    const search = async (query: string, searchTerm: string | null = null) => {
      const { body } = await client.call("POST", `/reports/search?${query}`, { searchTerm });
      return (body as { items: { title: string; reportBody: unknown }[] }).items;
    };
    const day = await search("");
    expect(day.map(({ title }) => title)).toEqual([
      "EXAMPLEBOT phishing wave",
      "Acme: suspicious login",
      "Infrastructure of EXAMPLE SPIDER",
    ]);
    expect(day.every(({ reportBody }) => reportBody === null)).toBe(true);
    expect(await search("", "botnet")).toEqual([]);
    expect(await search(`from=${NOON - 200 * 86_400_000}`, "botnet")).toHaveLength(1);
    expect(await search("tags=phish,examplebot&excludedTags=apt")).toHaveLength(1);
    expect((await client.call("GET", "/reports/search?searchTerm=ab")).status).toBe(400);
  });
});

describe("tags", () => {
  it("are altered by name, lower-cased and idempotent", async () => {
    await using scene = await startScene();
    const { client, own, report, submit } = scene;
    const id = await submit(report());
    const alter = (addedTags: unknown[], removedTags: unknown[] = []) =>
      client.call("POST", `/reports/${id}/alter-tags`, { addedTags, removedTags });
    expect((await alter([{ name: "Resilient" }, { name: "x" }])).body).toEqual({ id });
    await alter([{ name: "resilient" }], [{ name: "x" }, { name: "never-there" }]);
    expect((await client.call("GET", `/reports/${id}/tags`)).body).toEqual([
      { guid: "resilient", name: "resilient", enclaveId: own },
    ]);
    expect((await alter([{ name: "a".repeat(91) }])).status).toBe(400);
    expect((await alter([{ name: "two words" }])).status).toBe(400);
    const old = await client.call("POST", `/reports/RESILIENT7/tags?idType=external&name=Old&enclaveId=any`);
    expect(old.text).toBe("old");
  });

  it("of indicators belong to an enclave and have ids", async () => {
    await using scene = await startScene();
    const { client, own, enclave } = scene;
    const tag = { name: "Mine", enclaveId: own };
    const added = await client.call("POST", "/indicators/tags", { value: "203.0.113.7", tag });
    expect(added.body).toEqual({ guid: expect.any(String), name: "mine", enclaveId: own });
    const tagsIn = async (...ids: string[]) =>
      (await client.call("GET", `/indicators/tags?enclaveIds=${ids.join(",")}`)).body;
    // The indicator itself was seen in other enclaves only.
    expect(await tagsIn(own)).toEqual([added.body]);
    const inFeed = await tagsIn(enclave("Open feed"));
    expect(inFeed).toContainEqual(expect.objectContaining({ name: "phish" }));
    expect(inFeed).not.toContainEqual(added.body);
    expect(await tagsIn(own, enclave("Open feed"))).toEqual(
      expect.arrayContaining([added.body, ...(inFeed as object[])]),
    );
    expect((await client.call("GET", "/indicators/tags")).body).toContainEqual(added.body);
    const { guid } = added.body as { guid: string };
    const removed = await client.call("DELETE", `/indicators/tags/${guid}?value=203.0.113.7`);
    expect(removed.status).toBe(200);
    expect(await tagsIn(own)).toEqual([]);
  });
});

describe("sharing", () => {
  it("copy makes a new report, move keeps the id; tags go along", async () => {
    await using scene = await startScene();
    const { simulator, client, enclave, report, submit } = scene;
    const id = await submit(report());
    await client.call("POST", `/reports/${id}/alter-tags`, { addedTags: [{ name: "t" }] });
    const to = enclave("Acme incidents");
    const copied = await client.call("POST", `/reports/copy/${id}?destEnclaveId=${to}`, null);
    expect(copied.body).toEqual({ id: expect.not.stringMatching(id), submissionVersion: 1 });
    const move = (to: string) => client.call("POST", `/reports/move/${id}?destEnclaveId=${to}`);
    // The copy there has the same tracking id.
    expect((await move(to)).status).toBe(400);
    const moved = await move(enclave("Acme submissions"));
    expect(moved.body).toEqual({ id, submissionVersion: 2 });
    const tagged = simulator.reports().filter(({ tags }) => tags.includes("t"));
    expect(tagged.map(({ enclaveId }) => enclaveId).sort()).toEqual([to, enclave("Acme submissions")].sort());
  });

  it("redaction answers the text without the library's terms and stores nothing", async () => {
    await using scene = await startScene({ redactions: { Doe: "<person>" }, sampleData: false });
    const { simulator, client } = scene;
    const { body } = await client.call("POST", "/redaction/report", { title: "Doe", reportBody: "Mr Doe" });
    expect(body).toEqual({ title: "<person>", reportBody: "Mr <person>" });
    expect(simulator.reports()).toEqual([]);
  });

  it("submitted indicators become known after a while, with their own tags first", async () => {
    await using scene = await startScene();
    const { simulator, client, own } = scene;
    const content = [
      { value: "198.51.100.61", sightings: 3, tags: [{ name: "own", enclaveId: own }], source: "s" },
      { value: "not an indicator" },
    ];
    const tags = [{ name: "common", enclaveId: own }];
    await client.call("POST", "/indicators", { enclaveIds: [own], content, tags });
    const known = async () =>
      (await client.call("POST", "/indicators/metadata", [{ value: "198.51.100.61" }])).body;
    expect(await known()).toEqual([]);
    simulator.clock.advance(20);
    expect(await known()).toMatchObject([{ sightings: 3, source: "s", tags: [{ name: "own" }] }]);
    expect((await client.call("POST", "/indicators", { enclaveIds: [own], content: [] })).status).toBe(400);
  });
});
