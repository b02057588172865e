import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

/** What IBM's own client asks for and our product does not: so that the client works on the simulator, too. */
let simulator: ResilientSimulator;
beforeAll(async () => {
  simulator = await startResilientSimulator();
});
afterAll(() => simulator.close());

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const { id, secret } = simulator.apiKey;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const form = body instanceof FormData;
  const response = await fetch(`${simulator.url}/rest${path}`, {
    method,
    headers: form ? { authorization } : { authorization, "content-type": "application/json" },
    body: body === undefined ? null : form ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await call(method, path, body);
  expect(status).toBe(200);
  return JSON.parse(text) as T;
}

const org = (path: string): string => `/orgs/${simulator.org.id}${path}`;

function upload(name: string, content: string, fields: Readonly<Record<string, string>> = {}): FormData {
  const form = new FormData();
  form.set("file", new Blob([content], { type: "text/plain" }), name);
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  return form;
}

describe("artifacts", () => {
  const change = (from: string, to: string, field = "description"): object => ({
    changes: [{ field, old_value: { object: from }, new_value: { object: to } }],
  });

  test("are patched when nobody changed the field meanwhile, and left alone when somebody did", async () => {
    const {
      dto: { id },
    } = simulator.seedIncident({
      artifacts: [{ type: 1, value: "192.0.2.1", description: "old" }],
    });
    const [artifact] = await json<{ id: number }[]>("GET", org(`/incidents/${id}/artifacts`));
    const path = org(`/incidents/${id}/artifacts/${artifact?.id}`);
    expect(await json("PATCH", path, change("old", "new"))).toMatchObject({ success: true });
    expect(await json("PATCH", path, change("old", "mine"))).toMatchObject({
      success: false,
      field_failures: [{ field: "description", your_original_value: "old", actual_current_value: "new" }],
    });
    expect(await json("GET", path)).toMatchObject({ description: "new" });
    expect((await call("PATCH", path, change("192.0.2.1", "192.0.2.2", "value"))).status).toBe(400);
  });

  test("that are files give back their contents", async () => {
    const {
      dto: { id },
    } = simulator.seedIncident();
    const artifact = JSON.stringify({ type: "Malware Sample", value: "", description: "x" });
    const created = await json<{ id: number; value: string }[]>(
      "POST",
      org(`/incidents/${id}/artifacts/files`),
      upload("evil.exe", "MZ", { artifact }),
    );
    expect(created).toMatchObject([{ value: "evil.exe", attachment: { name: "evil.exe", size: 2 } }]);
    const contents = org(`/incidents/${id}/artifacts/${created[0]?.id}/contents`);
    expect(await call("GET", contents)).toEqual({ status: 200, text: "MZ" });
  });
});

test("attachments are listed, and give back their contents", async () => {
  const {
    dto: { id },
  } = simulator.seedIncident();
  const base = org(`/incidents/${id}/attachments`);
  const attachment = await json<{ id: number }>("POST", base, upload("mail.eml", "Subject: x"));
  expect(await json("GET", base)).toEqual([attachment]);
  expect(await json("GET", `${base}/${attachment.id}`)).toMatchObject({ name: "mail.eml", size: 10 });
  expect((await call("GET", `${base}/${attachment.id}/contents`)).text).toBe("Subject: x");
  expect((await call("GET", `${base}/1/contents`)).status).toBe(404);
});

describe("the search", () => {
  const search = (query: string, types?: string[]): Promise<{ results: unknown[] }> =>
    json("POST", "/search_ex", { org_id: simulator.org.id, query, types });

  test("finds incidents, artifacts and notes by what is in them", async () => {
    const {
      dto: { id },
    } = simulator.seedIncident({
      name: "A needle",
      artifacts: [{ type: "DNS Name", value: "NEEDLE.example.com" }],
      comments: [{ text: "another needle" }],
    });
    const found = { inc_id: id, inc_name: "A needle", org_id: simulator.org.id };
    expect((await search("needle")).results).toMatchObject([
      { ...found, obj_id: id, type_id: 0, match_field_name: "name" },
      { ...found, type_id: 4, match_field_name: "value", match_field_value: "NEEDLE.example.com" },
      { ...found, type_id: 2, match_field_name: "text", match_field_value: "another needle" },
    ]);
    expect((await search("needle", ["artifact"])).results).toHaveLength(1);
    expect((await search("haystack")).results).toEqual([]);
  });

  test("is for who may read incidents of that org", async () => {
    expect((await call("POST", "/search_ex", { org_id: 1, query: "x" })).status).toBe(403);
    expect((await call("POST", "/search_ex", { query: "" })).status).toBe(400);
    const anonymous = await fetch(`${simulator.url}/rest/search_ex`, { method: "POST" });
    expect(anonymous.status).toBe(401);
  });
});

describe("an incident", () => {
  const change = (field: unknown, from: unknown, to: unknown): object => ({
    changes: [{ field, old_value: { object: from }, new_value: { object: to } }],
  });

  test.each(["data_compromised", "pii.data_compromised", { name: "pii.data_compromised" }])(
    "has its privacy patched as %j",
    async (field) => {
      const {
        dto: { id },
      } = simulator.seedIncident({});
      const path = org(`/incidents/${id}`);
      expect(await json("PATCH", path, change(field, null, true))).toMatchObject({ success: true });
      expect(await json("PATCH", path, change(field, null, false))).toMatchObject({ success: false });
      expect(await json("GET", path)).toMatchObject({
        pii: { data_compromised: true, gdpr_harm_risk: null },
      });
    },
  );

  test("knows a field by the prefix of its own group only", async () => {
    const {
      dto: { id },
    } = simulator.seedIncident({});
    for (const field of ["properties.data_compromised", "pii.city"]) {
      expect((await call("PATCH", org(`/incidents/${id}`), change(field, null, true))).status).toBe(400);
    }
  });

  test("has the address it was made with, and a state by its label", async () => {
    const made = {
      name: "Theft",
      discovered_date: 1,
      addr: "1 Main St",
      city: "Boston",
      state: "Massachusetts",
    };
    const { id } = await json<{ id: number }>("POST", org("/incidents"), made);
    expect(await json("GET", org(`/incidents/${id}`))).toMatchObject({
      addr: "1 Main St",
      city: "Boston",
      state: 22,
    });
    const named = await json("GET", org(`/incidents/${id}?handle_format=names`));
    expect(named).toMatchObject({ state: "Massachusetts" });
  });

  test("is in a phase that an export knows by its key", async () => {
    const { entities } = await json<{ entities: object[] }>("GET", org("/phases"));
    expect(entities).toContainEqual(expect.objectContaining({ name: "Engage", export_key: "Engage" }));
    for (const phase of entities)
      expect(phase).toHaveProperty("uuid", expect.stringMatching(/^[0-9a-f-]{36}$/));
  });
});
