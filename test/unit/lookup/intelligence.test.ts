import { jest } from "@jest/globals";
import { RateLimitedError, UpstreamError } from "../../../src/core/errors.js";
import type { IndicatorSource } from "../../../src/core/ports.js";
import type { Candidate, CandidateKind } from "../../../services/core/candidate.js";
import { IntelligenceDesk, type IntelligenceDeskOptions } from "../../../services/lookup/intelligence.js";
import {
  atOnce,
  createMemorySource,
  metadataOf,
  never,
  noRetry,
  summaryOf,
} from "../../support/lookup-fixtures.js";

function build(source: IndicatorSource, options: Partial<IntelligenceDeskOptions> = {}) {
  const trouble: string[] = [];
  const desk = new IntelligenceDesk({
    onStray: () => undefined,
    source,
    retry: noRetry,
    batchSize: 100,
    batchWindowMs: 0,
    concurrency: 2,
    onTrouble: (error) => trouble.push(error.message),
    ...options,
  });
  return { desk, trouble };
}

const candidate = (value: string, kind: CandidateKind = "IP"): Candidate => ({ kind, value });

/** A source that knows `kept` under the spelling it keeps. */
function keeping(...kept: readonly string[]): IndicatorSource {
  const lower = new Map(kept.map((value) => [value.toLowerCase(), value]));
  const spelt = (values: readonly string[]) =>
    [...new Set(values.map((value) => lower.get(value.toLowerCase())))].filter(
      (value) => value !== undefined,
    );
  return {
    ...createMemorySource(),
    metadata: (values) => Promise.resolve(spelt(values).map((value) => metadataOf(value))),
    summaries: (values) =>
      Promise.resolve(kept.filter((value) => values.includes(value)).map((value) => summaryOf(value, 3))),
  };
}

it("asks about all values in one call, and for summaries of the known ones only", async () => {
  const source = createMemorySource();
  source.know("203.0.113.7", 3);
  const { desk } = build(source);
  const [known, unknown] = await Promise.all([
    desk.ask(candidate("203.0.113.7"), never()),
    desk.ask(candidate("203.0.113.8"), never()),
  ]);
  expect(known).toMatchObject({ metadata: [{ value: "203.0.113.7" }], summaries: [{ severityLevel: 3 }] });
  expect(unknown).toMatchObject({ metadata: [], summaries: [] });
  expect(source.asked).toMatchObject({
    metadata: [["203.0.113.7", "203.0.113.8"]],
    summaries: [["203.0.113.7"]],
  });
});

it.each<readonly [kind: CandidateKind, asked: string, kept: string]>([
  ["HASH", "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF"],
  ["DOMAIN", "evil.example", "Evil.Example"],
  ["URL", "http://evil.example/X", "HTTP://EVIL.example/X"],
  ["EMAIL_ADDRESS", "bad@evil.example", "Bad@Evil.Example"],
  ["MALWARE", "Examplebot", "EXAMPLEBOT"],
  ["REGISTRY_KEY", "HKLM\\software\\evil", "HKLM\\Software\\Evil"],
  ["IP", "2001:db8::1", "2001:DB8::1"],
])("a known %s is found though TruSTAR spells it another way", async (kind, asked, kept) => {
  const { desk } = build(keeping(kept));
  expect(await desk.ask(candidate(asked, kind), never())).toMatchObject({
    metadata: [{ value: kept }],
    summaries: [{ value: kept, severityLevel: 3 }],
  });
});

it("two spellings that are asked for together both get the answer", async () => {
  const { desk } = build(keeping("EXAMPLEBOT"));
  const answers = await Promise.all(
    ["ExampleBot", "EXAMPLEBOT", "examplebot"].map((value) => desk.ask(candidate(value, "MALWARE"), never())),
  );
  expect(answers.map(({ metadata }) => metadata.length)).toEqual([1, 1, 1]);
});

describe("an answer in a form that can't be matched to a question", () => {
  const kept = metadataOf("evil.example (sinkholed)");
  const source = (): IndicatorSource => {
    return {
      ...createMemorySource(),
      metadata: (values: readonly string[]) => {
        return Promise.resolve(
          values.flatMap((value) =>
            value === "evil.example" ? [kept] : value === "203.0.113.7" ? [metadataOf(value)] : [],
          ),
        );
      },
    };
  };

  it("is the answer to a value that was asked alone", async () => {
    const answer = await build(source()).desk.ask(candidate("evil.example", "DOMAIN"), never());
    expect(answer).toMatchObject({ metadata: [kept], isUnderAnotherValue: true });
  });

  it("is found among many: nobody is called unknown because of it, and the others keep their own", async () => {
    const values = ["203.0.113.7", "203.0.113.8", "evil.example", "203.0.113.9"];
    const { desk } = build(source());
    const answers = await Promise.all(values.map((value) => desk.ask(candidate(value), never())));
    expect(answers.map(({ metadata }) => metadata.map(({ value }) => value))).toEqual([
      ["203.0.113.7"],
      [],
      [kept.value],
      [],
    ]);
  });

  it("is nobody's when everybody has an answer, and is told", async () => {
    const strays: number[] = [];
    const both: IndicatorSource = {
      ...createMemorySource(),
      metadata: (values) => Promise.resolve([...values.map((value) => metadataOf(value)), kept]),
    };
    const { desk } = build(both, { onStray: (count) => strays.push(count) });
    expect((await desk.ask(candidate("203.0.113.7"), never())).metadata).toHaveLength(1);
    expect(strays).toEqual([1]);
  });
});

it("a value known as two types keeps both", async () => {
  const source: IndicatorSource = {
    ...createMemorySource(),
    metadata: (values) =>
      Promise.resolve(values.flatMap((v) => [metadataOf(v), metadataOf(v, { indicatorType: "URL" })])),
  };
  expect((await build(source).desk.ask(candidate("203.0.113.7"), never())).metadata).toHaveLength(2);
});

it("an outage of either question is the caller's to know, never an empty answer", async () => {
  const down = new UpstreamError("upstream_failed", "503");
  const noMetadata = { ...createMemorySource(), metadata: () => Promise.reject(down) };
  const noSummaries = {
    ...createMemorySource(),
    metadata: (values: readonly string[]) => Promise.resolve(values.map((value) => metadataOf(value))),
    summaries: () => Promise.reject(down),
  };
  for (const source of [noMetadata, noSummaries]) {
    await expect(build(source).desk.ask(candidate("203.0.113.7"), never())).rejects.toBe(down);
  }
});

it.each([
  new UpstreamError("upstream_failed", "503"),
  new UpstreamError("upstream_timeout", "hang"),
  new UpstreamError("upstream_unreachable", "reset"),
  new UpstreamError("upstream_invalid_answer", "html"),
  new UpstreamError("upstream_token_expired", "token"),
  new RateLimitedError("upstream_rate_limited", "429", 0),
  new RateLimitedError("quota_exhausted", "quota", 0),
])("asks again after $code, and tells of the trouble", async (error) => {
  const source = createMemorySource();
  source.know("203.0.113.7", 2);
  const { desk, trouble } = build(source, { retry: atOnce });
  source.failWith(error);
  const answer = desk.ask(candidate("203.0.113.7"), never());
  while (trouble.length < 3) await new Promise((resolve) => setImmediate(resolve));
  source.failWith(undefined);
  expect((await answer).metadata).toHaveLength(1);
  expect(new Set(trouble)).toEqual(new Set([error.message]));
});

it.each(["upstream_unauthorized", "upstream_forbidden", "upstream_wrong_address"] as const)(
  "does not ask again after %s",
  async (code) => {
    const source = createMemorySource();
    const { desk } = build(source, { retry: atOnce });
    source.failWith(new UpstreamError(code, "no"));
    await expect(desk.ask(candidate("203.0.113.7"), never())).rejects.toThrow("no");
    expect(source.asked.metadata).toHaveLength(1);
  },
);

describe("the question for summaries, while TruSTAR is slow", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** One value is known, others follow it; every call for metadata but the first hangs. @returns when it was asked */
  async function askedAfterMs(values: readonly string[]): Promise<number> {
    const source = createMemorySource();
    source.know("203.0.113.7", 3);
    const slow: IndicatorSource = {
      ...source,
      metadata: (values) =>
        values.includes("203.0.113.7")
          ? Promise.resolve([metadataOf("203.0.113.7")])
          : new Promise(() => undefined),
    };
    const { desk } = build(slow, { batchSize: 2, concurrency: 1, isAwaited: () => false });
    const gone = new AbortController();
    const answers = ["203.0.113.7", ...values].map((value) => desk.ask(candidate(value), gone.signal));
    let passedMs = 0;
    while (source.asked.summaries.length === 0) {
      await jest.advanceTimersByTimeAsync(100);
      passedMs += 100;
    }
    expect(source.asked.summaries).toEqual([["203.0.113.7"]]);
    gone.abort(new Error("gone"));
    await Promise.allSettled(answers);
    return passedMs;
  }

  it("waits two seconds for what the last calls may add", async () => {
    const ms = await askedAfterMs(["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"]);
    expect([ms >= 2_000, ms < 2_300]).toEqual([true, true]);
  });

  it("waits ten while whole batches have not even been asked about: one call for many of them", async () => {
    const ms = await askedAfterMs([1, 2, 3, 4, 5].map((at) => `198.51.100.${at}`));
    expect([ms >= 10_000, ms < 10_300]).toEqual([true, true]);
  });
});

it("never asks for the reports of a URL, nor of a value with a comma, which would read as two", async () => {
  const source = createMemorySource();
  const { desk } = build(source);
  expect(await desk.reports(metadataOf("http://evil.example/", { indicatorType: "URL" }), never())).toEqual(
    [],
  );
  expect(await desk.reports(metadataOf("a,b", { indicatorType: "SOFTWARE" }), never())).toEqual([]);
  expect(source.asked.reports).toEqual([]);
  expect(await desk.reports(metadataOf("203.0.113.7"), never())).toHaveLength(1);
});

it("ends when its caller does", async () => {
  const source = createMemorySource();
  source.hold();
  const { desk } = build(source);
  const controller = new AbortController();
  const answer = expect(desk.ask(candidate("203.0.113.7"), controller.signal)).rejects.toThrow("gone");
  controller.abort(new Error("gone"));
  await answer;
  expect(desk.depth).toBe(0);
});
