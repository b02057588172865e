import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../support/certificates.js";
import { connectPlainly, requestToken, send } from "../support/trustar-simulator/plain-client.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function enclaveId(simulator: TrustarSimulator, name: string): string {
  return simulator.enclaves.find((enclave) => enclave.name === name)!.id;
}

describe("token", () => {
  it("is the same while it lives, and a new one afterwards", async () => {
    await using simulator = await startTrustarSimulator();
    const first = await requestToken(simulator, simulator.credentials);
    const again = await requestToken(simulator, simulator.credentials);
    const { expires_in: expiresInSecs, ...rest } = first.body as { expires_in: number };
    expect(rest).toMatchObject({ token_type: "bearer", scope: "read" });
    // In whole seconds, and the clock runs on while the answer is on its way.
    expect(expiresInSecs).toBeLessThanOrEqual(599);
    expect(expiresInSecs).toBeGreaterThan(540);
    expect((again.body as { access_token: string }).access_token).toBe(
      (first.body as { access_token: string }).access_token,
    );
    simulator.clock.advance(599_000);
    const later = await requestToken(simulator, simulator.credentials);
    expect((later.body as { access_token: string }).access_token).not.toBe(
      (first.body as { access_token: string }).access_token,
    );
  });

  it("is refused for wrong credentials", async () => {
    await using simulator = await startTrustarSimulator();
    const answer = await requestToken(simulator, { key: simulator.credentials.key, secret: "wrong" });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ error: "unauthorized", error_description: "Bad credentials" });
  });

  it("expired or invalid is a 400 with the documented texts; none at all is a 401", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    simulator.clock.advance(600_000);
    const expired = await client.call("GET", "/ping");
    expect([expired.status, expired.body]).toEqual([
      400,
      { error: "invalid_request", error_description: "Expired oauth2 access token" },
    ]);
    const invalid = await send(`${simulator.apiUrl}/ping`, { headers: { Authorization: "Bearer nonsense" } });
    expect([invalid.status, invalid.body]).toEqual([
      400,
      { error: "invalid_request", error_description: "Invalid oauth2 access token" },
    ]);
    expect((await send(`${simulator.apiUrl}/ping`)).status).toBe(401);
  });
});

describe("service calls", () => {
  it("answer in their documented shapes, each with a Trace-Id", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    expect((await client.call("GET", "/ping")).text).toBe("pong\n");
    expect((await client.call("GET", "/version")).text).toBe("1.3\n");
    const enclaves = await client.call("GET", "/enclaves");
    expect(enclaves.headers.get("trace-id")).toMatch(UUID);
    expect(enclaves.body).toContainEqual({
      id: enclaveId(simulator, "Acme private"),
      name: "Acme private",
      type: "INTERNAL",
      templateName: "Private Enclave",
      workflowSupported: false,
      read: true,
      create: true,
      update: true,
    });
  });

  it("unknown paths are 404, unsupported methods 400, both in the Spring shape", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const unknown = await client.call("GET", "/nothing/here");
    expect(unknown.body).toMatchObject({ status: 404, error: "Not Found", path: "/api/1.3/nothing/here" });
    const wrong = await client.call("DELETE", "/ping");
    expect(wrong.body).toMatchObject({ status: 400, message: "Request method 'DELETE' not supported" });
    expect((await send(`${simulator.url}/elsewhere`)).status).toBe(404);
    expect((await client.call("GET", `/indicators/related?indicators=${"x".repeat(20_000)}`)).status).toBe(
      414,
    );
  });

  it("speaks HTTPS with a certificate that checks out for its address", async () => {
    const { ca, key, cert } = await makeCertificates();
    await using simulator = await startTrustarSimulator({ tls: { key, cert } });
    const status = await new Promise((resolve, reject) => {
      get(`${simulator.apiUrl}/ping`, { ca, agent: false }, (res) => {
        res.resume();
        resolve(res.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(401);
  });
});

describe("metadata", () => {
  it("answers a bare array of the known ones", async () => {
    await using simulator = await startTrustarSimulator({ sampleData: false });
    simulator.addIndicator({ value: "203.0.113.7", firstSeen: 1000, lastSeen: 2000, tags: ["Phish"] });
    const client = await connectPlainly(simulator);
    const { body } = await client.call("POST", "/indicators/metadata", [
      { value: "203.0.113.7" },
      { value: "198.51.100.1" },
    ]);
    const feed = enclaveId(simulator, "Open feed");
    expect(body).toEqual([
      {
        indicatorType: "IP",
        value: "203.0.113.7",
        correlationCount: 0,
        priorityLevel: "NOT_FOUND",
        noteCount: 0,
        sightings: 1,
        firstSeen: 1000,
        lastSeen: 2000,
        enclaveIds: [feed],
        tags: [{ guid: expect.stringMatching(UUID), name: "phish", enclaveId: feed }],
        source: "",
        notes: [],
        guid: "IP|203.0.113.7",
      },
    ]);
  });

  it("wants a type for all or none, and leaves out values of another type", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const ask = (body: unknown) => client.call("POST", "/indicators/metadata", body);
    expect((await ask([{ value: "203.0.113.7", indicatorType: "URL" }])).body).toEqual([]);
    expect((await ask([{ value: "a", indicatorType: "IP" }, { value: "b" }])).status).toBe(400);
    expect((await ask({ value: "203.0.113.7" })).status).toBe(400);
  });

  it("adds up over the enclaves asked for, as CSV with blanks or as repeated keys", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const [open, total] = [enclaveId(simulator, "Open feed"), enclaveId(simulator, "VirusTotal")];
    const sightings = async (query: string) => {
      const { body } = await client.call("POST", `/indicators/metadata?${query}`, [{ value: "203.0.113.7" }]);
      return (body as { sightings: number }[]).map((found) => found.sightings);
    };
    // Two reports in the open feed mention it too.
    expect(await sightings(`enclaveIds=${open}`)).toEqual([7]);
    expect(await sightings(`enclaveIds=${open},%20${total}`)).toEqual([12]);
    expect(await sightings(`enclaveIds=${open}&enclaveIds=${total}`)).toEqual([12]);
    expect(await sightings(`enclaveIds=${enclaveId(simulator, "Acme private")}`)).toEqual([]);
  });

  it("never looks into an enclave the caller can't read", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const unsubscribed = enclaveId(simulator, "Unsubscribed feed");
    const { body } = await client.call("POST", `/indicators/metadata?enclaveIds=${unsubscribed}`, [
      { value: "192.0.2.250" },
    ]);
    expect(body).toEqual([]);
  });

  it("knows whatever a rule says it knows", async () => {
    await using simulator = await startTrustarSimulator({
      known: (value) => value.endsWith(".7") && { severityLevel: 1, priorityLevel: "LOW" },
    });
    const client = await connectPlainly(simulator);
    const { body } = await client.call("POST", "/indicators/metadata", [
      { value: "198.18.0.7" },
      { value: "198.18.0.8" },
    ]);
    expect(body).toMatchObject([{ value: "198.18.0.7", priorityLevel: "LOW" }]);
  });
});

describe("summaries", () => {
  it("come in pages, one item per source, fields missing where a source has none", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const first = await client.call("POST", "/indicators/summaries?pageSize=2", ["203.0.113.7", "unknown"]);
    expect(first.body).toMatchObject({ pageNumber: 0, pageSize: 2, totalElements: 3, hasNext: true });
    const second = await client.call("POST", "/indicators/summaries?pageSize=2&pageNumber=1", [
      "203.0.113.7",
    ]);
    expect(second.body).toMatchObject({ hasNext: false, pageSize: 2 });
    const items = [first, second].flatMap(
      ({ body }) => (body as { items: { severityLevel?: number }[] }).items,
    );
    expect(items.map(({ severityLevel }) => severityLevel)).toEqual([3, 2, undefined]);
    expect(Object.keys(items[2]!).sort()).toEqual(["enclaveId", "reportId", "source", "type", "value"]);
    expect(items[0]).toMatchObject({
      type: "IP",
      source: { key: "virustotal", name: "VirusTotal" },
      score: { name: "Positives/Total Scans", value: "31/90" },
    });
  });

  it("cuts the page size to 100", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const { body } = await client.call("POST", "/indicators/summaries?pageSize=5000", ["203.0.113.7"]);
    expect(body).toMatchObject({ pageSize: 100 });
  });
});

describe("search for indicators", () => {
  it("finds substrings, newest first, over one day unless told otherwise", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const values = async (query: string, searchTerm: string) => {
      const { body } = await client.call("POST", `/indicators/search?${query}`, { searchTerm });
      return (body as { items: { value: string }[] }).items.map(({ value }) => value);
    };
    expect(await values("entityTypes=URL", "evil")).toEqual([
      "evil.example",
      "http://evil.example/invoice.exe",
    ]);
    expect(await values("", "198.51.100.23")).toEqual(["198.51.100.23"]);
    expect(await values("", "CVE-2020")).toEqual(["CVE-2020-0001"]);
    expect(await values("", "203.0.113.200")).toEqual([]);
    const monthAgo = simulator.clock.now() - 30 * 86_400_000;
    expect(await values(`from=${monthAgo}`, "203.0.113.200")).toEqual(["203.0.113.200"]);
    expect((await values("", "ev")).length).toBeGreaterThan(5);
    expect(await values("tags=PHISH&excludedTags=botnet", "")).toEqual(["evil.example"]);
    expect((await client.call("POST", "/indicators/search?pageSize=1000&pageNumber=10", {})).status).toBe(
      500,
    );
  });
});

describe("whitelist", () => {
  it("takes what it recognises, leaves the rest out of its answer, and forgets on delete", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const terms = ["evil.example", "203.0.113.7", "10.1.2.3", "198.51.100.0/24", "*.example", "no indicator"];
    expect((await client.call("POST", "/whitelist", terms)).body).toEqual([
      { guid: "URL|evil.example", indicatorType: "URL", value: "evil.example" },
      { guid: "IP|203.0.113.7", indicatorType: "IP", value: "203.0.113.7" },
    ]);
    expect((await client.call("DELETE", "/whitelist?value=203.0.113.7")).status).toBe(400);
    const deleted = await client.call(
      "DELETE",
      "/whitelist?indicatorType=IP&value=203.0.113.7&whitelisted=True",
    );
    expect([deleted.status, deleted.text]).toEqual([200, ""]);
    const { body } = await client.call("GET", "/whitelist");
    expect(body).toMatchObject({ items: [{ value: "evil.example" }], hasNext: false, pageSize: 25 });
  });
});

describe("levers over HTTP", () => {
  it("count calls and batches, and log without secrets", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    await client.call("POST", "/indicators/metadata", [{ value: "a" }, { value: "b" }]);
    await client.call("GET", "/reports/00000000-0000-4000-8000-000000000000/status");
    const { body } = await send(`${simulator.url}/__calls`);
    expect(body).toMatchObject({
      total: 3,
      byEndpoint: { "POST /oauth/token": 1, "POST /indicators/metadata": 1, "GET /reports/{id}/status": 1 },
      byStatus: { "200": 2, "404": 1 },
      batchSizes: { "POST /indicators/metadata": [2] },
      inFlight: 0,
    });
    const log = await send(`${simulator.url}/__log`);
    expect(log.body).toHaveLength(3);
    for (const secret of [client.token, simulator.credentials.secret]) expect(log.text).not.toContain(secret);
    await send(`${simulator.url}/__calls`, { method: "DELETE" });
    expect(simulator.calls().total).toBe(0);
  });

  it("move the clock, install limits and add indicators", async () => {
    await using simulator = await startTrustarSimulator();
    const client = await connectPlainly(simulator);
    const post = (path: string, body: unknown, method = "POST") =>
      send(simulator.url + path, { method, body: JSON.stringify(body) });
    await post("/__indicators", [{ value: "198.51.100.200", severityLevel: 2 }]);
    const known = await client.call("POST", "/indicators/metadata", [{ value: "198.51.100.200" }]);
    expect(known.body).toHaveLength(1);
    await post("/__limits", { perMinutePerUser: 0 }, "PUT");
    expect((await client.call("GET", "/ping")).status).toBe(429);
    await post("/__limits", {}, "PUT");
    await post("/__clock", { advanceMs: 600_000 });
    expect((await client.call("GET", "/ping")).status).toBe(400);
    expect((await post("/__faults", { kind: "explode" })).status).toBe(400);
  });
});

describe("command line", () => {
  it("prints where it listens and stops on SIGTERM", async () => {
    const folder = await mkdtemp(join(tmpdir(), "trustar-simulator-"));
    const known = join(folder, "known.tsv");
    await writeFile(known, "# value, type, severity, tags\n198.51.100.201\t\t2\tone,two\n");
    const main = "test/support/trustar-simulator/main.ts";
    const child = spawn(process.execPath, ["--import", "tsx", main, "--known", known], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      printed += chunk.toString();
      if (printed.includes("no access")) break;
    }
    const cell = (name: string) => new RegExp(`${name} +(\\S+)`).exec(printed)![1]!;
    const client = await connectPlainly({
      apiUrl: cell("api"),
      authUrl: cell("auth"),
      credentials: { key: cell("key"), secret: cell("secret") },
    });
    const { body } = await client.call("POST", "/indicators/metadata", [{ value: "198.51.100.201" }]);
    expect(body).toMatchObject([{ tags: [{ name: "one" }, { name: "two" }] }]);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await rm(folder, { recursive: true });
  });
});
