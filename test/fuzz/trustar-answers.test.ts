import { inspect } from "node:util";
import fc from "fast-check";
import { createHttp, type HttpCaller } from "../../services/http/create-http.js";
import type { RetryPolicy } from "../../services/http/retry-policy.js";
import { BudgetGate } from "../../services/trustar/budget-gate.js";
import { SlidingWindow } from "../../services/trustar/sliding-window.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient } from "../../services/trustar/trustar-client.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import { TrustarResilientError } from "../../src/core/errors.js";
import type { Report } from "../../src/core/report.js";
import { Secret } from "../../src/core/secret.js";
import { OwnLinks } from "../../services/core/own-links.js";
import { SECOND_MS, type Clock } from "../../src/core/time.js";
import { createFakeClock } from "../support/fake-clock.js";
import { never } from "../support/lookup-fixtures.js";
import { fuzz } from "./fuzz.js";
import { startFuzzedUpstream, twists, type FuzzedUpstream } from "./fuzzed-upstream.js";
import type { Json } from "./odd-json.js";

const secret = "s3cret-of-trustar";
const token = "t0ken-of-trustar";
const value = "c4nary.example";
const enclave = "7a33144f-aef3-442b-87d4-dbf70d8afdb0";

const report: Json = {
  id: "b4c9d1e0-1111-4222-8333-944445555666",
  title: "Incident 7",
  reportBody: "x",
  externalTrackingId: "RESILIENT7",
  externalUrl: null,
  enclaveIds: [enclave],
  created: 1_700_000_000_000,
  updated: 1_700_000_000_001,
  timeBegan: "2023-11-14T22:13:20Z",
};

/** API 1.3, by the last words of the path. */
const right: readonly (readonly [RegExp, Json])[] = [
  [/\/oauth\/token$/, { access_token: token, expires_in: 599, token_type: "bearer" }],
  [
    /\/indicators\/metadata$/,
    [
      {
        value,
        indicatorType: "URL",
        sightings: 3,
        firstSeen: 1,
        lastSeen: 2,
        tags: [{ name: "x" }],
        priorityLevel: "HIGH",
      },
    ],
  ],
  [
    /\/indicators\/summaries$/,
    {
      items: [
        {
          value,
          type: "URL",
          reportId: "r",
          source: { key: "k", name: "n" },
          score: { name: "s", value: "1" },
          severityLevel: 3,
        },
      ],
      hasNext: false,
    },
  ],
  [/\/indicators\/related$/, { items: [{ indicatorType: "URL", value }], hasNext: false }],
  [/\/reports\/correlated$/, { items: [{ id: "r", title: "t", updated: 1 }], hasNext: false }],
  [/\/enclaves$/, [{ id: enclave, name: "e", type: "INTERNAL", read: true, create: true, update: true }]],
  [
    /\/request-quotas$/,
    [{ maxRequests: 10_000, usedRequests: 5, timeWindow: 86_400_000, nextResetTime: Date.UTC(2024, 0, 2) }],
  ],
  [/\/status$/, { status: "SUBMISSION_SUCCESS" }],
  [/\/reports\/[^/]+\/indicators$/, { items: [{ indicatorType: "URL", value }], hasNext: false }],
  [/\/alter-tags$/, "x"],
  [/\/redaction\/report$/, { title: "t", reportBody: "b" }],
  [/\/whitelist$/, [{ indicatorType: "URL", value }]],
  [/\/reports\/[^/]+$/, report],
  [/\/reports$/, "b4c9d1e0-1111-4222-8333-944445555666"],
];

const errors: readonly Json[] = [
  { status: 400, error: "Bad Request", message: `Bad ${value}` },
  { error: "invalid_token", error_description: "Expired access token: x" },
  { status: 429, waitTime: 10, message: "slow" },
  { waitTime: 1e300 },
  { status: 404, message: "No such report" },
];

const atOnce: RetryPolicy = { retries: 2, minTimeout: 0, maxTimeout: 0, randomize: false };

function openAccount(url: string, http: HttpCaller) {
  // Every look at it takes a second: who is told to wait a little has waited, who is told to wait for long gives up.
  const still = createFakeClock();
  const clock: Clock = {
    now: () => {
      still.advance(SECOND_MS);
      return still.now();
    },
  };
  const gate = new BudgetGate(clock, new SlidingWindow(1_000_000, 1), 1_000_000);
  const client = new TrustarClient({
    url,
    apiKey: new Secret("key"),
    apiSecret: new Secret(secret),
    version: "9.9.9",
    http,
    gate,
    clock,
    observe: () => undefined,
  });
  const indicators = new TrustarIndicators({
    client,
    enclaveIds: [],
    stationUrl: "https://station.example",
    beforeCost: () => undefined,
  });
  const reports = new TrustarReports({
    client,
    clock,
    beforeCost: () => undefined,
    stationUrl: "https://station.example",
    ownLinks: new OwnLinks(["https://station.example"]),
    retry: atOnce,
    patienceMs: 5_000,
    pause: () => Promise.resolve(),
  });
  return {
    client,
    gate,
    indicators,
    reports,
    account: new TrustarAccount(client, gate, clock),
  };
}

type Opened = ReturnType<typeof openAccount>;

const draft = {
  title: "t",
  body: "b",
  externalId: "RESILIENT7",
  enclaveId: enclave,
  timeBeganMs: undefined,
};
const known: Report = {
  ...draft,
  id: "r",
  externalUrl: undefined,
  enclaveIds: [enclave],
  createdMs: 1,
  updatedMs: 1,
  timeBegan: 1,
};

const operations: readonly (readonly [RegExp, (opened: Opened, signal: AbortSignal) => Promise<unknown>])[] =
  [
    [/\/oauth\/token$/, ({ client }, signal) => client.authenticate(signal)],
    [/metadata$/, ({ indicators }, signal) => indicators.metadata([value, "b.example"], signal)],
    [/summaries$/, ({ indicators }, signal) => indicators.summaries([value], signal)],
    [/correlated$/, ({ indicators }, signal) => indicators.correlatedReports([value], signal)],
    [/\/enclaves$/, ({ account }, signal) => account.enclaves(signal)],
    [/request-quotas$/, ({ account }, signal) => account.readQuota(signal)],
    [/\/reports\/[^/]+$/, ({ reports }, signal) => reports.find("RESILIENT7", signal)],
    [/\/reports$/, ({ reports }, signal) => reports.submit(draft, signal)],
    [/status$/, ({ reports }, signal) => reports.waitUntilProcessed("r", signal)],
    [/\/indicators$/, ({ reports }, signal) => reports.indicatorsOf("r", signal)],
    [/\/reports\/[^/]+$/, ({ reports }, signal) => reports.update(known, draft, signal)],
    [/\/reports\/[^/]+$/, ({ reports }, signal) => reports.remove("r", signal)],
    [
      /related$/,
      ({ reports }, signal) => reports.related([{ type: "IP", value: "192.0.2.1" }], [], 100, signal),
    ],
    [/redaction\/report$/, ({ reports }, signal) => reports.redact("t", "b", signal)],
    [/whitelist$/, ({ reports }, signal) => reports.whitelist([value], signal)],
    [/metadata$/, ({ reports }, signal) => reports.priorityOf(value, [], signal)],
    [/alter-tags$/, ({ reports }, signal) => reports.tag("r", ["x"], signal)],
  ];

describe("answers of TruSTAR", () => {
  let upstream: FuzzedUpstream;
  let http: HttpCaller;
  const done = new Map<string, number>();

  beforeAll(async () => {
    upstream = await startFuzzedUpstream((_method, path) => right.find(([fits]) => fits.test(path))?.[1]);
    http = createHttp({ upstream: "TruSTAR", timeoutMs: 3_000, maxSockets: 4 });
  });
  afterAll(async () => {
    http.close();
    await upstream[Symbol.asyncDispose]();
  });

  const cases = fc.tuple(fc.constantFrom(...operations), twists(errors));

  fuzz("answers of TruSTAR", 0.06, cases, async ([[path, ask], twist]) => {
    upstream.twist(twist, (asked) => path.test(asked));
    const opened = openAccount(upstream.url, http);
    const outcome = await ask(opened, never()).then(
      () => "answered",
      (error: unknown) => {
        if (!(error instanceof TrustarResilientError)) throw error;
        const printed = inspect(error, { depth: null, showHidden: true });
        for (const hidden of [secret, token, value]) expect(printed).not.toContain(hidden);
        expect(error.message).toMatch(/TruSTAR/);
        return error.code;
      },
    );
    opened.gate.close();
    done.set(outcome, (done.get(outcome) ?? 0) + 1);
  });

  test("many were understood, many were not", () => {
    expect(done.get("answered")).toBeGreaterThan(0);
    expect(done.size).toBeGreaterThan(5);
  });
});
