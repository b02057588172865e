import { jest } from "@jest/globals";
import { OverloadedError, UpstreamError } from "../../../src/core/errors.js";
import type { Hit } from "../../../src/core/hit.js";
import { DAY_MS } from "../../../src/core/time.js";
import { lookupIdOf } from "../../../services/lookup/lookup-id.js";
import type { StateRecord } from "../../../services/lookup/state-record.js";
import { createFakeClock } from "../../support/fake-clock.js";
import {
  buildEngine,
  conclusion,
  createMemorySource,
  submissionOf,
  until,
  type EngineSettings,
} from "../../support/lookup-fixtures.js";

const bad = submissionOf("net.ip", "203.0.113.7");
const slow = submissionOf("net.ip", "203.0.113.9");
const badId = lookupIdOf(bad.sourceText);
const slowId = lookupIdOf(slow.sourceText);
const of = (value: string) => [{ kind: "IP", value }] as const;

function knowing(...values: readonly string[]) {
  const source = createMemorySource();
  for (const value of values) source.know(value, 3);
  return source;
}

/** One finished and one running look-up. */
async function halfDone(settings: EngineSettings = {}) {
  const source = knowing("203.0.113.7", "203.0.113.9");
  const parts = buildEngine({ source, ...settings });
  await parts.engine.submit(bad);
  await parts.idle();
  source.hold();
  await parts.engine.submit(slow);
  await until(() => source.asked.metadata.length === 2);
  return parts;
}

it.each(["the snapshot of a clean stop", "the journal of a crash"])(
  "%s brings back finished and pending look-ups under their ids",
  async (how) => {
    const before = await halfDone();
    const records = how === "the journal of a crash" ? before.records : [...before.engine.snapshot()];
    const after = buildEngine({ source: knowing("203.0.113.7", "203.0.113.9"), clock: before.clock });
    await after.engine.restore([JSON.parse(JSON.stringify(records)) as StateRecord[]]);
    expect(conclusion(after.engine.poll(badId))).toBe("hit");
    expect(conclusion(after.engine.poll(slowId))).toBe("pending");
    await after.idle();
    expect(conclusion(after.engine.poll(slowId))).toBe("hit");
    expect(after.source.asked.metadata).toEqual([["203.0.113.9"]]);
    before.engine.close();
  },
);

it("a snapshot is the whole state: read back and taken again it is the same", async () => {
  const before = await halfDone();
  const snapshot = [...before.engine.snapshot()];
  const after = buildEngine({ clock: before.clock });
  after.source.hold();
  await after.engine.restore([snapshot]);
  expect([...after.engine.snapshot()]).toEqual(snapshot);
  before.engine.close();
  after.engine.close();
});

it("polls that were counted before the restart still count, and so does the time", async () => {
  const before = await halfDone({ maxRetries: 3 });
  before.engine.poll(slowId);
  before.engine.poll(slowId);
  const after = buildEngine({ clock: before.clock, maxRetries: 3 });
  after.source.hold();
  await after.engine.restore([[...before.engine.snapshot()]]);
  expect([1, 2].map(() => conclusion(after.engine.poll(slowId)))).toEqual(["pending", "failed"]);
  before.engine.close();
});

it("a look-up older than the whole polling time ends as failed, not as pending for ever", async () => {
  jest.useFakeTimers();
  try {
    const { engine, source, clock } = buildEngine({ firstRetrySecs: 5, laterRetrySecs: 10, maxRetries: 2 });
    source.hold();
    await engine.restore([
      [
        { is: "id", id: slowId, of: of("203.0.113.9") },
        { is: "asked", of: of("203.0.113.9"), atMs: clock.now() - 60_000, polls: 0 },
      ],
    ]);
    await jest.advanceTimersByTimeAsync(1);
    expect(conclusion(engine.poll(slowId))).toBe("failed");
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

it("what a look-up ended with before the crash is not started again", async () => {
  const { engine, clock } = buildEngine();
  const asked = (value: string): StateRecord => ({ is: "asked", of: of(value), atMs: clock.now(), polls: 0 });
  await engine.restore([
    [
      asked("203.0.113.1"),
      { is: "done", of: of("203.0.113.1"), atMs: clock.now(), hits: [] },
      asked("203.0.113.2"),
      { is: "dropped", of: of("203.0.113.2") },
    ],
  ]);
  expect(engine.running).toBe(0);
});

it("a failure before the crash is no result after it", async () => {
  const { engine, source } = buildEngine();
  source.hold();
  await engine.restore([
    [
      { is: "id", id: badId, of: of("203.0.113.7") },
      { is: "dropped", of: of("203.0.113.7") },
    ],
  ]);
  expect(conclusion(engine.poll(badId))).toBe("pending");
  engine.close();
});

it("the policy of today decides about what was asked yesterday", async () => {
  const ownNow = buildEngine({ neverLookup: ["203.0.113.0/24", "corp.example"] });
  const { engine, source, clock } = ownNow;
  await engine.restore([
    [
      { is: "asked", of: of("203.0.113.9"), atMs: clock.now(), polls: 0 },
      { is: "asked", of: [{ kind: "DOMAIN", value: "vpn.corp.example" }], atMs: clock.now(), polls: 0 },
    ],
  ]);
  await ownNow.idle();
  expect(source.asked.metadata.flat()).toEqual([]);
});

it("a remembered id does not make a value leave that has to stay by now", async () => {
  const { engine, source, idle } = buildEngine({ neverLookup: ["203.0.113.0/24"] });
  await engine.restore([[{ is: "id", id: slowId, of: of("203.0.113.9") }]]);
  engine.poll(slowId);
  await idle();
  expect(source.asked.metadata.flat()).toEqual([]);
});

it("draining lets waiting posts answer at once, refuses new values, still answers what is known", async () => {
  const source = knowing("203.0.113.7");
  const { engine } = buildEngine({ source, answerWithinMs: 60_000 });
  expect(conclusion(await engine.submit(bad))).toBe("hit");
  source.hold();
  const waiting = engine.submit(slow);
  await until(() => engine.running === 1);
  engine.drain();
  expect(conclusion(await waiting)).toBe("pending");
  expect(conclusion(await engine.submit(bad))).toBe("hit");
  expect(conclusion(await engine.submit(slow))).toBe("pending");
  await expect(engine.submit(submissionOf("net.ip", "203.0.113.1"))).rejects.toThrow(OverloadedError);
  expect([...engine.snapshot()].filter(({ is }) => is === "asked")).toHaveLength(1);
  engine.close();
});

it("closing cancels the upstream calls and leaves neither look-up nor timer", async () => {
  jest.useFakeTimers();
  try {
    const source = knowing();
    source.hold();
    const { engine, desk, records } = buildEngine({ source, batchWindowMs: 50 });
    await engine.submit(bad);
    await jest.advanceTimersByTimeAsync(60);
    await engine.submit(slow);
    engine.close();
    await jest.advanceTimersByTimeAsync(0);
    expect([engine.running, desk.depth, jest.getTimerCount()]).toEqual([0, 0, 0]);
    expect(records.map(({ is }) => is)).not.toContain("dropped");
  } finally {
    jest.useRealTimers();
  }
});

it("restoring far more than the cache holds keeps the newest and does no harm", async () => {
  const { engine, store, clock, idle } = buildEngine({ cacheSize: 10 });
  const records = Array.from({ length: 1_000 }, (_, at): StateRecord => ({
    is: "done",
    of: of(`v${at}`),
    atMs: clock.now(),
    hits: [],
  }));
  await engine.restore([records]);
  await idle();
  expect([...store.results()].map(({ key }) => key)).toEqual(
    Array.from({ length: 10 }, (_, at) => `IP v${990 + at}`),
  );
});

it("a look-up of several values of which one has to stay by now is not called clean for the others", async () => {
  const parts = buildEngine({ source: knowing("bad@evil.example"), neverLookup: ["corp.example"] });
  const mixed = (["boss@corp.example", "bad@evil.example"] as const).map(
    (value) => ({ kind: "EMAIL_ADDRESS", value }) as const,
  );
  await parts.engine.restore([
    [
      { is: "id", id: slowId, of: mixed },
      { is: "asked", of: mixed, atMs: parts.clock.now(), polls: 0 },
    ],
  ]);
  await parts.idle();
  expect(conclusion(parts.engine.poll(slowId))).not.toBe("clean");
  expect(parts.source.asked.metadata.flat()).not.toContain("boss@corp.example");
  parts.engine.close();
});

it("a look-up accepted in the future, under a clock that was set back since, is pending like any other", async () => {
  const before = await halfDone();
  const inTheFuture = [...before.engine.snapshot()].map((record) =>
    record.is === "asked" ? { ...record, atMs: before.clock.now() + 1e15 } : record,
  );
  jest.useFakeTimers();
  const after = buildEngine({ clock: before.clock });
  after.source.hold();
  await after.engine.restore([inTheFuture]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(conclusion(after.engine.poll(slowId))).toBe("pending");
  before.engine.close();
  after.engine.close();
  jest.useRealTimers();
});

it("after a damaged state file an unknown id is sent back instead of reading clean, for a week and over restarts", async () => {
  const clock = createFakeClock();
  const { engine } = buildEngine({ clock });
  expect(conclusion(engine.poll("lost"))).toBe("clean");
  await engine.restore([[{ is: "gap", atMs: clock.now() }]]);
  expect(conclusion(engine.poll("lost"))).toBe("failed");
  clock.advance(6 * DAY_MS);
  const next = buildEngine({ clock });
  await next.engine.restore([[...engine.snapshot()]]);
  expect(conclusion(next.engine.poll("lost"))).toBe("failed");
  clock.advance(2 * DAY_MS);
  expect(conclusion(next.engine.poll("lost"))).toBe("clean");
  expect([...next.engine.snapshot()]).toEqual([]);
});

it("nobody is told to come back before the look-up would survive a crash", async () => {
  let keep = (): void => undefined;
  const kept = (): Promise<void> => new Promise((resolve) => (keep = resolve));
  const { engine, source, records } = buildEngine({ kept });
  source.hold();
  let answered = false;
  const answer = engine.submit(slow).finally(() => (answered = true));
  await until(() => records.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  keep();
  expect(conclusion(await answer)).toBe("pending");
  engine.close();
});

describe("an old hit", () => {
  const hit: Hit = { props: [{ type: "string", name: "Priority Level", value: "HIGH" }] };
  const hourMs = 3_600_000;

  function done(atMs: number, hits: readonly Hit[]): StateRecord {
    return { is: "done", of: of("203.0.113.7"), atMs, hits };
  }

  /** Reads the records back while the quota is spent, unless told otherwise; TruSTAR does not answer. */
  async function restarted(records: Iterable<StateRecord>, settings: EngineSettings) {
    const parts = buildEngine({ isQuotaSpent: () => true, ...settings });
    parts.source.hold();
    await parts.engine.restore([JSON.parse(JSON.stringify([...records])) as StateRecord[]]);
    return parts;
  }

  async function outlived(settings: EngineSettings = {}) {
    const parts = buildEngine({ source: knowing("203.0.113.7"), answerWithinMs: 5_000, ...settings });
    await parts.engine.submit(bad);
    await parts.idle();
    parts.clock.advance(3 * hourMs);
    return parts;
  }

  it.each(["the snapshot of a clean stop", "the journal of a crash"])(
    "survives in %s, and the next; marked while the quota is spent, never new",
    async (how) => {
      const { engine, records, clock } = await outlived();
      const kept = how === "the journal of a crash" ? records : engine.snapshot();
      const once = await restarted(kept, { clock });
      const twice = await restarted(once.engine.snapshot(), { clock });
      for (const parts of [once, twice]) {
        expect(JSON.stringify(await parts.engine.submit(bad))).toContain("3 h ago, quota spent");
        expect(JSON.stringify(parts.engine.poll(badId))).toContain("3 h ago, quota spent");
      }
      const renewed = await restarted(twice.engine.snapshot(), { clock, isQuotaSpent: () => false });
      expect(conclusion(renewed.engine.poll(badId))).toBe("pending");
      expect(conclusion(await renewed.engine.submit(bad))).toBe("pending");
      renewed.engine.close();
    },
  );

  it("is there for the look-up that was under way, and for one that had failed", async () => {
    const { engine, source, clock, records } = await outlived({ answerWithinMs: 0 });
    source.hold();
    await engine.submit(bad);
    const underWay = await restarted(engine.snapshot(), { clock });
    expect(underWay.engine.running).toBe(1);
    expect(JSON.stringify(underWay.engine.poll(badId))).toContain("3 h ago, quota spent");
    underWay.engine.close();
    const failed = await restarted([...records, { is: "dropped", of: of("203.0.113.7") }], { clock });
    expect(failed.engine.running).toBe(0);
    expect(JSON.stringify(failed.engine.poll(badId))).toContain("3 h ago, quota spent");
    engine.close();
  });

  it("that was asked about anew is not new again after a restart, whatever the clock and cache_ttl say then", async () => {
    const { engine, source, clock, records } = await outlived();
    source.failWith(new UpstreamError("upstream_failed", "503"));
    expect(conclusion(await engine.submit(bad))).toBe("failed");
    const snapshot = [...engine.snapshot()];
    clock.advance(-3 * hourMs + 1);
    for (const kept of [records, snapshot]) {
      const after = await restarted(kept, { clock, cacheTtlMs: 24 * hourMs, isQuotaSpent: () => false });
      expect(conclusion(after.engine.poll(badId))).toBe("pending");
      expect(conclusion(await after.engine.submit(bad))).toBe("pending");
      after.engine.close();
    }
  });

  it("is gone when 'no hits' was found later, even if that is too old to count by now", async () => {
    const clock = createFakeClock();
    const nowMs = clock.now();
    const after = await restarted([done(nowMs - 5 * hourMs, [hit]), done(nowMs - 3 * hourMs, [])], { clock });
    expect(conclusion(await after.engine.submit(bad))).toBe("pending");
    expect([...after.engine.snapshot()].filter(({ is }) => is === "done")).toEqual([]);
    after.engine.close();
  });

  it("takes no more room than cache_size", async () => {
    const clock = createFakeClock();
    const records = Array.from({ length: 100 }, (_, at): StateRecord => ({
      is: "done",
      of: of(`198.51.100.${at}`),
      atMs: clock.now() - 3 * hourMs,
      hits: [hit],
    }));
    const { store, engine } = await restarted(records, { clock, cacheSize: 10 });
    expect(store.size).toBe(10);
    expect([...engine.snapshot()].filter(({ is }) => is === "done")).toHaveLength(10);
  });
});

it("an id that makes room while a state file is read is never told that nothing was found", async () => {
  const clock = createFakeClock();
  const ids = Array.from({ length: 8 }, (_, at): StateRecord => ({
    is: "id",
    id: lookupIdOf(`{"other": ${at}}`),
    of: of("203.0.113.7"),
  }));
  const asked: StateRecord = { is: "asked", of: of("203.0.113.9"), atMs: clock.now(), polls: 1, id: slowId };
  for (const records of [
    [asked, ...ids],
    [{ is: "id", id: slowId, of: of("203.0.113.9") } as const, ...ids, { ...asked, id: undefined }],
  ]) {
    const after = buildEngine({ source: createMemorySource(), clock, cacheSize: 2, maxRunning: 2 });
    after.source.hold();
    await after.engine.restore([records]);
    expect(after.engine.poll(slowId)).toMatchObject({ state: "failed" });
    after.engine.close();
  }
});
