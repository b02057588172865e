import { jest } from "@jest/globals";
import { fc } from "../../support/fast-check.js";
import { OverloadedError, RateLimitedError, UpstreamError } from "../../../src/core/errors.js";
import type { Answer, LookupId } from "../../../src/core/lookup.js";
import {
  buildEngine,
  conclusion,
  createMemorySource,
  submissionOf,
  type EngineSettings,
} from "../../support/lookup-fixtures.js";

const errors = {
  outage: new UpstreamError("upstream_failed", "503"),
  refusal: new UpstreamError("upstream_unauthorized", "401"),
  odd: new UpstreamError("upstream_rejected", "400"),
  spent: new RateLimitedError("quota_exhausted", "quota spent", 0),
};

/** The first three are in TruSTAR as HIGH, the next three are not known there, the last one is known now and then. */
const hosts = [
  "bad0.example",
  "bad1.example",
  "bad2.example",
  "ok0.example",
  "ok1.example",
  "ok2.example",
  "odd.example",
] as const;

const post = fc.record({
  do: fc.constant("post" as const),
  host: fc.constantFrom(...hosts),
  shout: fc.boolean(),
});
const poll = fc.record({ do: fc.constant("poll" as const), which: fc.nat(50) });
const time = fc.record({
  do: fc.constant("time" as const),
  ms: fc.constantFrom(0, 1, 5, 50, 700, 2_000, 30_000),
});
const mood = fc.record({
  do: fc.constant("mood" as const),
  mood: fc.constantFrom(
    "healthy" as const,
    "healthy" as const,
    "outage" as const,
    "refusal" as const,
    "odd" as const,
    "spent" as const,
    "hang" as const,
  ),
});
const knowledge = fc.record({ do: fc.constant("knowledge" as const), isKnown: fc.boolean() });
type Step =
  typeof post extends fc.Arbitrary<infer P>
    ? | P
      | { do: "poll"; which: number }
      | { do: "time"; ms: number }
      | { do: "mood"; mood: "healthy" | "hang" | keyof typeof errors }
      | { do: "knowledge"; isKnown: boolean }
    : never;

const schedule = fc.array(fc.oneof(post, post, poll, poll, time, mood, knowledge), {
  maxLength: 60,
  size: "max",
});

/** A schedule against an engine, and what contradicts a promise of it. */
async function play(steps: readonly Step[], settings: EngineSettings) {
  const source = createMemorySource();
  for (const host of hosts) if (host.startsWith("bad")) source.know(host, 3);
  const answeredAtMs = new Map<string, number>();
  const postedAtMs = new Map<string, number>();
  // Of what TruSTAR knows, the second call decides: whether it is a hit or clean.
  const answered = <T>(values: readonly string[], items: T): T => {
    for (const value of values) answeredAtMs.set(value.toLowerCase(), clock.now());
    return items;
  };
  const metadata = source.metadata.bind(source);
  const summaries = source.summaries.bind(source);
  source.metadata = async (values, signal) => answered(values, await metadata(values, signal));
  source.summaries = async (values, ...rest) => answered(values, await summaries(values, ...rest));
  let isSpent = false;
  const parts = buildEngine({
    source,
    isQuotaSpent: () => isSpent,
    retry: { retries: 3, minTimeout: 10, maxTimeout: 100, randomize: false },
    ...settings,
  });
  const { engine, clock, intakes, endings, records } = parts;
  const keepsAll = (settings.cacheSize ?? hosts.length) >= hosts.length;
  const missTtlMs = settings.missTtlMs ?? 600_000;
  const issued: { readonly id: LookupId; readonly host: string }[] = [];
  const lies: string[] = [];
  const elapse = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  };
  function judge(host: string, answer: Answer): void {
    if (conclusion(answer) === "clean" && host.startsWith("bad")) lies.push(`${host} is called clean`);
    if (conclusion(answer) === "hit" && host.startsWith("ok")) lies.push(`${host} has a hit`);
    const answeredMs = answeredAtMs.get(host) ?? -Infinity;
    const oldest = Math.min(clock.now() - missTtlMs - 1, postedAtMs.get(host) ?? Infinity);
    if (conclusion(answer) === "clean" && answeredMs < oldest)
      lies.push(`${host} is called clean on an answer that is too old`);
    judgeAge(host, answer);
  }
  /** By what the engine itself has put on record of the host. */
  function judgeAge(host: string, answer: Answer): void {
    const own = records.filter(
      ({ is, ...record }) =>
        is !== "id" && "of" in record && typeof record.of !== "string" && record.of[0]?.value === host,
    );
    const found = own.findLast(({ is }) => is === "done");
    const isHit = found?.is === "done" && found.hits.length > 0;
    const said = conclusion(answer);
    if (said === "hit" && !isHit) lies.push(`${host} has a hit that was not what was found last`);
    const isMarked = JSON.stringify(answer).includes('"Checked"');
    if (isMarked && !isSpent) lies.push(`${host} has an old hit though it can be asked about`);
    if (["hit", "clean"].includes(said) && !isMarked && own.at(-1)?.is !== "done")
      lies.push(`${host} has an old verdict as if it were new`);
    if (isSpent && isHit && said !== "hit" && keepsAll) lies.push(`${host} has lost its old hit`);
  }
  const posts: Promise<void>[] = [];
  for (const step of steps) {
    if (step.do === "post") {
      const { host } = step;
      const atMs = clock.now();
      const submitted = engine
        .submit(submissionOf("net.name", step.shout ? host.replace(".", "[.]") : host))
        .then(
          (answer) => {
            issued.push({ id: answer.id, host });
            postedAtMs.set(host, atMs); // a post that is refused for now asks nothing
            judge(host, answer);
          },
          (error: unknown) => {
            if (!(error instanceof OverloadedError)) lies.push(String(error));
          },
        );
      posts.push(submitted);
    } else if (step.do === "poll") {
      const asked = issued[step.which % Math.max(issued.length, 1)];
      if (asked !== undefined) judge(asked.host, engine.poll(asked.id));
    } else if (step.do === "time") {
      await elapse(step.ms);
    } else if (step.do === "knowledge") {
      if (step.isKnown) source.know("odd.example", 3);
      else source.unknow("odd.example");
    } else {
      isSpent = step.mood === "spent";
      if (step.mood === "hang") source.hold();
      else source.release();
      source.failWith(step.mood === "healthy" || step.mood === "hang" ? undefined : errors[step.mood]);
    }
    await jest.advanceTimersByTimeAsync(0);
  }
  for (let round = 0; round < 20 && engine.running > 0; round += 1) await elapse(30_000);
  await Promise.all(posts);
  const started = intakes.filter((intake) => intake === "started").length;
  return { lies, parts, started, running: engine.running, ended: endings.length };
}

const patient: EngineSettings = {
  answerWithinMs: 20,
  batchWindowMs: 2,
  laterRetrySecs: 10,
  maxRetries: 10_000,
  cacheSize: 1_000,
};
const hasty: EngineSettings = {
  ...patient,
  firstRetrySecs: 1,
  laterRetrySecs: 2,
  maxRetries: 3,
  maxRunning: 4,
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it("nothing bad is ever called clean, and clean is what TruSTAR has just said, while results are kept long", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, patient)).lies).toEqual([]);
      expect((await play(steps, hasty)).lies).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it("nothing is called clean that was not just answered, while results are kept for a moment only", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, { ...hasty, cacheTtlMs: 600, missTtlMs: 600 })).lies).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("while the quota is spent what was a hit stays one, marked; no hit is old without saying so, or older than a miss", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, { ...patient, cacheTtlMs: 600 })).lies).toEqual([]);
      expect((await play(steps, { ...hasty, cacheTtlMs: 5, deliverWithinMs: 100 })).lies).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("nothing bad is called clean with the smallest cache", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, { ...patient, cacheSize: 1 })).lies).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("every look-up that was accepted ends, once, and leaves no timer", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.constantFrom(patient, hasty), async (steps, settings) => {
      const hangingAtTheEnd = [...steps, { do: "mood", mood: "hang" } as const];
      for (const some of [steps, hangingAtTheEnd]) {
        const { running, ended, started, parts } = await play(some, { ...settings, maxRetries: 3 });
        expect(running).toBe(0);
        expect(ended).toBeGreaterThanOrEqual(started); // polls of forgotten results start look-ups too
        expect(parts.records.filter(({ is }) => is === "asked")).toHaveLength(ended);
        expect({ timers: jest.getTimerCount(), queued: parts.desk.depth }).toEqual({ timers: 0, queued: 0 });
      }
    }),
    { numRuns: 100 },
  );
});

it("while nobody gives up, one value is in one upstream question at a time", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, patient)).parts.source.mostAtOnceForOneValue()).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100 },
  );
});

it("one value is in one upstream question at a time, even when look-ups give up and are posted again", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      expect((await play(steps, hasty)).parts.source.mostAtOnceForOneValue()).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});
