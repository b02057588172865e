import { OverloadedError, UpstreamError } from "../../../src/core/errors.js";
import type { StateRecord } from "../../../services/lookup/state-record.js";
import { lookupIdOf } from "../../../services/lookup/lookup-id.js";
import { buildEngine, conclusion, createMemorySource, submissionOf } from "../../support/lookup-fixtures.js";

const outage = new UpstreamError("upstream_failed", "503");
const bad = submissionOf("net.ip", "203.0.113.7");
const id = lookupIdOf(bad.sourceText);
const of = [{ kind: "IP", value: "203.0.113.7" }] as const;
const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => submissionOf("net.ip", `198.51.100.${at}`));

it("a result that was evicted before its second poll is looked up again", async () => {
  const source = createMemorySource();
  source.know("203.0.113.7", 3);
  const { engine, idle } = buildEngine({ source, cacheSize: 1, answerWithinMs: 5_000 });
  expect(conclusion(await engine.submit(bad))).toBe("hit");
  await engine.submit(submissionOf("net.ip", "203.0.113.8"));
  expect(conclusion(engine.poll(id))).toBe("pending");
  await idle();
  expect(conclusion(engine.poll(id))).toBe("hit");
});

it("a result whose time is over is looked up again when its id is polled", async () => {
  const { engine, clock, idle } = buildEngine({ missTtlMs: 1_000, answerWithinMs: 5_000 });
  await engine.submit(bad);
  clock.advance(1_001);
  expect(conclusion(engine.poll(id))).toBe("pending");
  await idle();
});

it("results of a burst reach their polls through a cache that holds only one", async () => {
  const source = createMemorySource();
  const posts = numbered(4);
  for (const { artifact } of posts) source.know(String(artifact.value), 3);
  const { engine, idle } = buildEngine({ source, cacheSize: 1 });
  const answers = await Promise.all(posts.map((post) => engine.submit(post)));
  await idle();
  expect(answers.map((answer) => conclusion(engine.poll(answer.id)))).toEqual(["hit", "hit", "hit", "hit"]);
  expect(source.asked.metadata).toHaveLength(1);
});

it("a burst larger than the cache remembers every id it has issued while the look-ups run", async () => {
  const source = createMemorySource();
  source.hold();
  const { engine } = buildEngine({ source, cacheSize: 2 });
  const answers = await Promise.all(numbered(50).map((post) => engine.submit(post)));
  expect(answers.map((answer) => conclusion(engine.poll(answer.id)))).toEqual(answers.map(() => "pending"));
  engine.close();
});

it("after a burst larger than the cache, bad ones among it are not called clean", async () => {
  const source = createMemorySource();
  const posts = numbered(50);
  for (const { artifact } of posts) source.know(String(artifact.value), 3);
  const { engine, idle } = buildEngine({ source, cacheSize: 2 });
  const answers = await Promise.all(posts.map((post) => engine.submit(post)));
  await idle();
  expect(answers.map((answer) => conclusion(engine.poll(answer.id)))).not.toContain("clean");
});

it("when asking again fails, an old result that nobody had fetched is not passed off as the new answer", async () => {
  const source = createMemorySource();
  const { engine, clock, idle } = buildEngine({ source, missTtlMs: 1_000, deliverWithinMs: 180_000 });
  await engine.submit(bad);
  await idle();
  clock.advance(2_000);
  source.failWith(outage);
  expect(conclusion(await engine.submit(bad))).toBe("pending");
  await idle();
  expect(conclusion(engine.poll(id))).toBe("failed");
});

it("after a restart during an outage, a verdict that has outlived its time is not given out", async () => {
  const source = createMemorySource();
  source.failWith(outage);
  const { engine, clock } = buildEngine({ source, missTtlMs: 1_000, answerWithinMs: 5_000 });
  const weekOld: StateRecord = { is: "done", of, atMs: clock.now() - 7 * 86_400_000, hits: [] };
  await engine.restore([[{ is: "id", id, of }, weekOld]]);
  expect(conclusion(await engine.submit(bad))).toBe("failed");
});

it("after a restart a poll for a verdict that has outlived its time looks again", async () => {
  const { engine, clock } = buildEngine({ missTtlMs: 1_000 });
  const weekOld: StateRecord = { is: "done", of, atMs: clock.now() - 7 * 86_400_000, hits: [] };
  await engine.restore([[{ is: "id", id, of }, weekOld]]);
  expect(conclusion(engine.poll(id))).toBe("pending");
  engine.close();
});

it("past max_retries an old unfetched result does not turn the failure into clean", async () => {
  const source = createMemorySource();
  const { engine, clock, idle } = buildEngine({ source, missTtlMs: 1_000, maxRetries: 1 });
  await engine.submit(bad);
  await idle();
  clock.advance(2_000);
  source.hold();
  await engine.submit(bad);
  expect([1, 2].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "failed"]);
});

it("when there is no room to look up a forgotten result again, its poll is told to come back", async () => {
  const { engine, clock, source } = buildEngine({ missTtlMs: 1_000, answerWithinMs: 5_000, maxRunning: 1 });
  await engine.submit(bad);
  clock.advance(1_001);
  source.hold();
  const other = engine.submit(submissionOf("net.ip", "203.0.113.8"));
  expect(conclusion(engine.poll(id))).toBe("failed");
  engine.close();
  await other;
});

it("after the engine has closed nothing is clean that was not known to be", async () => {
  const source = createMemorySource();
  source.hold();
  const { engine } = buildEngine({ source, answerWithinMs: 60_000 });
  const waiting = engine.submit(bad);
  engine.close();
  expect(conclusion(await waiting)).toBe("failed");
  expect(conclusion(engine.poll(id))).toBe("failed");
  await expect(engine.submit(bad)).rejects.toThrow(OverloadedError);
});

it("an id means the values it was last posted with, whoever posts them", async () => {
  const source = createMemorySource();
  source.know("203.0.113.7", 3);
  const { engine } = buildEngine({ source, answerWithinMs: 5_000 });
  const first = await engine.submit(bad);
  const same = await engine.submit({ ...bad, sourceText: ` ${bad.sourceText}` });
  expect(same.id).toBe(first.id);
  expect(conclusion(engine.poll(first.id))).toBe("hit");
});

it("posts of a pending artifact give its polls no more than max_retries, and the last one all of them", async () => {
  const source = createMemorySource();
  source.hold();
  const { engine } = buildEngine({ source, maxRetries: 3 });
  await engine.submit(bad);
  await engine.submit(bad);
  expect([1, 2].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "pending"]);
  await engine.submit(bad);
  expect([1, 2, 3, 4].map(() => conclusion(engine.poll(id)))).toEqual([
    "pending",
    "pending",
    "pending",
    "failed",
  ]);
  engine.close();
});

it("with more ids than there is room for, those that were lost are sent back and none reads clean", async () => {
  const source = createMemorySource();
  source.know("203.0.113.7", 3);
  source.hold();
  const { engine, idle } = buildEngine({ source, cacheSize: 1, maxRunning: 2 });
  // One look-up with more ids than the four that each result may have.
  const spelled = Array.from({ length: 12 }, (_, at) => ({
    ...bad,
    sourceText: JSON.stringify({ ...bad.artifact, at }),
  }));
  const answers = await Promise.all(spelled.map((post) => engine.submit(post)));
  const heard = (): readonly string[] => answers.map((answer) => conclusion(engine.poll(answer.id)));
  expect(new Set(heard())).toEqual(new Set(["failed", "pending"]));
  source.release();
  await idle();
  expect(new Set(heard())).toEqual(new Set(["failed", "hit"]));
});

it("ids that make room after their verdict was fetched are no loss", async () => {
  const { engine, idle } = buildEngine({ cacheSize: 1, maxRunning: 1 });
  for (const post of numbered(9)) {
    const { id: posted } = await engine.submit(post);
    await idle();
    expect(conclusion(engine.poll(posted))).toBe("clean");
  }
  expect([...engine.snapshot()].filter(({ is }) => is === "gap")).toEqual([]);
});

describe("while the quota is spent, an old 'no hits'", () => {
  async function outlivedMiss() {
    const state = { isSpent: false };
    const parts = buildEngine({ cacheTtlMs: 600_000, maxRetries: 1, isQuotaSpent: () => state.isSpent });
    await parts.engine.submit(bad);
    await parts.idle();
    parts.clock.advance(3 * 3_600_000);
    parts.source.hold();
    return { ...parts, state };
  }

  it("answers neither the polls of its id nor a post, nor the polls of the look-up that this begins", async () => {
    const { engine, state } = await outlivedMiss();
    state.isSpent = true;
    expect(conclusion(engine.poll(id))).toBe("pending");
    expect(conclusion(await engine.submit(bad))).toBe("pending");
    expect([1, 2].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "failed"]);
    expect(conclusion(engine.poll(id))).toBe("failed");
  });

  it("is not brought back by a restart", async () => {
    const { engine, clock, records } = await outlivedMiss();
    for (const kept of [records, [...engine.snapshot()]]) {
      const after = buildEngine({ clock, isQuotaSpent: () => true });
      after.source.hold();
      await after.engine.restore([kept]);
      expect(conclusion(after.engine.poll(id))).toBe("pending");
      expect(conclusion(await after.engine.submit(bad))).toBe("pending");
      after.engine.close();
    }
  });
});
