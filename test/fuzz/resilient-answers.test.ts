import { inspect } from "node:util";
import fc from "fast-check";
import { createResilientClient, type ResilientClient } from "../../services/resilient/resilient-client.js";
import { TrustarResilientError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { SECOND_MS } from "../../src/core/time.js";
import { createFakeClock } from "../support/fake-clock.js";
import { silentLog } from "../support/lookup-fixtures.js";
import { fuzz } from "./fuzz.js";
import { startFuzzedUpstream, twists, type FuzzedUpstream } from "./fuzzed-upstream.js";
import type { Json } from "./odd-json.js";

const secret = "s3cret-of-resilient";
const value = "c4nary.example";
const never = new AbortController().signal;

const incident: Json = {
  id: 7,
  name: "n",
  description: { format: "html", content: "<b>x</b>" },
  plan_status: "A",
  phase_id: 1004,
  severity_code: 4,
  resolution_id: null,
  resolution_summary: null,
  workspace: 1,
  incident_type_ids: [17],
  create_date: 1_700_000_000_000,
  discovered_date: 1_700_000_000_000,
  inc_start: null,
  pii: { data_compromised: true, exposure: 1, data_source_ids: [1] },
  properties: { tlp: 3, text: "x" },
  vers: 3,
};
const artifact: Json = {
  id: 9,
  type: 1,
  value,
  description: "d",
  created: 1,
  hits: [{ properties: { a: 1 } }],
};
const note: Json = {
  id: 5,
  text: "<p>x</p>",
  create_date: 1,
  children: [{ id: 6, parent_id: 5, text: "y", children: [] }],
};

/** REST API, by path. */
const right: readonly (readonly [RegExp, Json])[] = [
  [
    /\/rest\/session$/,
    { orgs: [{ id: 201, name: "SOC", enabled: true }], api_key_handle: 3, session_ip: "x" },
  ],
  [/\/comments$/, [note]],
  [/\/comments\/\d+$/, note],
  [/\/artifacts$/, [artifact]],
  [/\/artifacts\/\d+$/, artifact],
  [/\/query_paged$/, { data: [artifact], recordsTotal: 1 }],
  [/\/incidents\/\d+$/, incident],
  [/\/artifact_types$/, { entities: [{ id: 1, name: "IP Address", programmatic_name: "ip" }] }],
  [/\/workspaces$/, { entities: [{ id: 1, name: "Default workspace", display_name: "Default workspace" }] }],
  [/\/phases$/, { entities: [{ id: 1004, name: "Engage" }] }],
  [/\/incident_types$/, { "17": { id: 17, name: "Malware" } }],
  [/\/fields$/, [{ name: "tlp", prefix: "properties", values: [{ value: 3, label: "RED" }] }]],
  [/\/actions$/, { entities: [{ id: 11, name: "CaseCreated", message_destinations: [2] }] }],
  [/\/functions$/, { entities: [{ id: 1, name: "f", destination_handle: "trustar" }] }],
  [
    /\/message_destinations$/,
    { entities: [{ id: 2, name: "T", programmatic_name: "trustar", users: [], api_keys: [3] }] },
  ],
  [/\/orgs\/201$/, { id: 201, actions_framework_enabled: true }],
];

const errors: readonly Json[] = [
  {
    success: false,
    title: null,
    message: `Unable to take ${value}`,
    hints: ["field"],
    error_code: "generic",
  },
  { success: false, message: null },
  { code: 429, message: "slow" },
];

type Ask = (client: ResilientClient) => Promise<unknown>;

const operations: readonly (readonly [RegExp, Ask])[] = [
  [/session$/, (client) => client.connect(never)],
  [/incidents\/\d+$/, (client) => client.getIncident(7, never)],
  [/artifacts$/, (client) => client.listArtifacts(7, never)],
  [/query_paged$/, (client) => client.listArtifacts(7, never)],
  [/artifacts\/\d+$/, (client) => client.getArtifact(7, 9, never)],
  [/artifacts$/, (client) => client.createArtifact(7, { typeId: 1, value, description: "d" }, never)],
  [/comments$/, (client) => client.listNotes(7, never)],
  [/comments$/, (client) => client.noteHtml(7, 8, never)],
  [/comments$/, (client) => client.createNote(7, "<p>x</p>", never)],
  [/comments\/\d+$/, (client) => client.updateNote(7, 5, "<p>x</p>", never)],
  [/comments\/\d+$/, (client) => client.deleteNote(7, 5, never)],
  [/incidents\/\d+$/, (client) => client.updateIncident(7, () => ({ name: "m" }), never)],
  [/artifact_types$/, (client) => client.listArtifactTypes(never)],
  [/workspaces$/, (client) => client.listWorkspaces(never)],
  [/phases$/, (client) => client.listPhases(never)],
  [/incident_types$/, (client) => client.listIncidentTypes(never)],
  [/fields$/, (client) => client.listIncidentFields(never)],
  [/actions$/, (client) => client.listRules(never)],
  [/functions$/, (client) => client.readCustomizations(never)],
  [/message_destinations$/, (client) => client.listMessageDestinations(never)],
  [/orgs\/201$/, (client) => client.actionsEnabled(never)],
];

/** A client that waits for nothing: its clock goes on instead. */
function openClient(url: string): ResilientClient {
  const clock = createFakeClock();
  return createResilientClient({
    baseUrl: url,
    org: "SOC",
    credentials: { kind: "api-key", id: "key", secret: new Secret(secret) },
    log: silentLog,
    clock,
    timeoutMs: 3 * SECOND_MS,
    retry: { retries: 2, minTimeout: 0, maxTimeout: 0, randomize: false, maxHoldMs: 60 * SECOND_MS },
    sleep: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
  });
}

describe("answers of Resilient", () => {
  let upstream: FuzzedUpstream;
  const done = new Map<string, number>();

  beforeAll(async () => {
    upstream = await startFuzzedUpstream((_method, path) => right.find(([fits]) => fits.test(path))?.[1]);
  });
  afterAll(() => upstream[Symbol.asyncDispose]());

  const cases = fc.tuple(fc.constantFrom(...operations), twists(errors));

  fuzz("answers of Resilient", 0.06, cases, async ([[path, ask], twist]) => {
    upstream.twist(twist, (asked) => path.test(asked));
    const client = openClient(upstream.url);
    const outcome = await ask(client).then(
      () => "answered",
      (error: unknown) => {
        if (!(error instanceof TrustarResilientError)) throw error;
        const printed = inspect(error, { depth: null, showHidden: true });
        for (const hidden of [secret, Buffer.from(`key:${secret}`).toString("base64"), value]) {
          expect(printed).not.toContain(hidden);
        }
        expect(error.message).toMatch(/\S+ \S+/);
        return error.code;
      },
    );
    client.close();
    done.set(outcome, (done.get(outcome) ?? 0) + 1);
  });

  test("many were understood, many were not", () => {
    expect(done.get("answered")).toBeGreaterThan(0);
    expect(done.size).toBeGreaterThan(4);
  });
});
