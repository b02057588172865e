import { jest } from "@jest/globals";
import {
  InvalidArtifactError,
  OverloadedError,
  PayloadTooLargeError,
  RateLimitedError,
  UpstreamError,
} from "../../../src/core/errors.js";
import type { Answer } from "../../../src/core/lookup.js";
import type { Forecast } from "../../../services/lookup/forecast.js";
import { outlastOutage } from "../../../services/http/retry-policy.js";
import { createLogCapture } from "../../support/log-capture.js";
import {
  atOnce,
  buildEngine,
  conclusion,
  createMemorySource,
  submissionOf,
  until,
  type EngineSettings,
} from "../../support/lookup-fixtures.js";

const bad = submissionOf("net.ip", "203.0.113.7");
const unknown = submissionOf("net.ip", "203.0.113.8");
const outage = new UpstreamError("upstream_failed", "TruSTAR has a problem of its own (HTTP 503)");

function knowing(...values: readonly string[]) {
  const source = createMemorySource();
  for (const value of values) source.know(value, 3);
  return source;
}

describe("an artifact that is posted", () => {
  it("has its hits at once when TruSTAR is quick, and from the cache the next time", async () => {
    const { engine, source, intakes, endings } = buildEngine({
      source: knowing("203.0.113.7"),
      answerWithinMs: 5_000,
    });
    const answers = [await engine.submit(bad), await engine.submit(bad)];
    expect(answers.map(conclusion)).toEqual(["hit", "hit"]);
    expect(answers[1]).toEqual(answers[0]);
    expect(source.asked.metadata).toHaveLength(1);
    expect([intakes, endings]).toEqual([["started", "cached"], ["hit"]]);
  });

  it("is pending with the first delay when TruSTAR takes longer, and polled with the later one", async () => {
    const source = knowing("203.0.113.7");
    source.hold();
    const { engine, idle } = buildEngine({ source, firstRetrySecs: 3, laterRetrySecs: 30 });
    const posted = await engine.submit(bad);
    expect(posted).toMatchObject({ state: "pending", hits: [], retrySecs: 3 });
    expect(engine.poll(posted.id)).toMatchObject({ state: "pending", hits: [], retrySecs: 30 });
    source.release();
    await idle();
    expect(conclusion(engine.poll(posted.id))).toBe("hit");
  });

  it("is clean when TruSTAR does not know it, or holds it below the least priority", async () => {
    const source = createMemorySource();
    source.know("203.0.113.7", 1);
    const { engine, endings } = buildEngine({ source, answerWithinMs: 5_000 });
    expect([await engine.submit(bad), await engine.submit(unknown)].map(conclusion)).toEqual([
      "clean",
      "clean",
    ]);
    expect(endings).toEqual(["miss", "miss"]);
  });

  it.each([
    ["net.name", "localhost", "not_knowable"],
    ["net.port", 443, "not_knowable"],
    ["net.ip", "10.0.0.1", "kept_inside"],
    ["system.user.password", "0123456789abcdef0123456789abcdef", "kept_inside"],
    ["net.uri", "https://corp.example/x", "kept_inside"],
  ] as const)("of %s %j TruSTAR never hears", async (type, value, intake) => {
    const { engine, source, intakes } = buildEngine({ neverLookup: ["corp.example"] });
    expect(conclusion(await engine.submit(submissionOf(type, value)))).toBe("clean");
    expect(source.asked.metadata).toEqual([]);
    expect(intakes).toEqual([intake]);
  });

  it("with several values asks about those that may leave, and counts those that stay", async () => {
    const { engine, source, kept, idle } = buildEngine({ neverLookup: ["corp.example"] });
    await engine.submit(submissionOf("email.header.to", ["a@corp.example", "b@evil.example", "c@db.local"]));
    await idle();
    expect(source.asked.metadata).toEqual([["b@evil.example"]]);
    expect(kept).toEqual(["never_lookup", "internal_name"]);
  });

  it("that is not JSON is refused before anything is asked", async () => {
    const { engine, source } = buildEngine();
    await expect(engine.submit({ ...bad, sourceText: "{" })).rejects.toThrow(InvalidArtifactError);
    expect(source.asked.metadata).toEqual([]);
  });
});

describe("many who ask about one value", () => {
  it("two hundred posts at once are one look-up, whatever the key order and the spelling", async () => {
    const source = knowing("evil.example");
    source.hold();
    const { engine, intakes, idle } = buildEngine({ source, maxRetries: 1_000 });
    const texts = [
      '{"type":"net.name","value":"evil.example"}',
      '{"value":"“evil(.)example”","type":"net.name"}',
      '{"type": "net.name", "value": "evil[.]example"}',
      '{"type":"string","value":" evil.example. "}',
    ];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => {
        const sourceText = texts[at % texts.length]!;
        return engine.submit({ sourceText, artifact: JSON.parse(sourceText) });
      }),
    );
    expect(answers.map(conclusion)).toEqual(answers.map(() => "pending"));
    expect(intakes.filter((intake) => intake === "started")).toHaveLength(1);
    source.release();
    await idle();
    for (const { id } of answers) expect(conclusion(engine.poll(id))).toBe("hit");
    expect(source.asked.metadata).toEqual([["evil.example"]]);
    expect(source.asked.summaries).toEqual([["evil.example"]]);
  });

  it("what a server may keep in upper case is asked as written too; what is under way already is not asked twice", async () => {
    const source = knowing("EVIL.Example");
    source.hold();
    const { engine, idle } = buildEngine({ source, maxRetries: 1_000 });
    const lower = await engine.submit(submissionOf("net.name", "evil.example"));
    const upper = await engine.submit(submissionOf("net.name", "EVIL.Example"));
    source.release();
    await idle();
    for (const { id } of [lower, upper]) expect(conclusion(engine.poll(id))).toBe("hit");
    expect(source.asked.metadata.flat().sort()).toEqual(["EVIL.Example", "evil.example"]);
  });

  it("a handful of posts wait; one more is a burst: all are told at once to come back, and so are the next", async () => {
    const source = knowing();
    source.hold();
    const { engine, idle } = buildEngine({ source, answerWithinMs: 60_000, maxRetries: 1_000 });
    const settled: string[] = [];
    const post = (at: number) =>
      engine
        .submit(submissionOf("net.ip", `203.0.113.${at}`))
        .then((answer) => settled.push(conclusion(answer)));
    const handful = Array.from({ length: 8 }, (_, at) => post(at));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([]);
    await Promise.all([...handful, post(8)]);
    await post(9);
    expect(settled).toEqual(Array.from({ length: 10 }, () => "pending"));
    source.release();
    await idle();
  });

  it("a pool of two threads does not make a call of every two artifacts", async () => {
    const { engine, source, idle } = buildEngine({ answerWithinMs: 60_000 });
    const thread = async (first: number): Promise<void> => {
      for (let at = first; at < 200; at += 2) await engine.submit(submissionOf("net.ip", `203.0.113.${at}`));
    };
    await Promise.all([thread(0), thread(1)]);
    await idle();
    expect(source.asked.metadata.flat()).toHaveLength(200);
    expect(source.asked.metadata.length).toBeLessThan(20);
  });

  it("when the burst is over a lone artifact has its answer at once again", async () => {
    const { engine, idle, clock } = buildEngine({ answerWithinMs: 60_000 });
    const burst = Array.from({ length: 20 }, (_, at) =>
      engine.submit(submissionOf("net.ip", `203.0.113.${at}`)),
    );
    await Promise.all(burst);
    await idle();
    clock.advance(1_000);
    expect(conclusion(await engine.submit(submissionOf("net.ip", "203.0.113.200")))).toBe("clean");
  });
});

describe("a look-up that could not be made", () => {
  it.each([
    outage,
    new RateLimitedError("quota_exhausted", "quota spent", 0),
    new TypeError("a bug of ours"),
  ])("is failed, is never cached, and the next post starts afresh (%s)", async (error) => {
    const source = knowing("203.0.113.7");
    source.failWith(error);
    const { engine, records, endings } = buildEngine({ source, answerWithinMs: 5_000 });
    const posted = await engine.submit(bad);
    expect(posted).toMatchObject({ state: "failed", error: error.message });
    expect(engine.poll(posted.id)).toMatchObject({ state: "failed", error: error.message });
    expect(records.map(({ is }) => is)).toEqual(["asked", "dropped"]);
    source.failWith(undefined);
    expect(conclusion(await engine.submit(bad))).toBe("hit");
    expect(conclusion(engine.poll(posted.id))).toBe("hit");
    expect(endings).toEqual(["failed", "hit"]);
  });

  it("fails after max_retries polls with what TruSTAR said last; a post then starts afresh", async () => {
    const source = knowing("203.0.113.7");
    source.failWith(outage);
    const { engine, idle, endings } = buildEngine({ source, retry: atOnce, maxRetries: 3 });
    const { id } = await engine.submit(bad);
    await until(() => engine.trouble !== undefined);
    expect([1, 2, 3].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "pending", "pending"]);
    expect(engine.poll(id)).toEqual({ state: "failed", id, error: outage.message });
    expect(engine.running).toBe(0);
    expect(conclusion(engine.poll(id))).toBe("failed");
    source.failWith(undefined);
    expect(conclusion(await engine.submit(bad))).toBe("pending");
    await idle();
    expect(conclusion(engine.poll(id))).toBe("hit");
    expect(endings).toEqual(["failed", "hit"]);
  });

  it("gives up by itself when nobody polls, and leaves no timer", async () => {
    jest.useFakeTimers();
    try {
      const source = knowing();
      source.hold();
      const { engine, endings } = buildEngine({
        source,
        firstRetrySecs: 5,
        laterRetrySecs: 10,
        maxRetries: 2,
      });
      const { id } = await engine.submit(bad);
      await jest.advanceTimersByTimeAsync(34_999);
      expect([engine.running, endings]).toEqual([1, []]);
      await jest.advanceTimersByTimeAsync(1);
      expect([engine.running, endings]).toEqual([0, ["failed"]]);
      expect(conclusion(engine.poll(id))).toBe("failed");
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it("stays pending through an outage of hours when max_retries allows as many polls, and then has its hits", async () => {
    jest.useFakeTimers();
    try {
      const source = knowing("203.0.113.7");
      source.failWith(outage);
      const capture = createLogCapture();
      const { engine } = buildEngine({
        source,
        log: capture.log,
        clock: { now: () => Date.now(), advance: () => undefined },
        retry: outlastOutage,
        maxRetries: 2_000,
      });
      const { id } = await engine.submit(bad);
      for (let poll = 0; poll < 1_900; poll += 1) {
        await jest.advanceTimersByTimeAsync(60_000);
        expect(conclusion(engine.poll(id))).toBe("pending");
      }
      expect(capture.lines().length).toBeLessThanOrEqual(1_900);
      source.failWith(undefined);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(conclusion(engine.poll(id))).toBe("hit");
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it("tells the log of one cause once a minute, however many calls fail of it", () => {
    const capture = createLogCapture();
    const { engine, clock } = buildEngine({ log: capture.log });
    for (let call = 0; call < 10; call += 1) engine.noteTrouble(outage);
    expect(capture.lines()).toHaveLength(1);
    clock.advance(60_000);
    engine.noteTrouble(outage);
    expect(capture.lines()).toHaveLength(2);
  });

  it("does not blame an old trouble for a new silence", async () => {
    const source = knowing();
    source.hold();
    const { engine, clock } = buildEngine({ source, maxRetries: 0 });
    engine.noteTrouble(outage);
    clock.advance(1);
    const { id } = await engine.submit(bad);
    expect(engine.poll(id)).toMatchObject({ state: "failed", error: "TruSTAR has not answered in time" });
  });

  it("is logged without the value that was asked for", async () => {
    const source = knowing();
    source.failWith(new TypeError("a bug of ours"));
    const capture = createLogCapture();
    const { engine } = buildEngine({ source, log: capture.log, answerWithinMs: 5_000 });
    await engine.submit(bad);
    expect(capture.lines()).toHaveLength(1);
    expect(capture.text()).not.toContain("203.0.113.7");
  });
});

describe("a look-up of several values", () => {
  const to = submissionOf("email.header.to", ["bad@evil.example", "slow@evil.example"]);

  it("shows the hits it has while others are awaited, in the order of the values", async () => {
    const source = knowing("bad@evil.example", "slow@evil.example");
    const reports = { held: true };
    const slow = source.correlatedReports.bind(source);
    source.correlatedReports = async (values, signal) => {
      while (reports.held && !signal.aborted) await new Promise((resolve) => setImmediate(resolve));
      return slow(values, signal);
    };
    const { engine, idle } = buildEngine({ source, hitDetail: "reports", maxRetries: 1_000_000 });
    const { id } = await engine.submit(to);
    await until(() => hitsOf(engine.poll(id)) === 4);
    reports.held = false;
    await idle();
    const answer = engine.poll(id);
    expect(answer.state === "finished" && answer.hits.length).toBe(6);
    expect(JSON.stringify(answer).indexOf("bad@")).toBeLessThan(JSON.stringify(answer).indexOf("slow@"));
  });

  it("fails as a whole when one of them could not be asked about: half an answer would read as clean", async () => {
    const source = knowing();
    source.summaries = () => Promise.reject(outage);
    source.know("slow@evil.example", 3);
    const { engine } = buildEngine({ source, answerWithinMs: 5_000 });
    expect(conclusion(await engine.submit(to))).toBe("failed");
  });
});

describe("limits", () => {
  it("beyond max_running new values are refused for now; those that run are still joined", async () => {
    const source = knowing();
    source.hold();
    const { engine, intakes } = buildEngine({ source, maxRunning: 1 });
    await engine.submit(bad);
    await expect(engine.submit(unknown)).rejects.toThrow(OverloadedError);
    expect(conclusion(await engine.submit(bad))).toBe("pending");
    expect(intakes).toEqual(["started", "refused", "joined"]);
    engine.close();
  });

  it("an id that was never issued is finished without hits, as rc-cts answers", () => {
    const id = "be83617d-e0d7-5e39-bca2-7248e347cff1";
    expect(buildEngine().engine.poll(id)).toEqual({ state: "finished", id, hits: [] });
  });
});

it("every recipient of a mailing list is asked about but our own, and the last bad one is found", async () => {
  const source = createMemorySource();
  source.know("bad@evil.example", 3);
  const { engine } = buildEngine({ source, answerWithinMs: 5_000, neverLookup: ["corp.example"] });
  const others = Array.from({ length: 300 }, (_, at) => `user${at}@${at < 100 ? "corp" : "fine"}.example`);
  const answer = await engine.submit(submissionOf("email.header.to", [...others, "bad@evil.example"]));
  expect(conclusion(answer)).toBe("hit");
  const asked = source.asked.metadata.flat();
  expect(asked).toHaveLength(201);
  expect(asked.filter((value) => value.includes("corp"))).toEqual([]);
});

it("an artifact with more values than can be answered is refused, not called clean", async () => {
  const { engine, source } = buildEngine({ answerWithinMs: 5_000 });
  const many = Array.from({ length: 501 }, (_, at) => `user${at}@fine.example`);
  await expect(engine.submit(submissionOf("email.header.to", many))).rejects.toThrow(PayloadTooLargeError);
  expect(source.asked.metadata).toEqual([]);
});

it("two files of one name do not answer for each other", async () => {
  const digests = (digit: string) => ({
    md5: digit.repeat(32),
    sha1: digit.repeat(40),
    sha256: digit.repeat(64),
  });
  const source = createMemorySource();
  source.know(digests("b").sha256, 3);
  const { engine, idle } = buildEngine({ source, answerWithinMs: 0 });
  const bad = await engine.submit(submissionOf("file.content", "invoice.pdf", digests("b")));
  const fine = await engine.submit(submissionOf("file.content", "invoice.pdf", digests("a")));
  await idle();
  expect(conclusion(engine.poll(bad.id))).toBe("hit");
  expect(conclusion(engine.poll(fine.id))).toBe("clean");
});

it("an id withdrawn by other rules is told to be sent again, also after one more restart", async () => {
  const { engine } = buildEngine();
  const { id } = await engine.submit(submissionOf("net.ip", "203.0.113.7"));
  const next = buildEngine();
  await next.engine.restore([[{ is: "id", id, of: [] }]]);
  const last = buildEngine();
  await last.engine.restore([[...next.engine.snapshot()]]);
  for (const parts of [next, last]) expect(conclusion(parts.engine.poll(id))).toBe("failed");
  expect(conclusion(await last.engine.submit(submissionOf("net.ip", "203.0.113.7")))).toBe("pending");
  await last.idle();
  expect(conclusion(last.engine.poll(id))).toBe("clean");
  engine.close();
});

/** Partial hits of a look-up that is still pending. */
function hitsOf(answer: Answer): number {
  return answer.state === "pending" ? answer.hits.length : -1;
}

function retrySecsOf(answer: Answer): number | string {
  return answer.state === "pending" ? answer.retrySecs : answer.state;
}

const idleForecast: Forecast = {
  answered: 0,
  place: () => 0,
  knownPlace: () => 0,
  ahead: () => 0,
  waitMs: () => 0,
  heldMs: () => 0,
  gathersMs: () => 0,
};

function saying(waitMs: () => number, heldMs = () => 0): Forecast {
  return { ...idleForecast, waitMs, heldMs };
}

/** A queue of calls that take a second. */
function moving(queue: { readonly ahead: number; readonly answered: number }): Forecast {
  return {
    ...idleForecast,
    get answered() {
      return queue.answered;
    },
    place: () => 900,
    ahead: () => queue.ahead,
    waitMs: () => 1_000,
  };
}

describe("when a poll should come", () => {
  it("is when the answer is likely, later when that was wrong, and never later than configured", async () => {
    const source = knowing();
    source.hold();
    const { engine, clock, idle } = buildEngine({
      source,
      firstRetrySecs: 5,
      laterRetrySecs: 60,
      forecast: saying(() => 1_200),
    });
    const posted = await engine.submit(bad);
    expect(posted).toMatchObject({ retrySecs: 2 });
    const polled = [1_300, 4_000, 8_900, 3_600_000].map((ms) => {
      clock.advance(ms);
      return retrySecsOf(engine.poll(posted.id));
    });
    expect(polled).toEqual([1, 5, 13, 60]);
    source.release();
    await idle();
  });

  it("is when the call that is under way is likely to end, not one that would begin now", async () => {
    const source = knowing();
    source.hold();
    const { engine, clock } = buildEngine({ source, forecast: saying(() => 12_000) });
    const { id } = await engine.submit(bad);
    const polled = [5_000, 6_900, 100].map((ms) => {
      clock.advance(ms);
      return retrySecsOf(engine.poll(id));
    });
    expect(polled).toEqual([7, 1, 1]);
    engine.close();
  });

  it("is told at once, and no thread of the platform is kept waiting, when that is later than the POST may wait", async () => {
    jest.useFakeTimers(); // no time passes: a wait would have no end
    try {
      const source = knowing();
      source.hold();
      const { engine } = buildEngine({ source, answerWithinMs: 30_000, forecast: saying(() => 31_000) });
      expect(await engine.submit(bad)).toMatchObject({ state: "pending" });
      engine.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it("is told for its own place, not for the end of the queue", async () => {
    const source = knowing();
    source.hold();
    let place = 0;
    const forecast: Forecast = {
      ...idleForecast,
      place: () => (place += 1),
      ahead: (of) => of,
      waitMs: (ahead) => ahead * 2_000,
    };
    const { engine } = buildEngine({ source, forecast });
    const posted = [await engine.submit(bad), await engine.submit(unknown)];
    expect(posted).toMatchObject([{ retrySecs: 2 }, { retrySecs: 4 }]);
    expect(posted.map(({ id }) => retrySecsOf(engine.poll(id)))).toEqual([2, 4]);
    engine.close();
  });

  it("is soon for what gets on in a queue that takes longer than was thought", async () => {
    const source = knowing();
    source.hold();
    const queue = { ahead: 900, answered: 0 };
    const { engine, clock } = buildEngine({ source, forecast: moving(queue) });
    const { id } = await engine.submit(bad);
    const told = [600, 300, 300, 0, 0].map((next) => {
      clock.advance(20_000);
      queue.answered += 1;
      queue.ahead = next;
      return retrySecsOf(engine.poll(id));
    });
    expect(told).toEqual([1, 1, 19, 1, 19]);
    engine.close();
  });

  it("is less and less often when its queue moves only because calls fail, until one is answered", async () => {
    const source = knowing();
    source.hold();
    const queue = { ahead: 900, answered: 7 };
    const { engine, clock } = buildEngine({ source, forecast: moving(queue) });
    const { id } = await engine.submit(bad);
    const told = [800, 700, 600, 500, 400].map((next) => {
      clock.advance(20_000);
      if (next === 500) queue.answered += 1;
      queue.ahead = next;
      return retrySecsOf(engine.poll(id));
    });
    expect(told).toEqual([19, 39, 59, 1, 19]);
    engine.close();
  });

  it("is soon again for what TruSTAR knows: only what is known of it is still missing", async () => {
    const queue = { ahead: 0, answered: 0 };
    const summaries = async (): Promise<never> => {
      queue.answered += 1; // the question for metadata
      return await new Promise(() => undefined);
    };
    const source = { ...knowing("203.0.113.7"), summaries };
    source.hold();
    const { engine, clock } = buildEngine({ source, forecast: moving(queue) });
    const { id } = await engine.submit(bad);
    clock.advance(20_000);
    source.release();
    await until(() => queue.answered > 0);
    const told = [0, 20_000].map((ms) => {
      clock.advance(ms);
      return retrySecsOf(engine.poll(id));
    });
    expect(told).toEqual([1, 19]);
    engine.close();
  });

  it("is soon after a call that failed, and in an outage less and less often", async () => {
    const source = knowing();
    source.failWith(outage);
    const { engine, clock } = buildEngine({ source, retry: atOnce, forecast: saying(() => 100) });
    const { id } = await engine.submit(bad);
    await until(() => engine.trouble !== undefined);
    const told: unknown[] = [];
    for (let poll = 0, secs = 1; poll < 9; poll += 1) {
      clock.advance(secs * 1_000);
      const next = retrySecsOf(engine.poll(id));
      told.push(next);
      secs = Number(next);
    }
    expect(told).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    engine.close();
  });

  it("does not use up max_retries with polls that came early because they were told to", async () => {
    const source = knowing();
    source.hold();
    let heldMs = 0;
    const forecast = saying(
      () => 900,
      () => heldMs,
    );
    const { engine } = buildEngine({ source, forecast, laterRetrySecs: 60, maxRetries: 2 });
    const { id } = await engine.submit(bad);
    for (let poll = 0; poll < 10; poll += 1) expect(retrySecsOf(engine.poll(id))).toBe(1);
    heldMs = 90_000;
    expect([1, 2, 3].map(() => retrySecsOf(engine.poll(id)))).toEqual([60, 60, "failed"]);
  });

  it("is in the first answer no later than first_retry_secs, however long the budget makes it wait", async () => {
    const source = knowing();
    source.hold();
    const { engine } = buildEngine({
      source,
      firstRetrySecs: 5,
      laterRetrySecs: 60,
      forecast: saying(() => 45_000),
    });
    const posted = await engine.submit(bad);
    expect([posted, engine.poll(posted.id)]).toMatchObject([{ retrySecs: 5 }, { retrySecs: 45 }]);
    engine.close();
  });
});

describe("while the quota is spent", () => {
  const spent = new RateLimitedError("quota_exhausted", "quota spent", 0);

  async function outlived(source: ReturnType<typeof knowing>, settings: EngineSettings = {}) {
    const state = { isSpent: false };
    const parts = buildEngine({
      source,
      answerWithinMs: 5_000,
      cacheTtlMs: 600_000,
      isQuotaSpent: () => state.isSpent,
      ...settings,
    });
    const { id } = await parts.engine.submit(bad);
    await parts.idle();
    parts.engine.poll(id);
    parts.clock.advance(3 * 3_600_000);
    const spend = (): void => {
      state.isSpent = true;
      source.failWith(spent);
    };
    const renew = (): void => {
      state.isSpent = false;
      source.failWith(undefined);
    };
    return { ...parts, id, spend, renew };
  }

  it("an old hit is shown with its age, and not kept as new", async () => {
    const { engine, source, spend, renew, intakes } = await outlived(knowing("203.0.113.7"));
    spend();
    const answer = await engine.submit(bad);
    expect(conclusion(answer)).toBe("hit");
    expect(JSON.stringify(answer)).toContain('"name":"Checked","value":"3 h ago, quota spent"');
    renew();
    expect(checkedOf(await engine.submit(bad))).toBe("now");
    expect(source.asked.metadata).toHaveLength(2);
    expect(intakes).toEqual(["started", "outdated", "started"]);
  });

  it("an old 'no hits' is not shown: it would read clean", async () => {
    const { engine, spend } = await outlived(knowing());
    spend();
    expect(conclusion(await engine.submit(bad))).toBe("failed");
  });

  it("an old hit is shown to the post whose own look-up finds the quota spent, and to its later posts and polls", async () => {
    const { engine, source, spend, id } = await outlived(knowing("203.0.113.7"));
    source.hold();
    const posted = engine.submit(bad);
    await until(() => source.asked.metadata.length === 2);
    spend();
    source.release();
    expect(checkedOf(await posted)).toBe("3 h ago, quota spent");
    expect(engine.running).toBe(0);
    expect(checkedOf(engine.poll(id))).toBe("3 h ago, quota spent");
    expect(checkedOf(await engine.submit(bad))).toBe("3 h ago, quota spent");
  });

  it("polls and posts of a look-up under way have the old hit; it goes on, and what it finds counts from then on", async () => {
    const source = knowing("203.0.113.7");
    const { engine, spend, renew, id, idle } = await outlived(source, { answerWithinMs: 0, maxRetries: 1 });
    source.hold();
    expect(conclusion(await engine.submit(bad))).toBe("pending");
    spend();
    for (let poll = 0; poll < 5; poll += 1) {
      expect(checkedOf(engine.poll(id))).toBe("3 h ago, quota spent");
      expect(checkedOf(await engine.submit(bad))).toBe("3 h ago, quota spent");
    }
    renew();
    expect(conclusion(engine.poll(id))).toBe("pending");
    source.release();
    await idle();
    expect([engine.poll(id), await engine.submit(bad)].map(checkedOf)).toEqual(["now", "now"]);
    expect(source.asked.metadata).toHaveLength(2);
  });

  it("hits that a look-up under way has found by then come with the old ones", async () => {
    const source = knowing("203.0.113.7");
    const { engine, spend, id, idle } = await outlived(source, {
      hitDetail: "reports",
      maxRetries: 1_000_000,
    });
    const reports = source.correlatedReports.bind(source);
    source.correlatedReports = async (values, signal) => {
      source.hold();
      return reports(values, signal);
    };
    const posted = engine.submit(bad);
    await until(() => hitsOf(engine.poll(id)) > 0);
    spend();
    const answer = engine.poll(id);
    expect(answer.state === "finished" && answer.hits.map(({ props }) => props[0]?.name)).toEqual([
      "Priority Level",
      "Intel Provider",
      "Checked",
      "Checked",
      "Checked",
    ]);
    source.release();
    await Promise.all([posted, idle()]);
  });

  it("a poll for a hit whose time is over has it marked, and nothing is asked", async () => {
    const { engine, source, spend, renew, id, idle } = await outlived(knowing("203.0.113.7"));
    spend();
    expect(checkedOf(engine.poll(id))).toBe("3 h ago, quota spent");
    expect([engine.running, source.asked.metadata.length]).toEqual([0, 1]);
    renew();
    expect(conclusion(engine.poll(id))).toBe("pending");
    await idle();
    expect(checkedOf(engine.poll(id))).toBe("now");
  });

  it("an old hit is never shown for an outage, nor unmarked after it", async () => {
    const { engine, source, spend, renew, id } = await outlived(knowing("203.0.113.7"));
    source.failWith(outage);
    expect(conclusion(await engine.submit(bad))).toBe("failed");
    expect(conclusion(engine.poll(id))).toBe("failed");
    spend();
    expect(checkedOf(await engine.submit(bad))).toBe("3 h ago, quota spent");
    renew();
    source.failWith(outage);
    expect(conclusion(engine.poll(id))).toBe("failed");
    expect(conclusion(await engine.submit(bad))).toBe("failed");
  });

  it("a hit that was not found again is no old hit any more", async () => {
    const { engine, source, clock, spend, id } = await outlived(knowing("203.0.113.7"));
    source.unknow("203.0.113.7");
    expect(conclusion(await engine.submit(bad))).toBe("clean");
    clock.advance(3_600_000);
    spend();
    expect(conclusion(await engine.submit(bad))).toBe("failed");
    expect(conclusion(engine.poll(id))).toBe("failed");
  });

  it("with a clock that was set back since, nobody knows how old the hit is, and it doesn't say", async () => {
    const { engine, clock, spend } = await outlived(knowing("203.0.113.7"));
    clock.advance(-24 * 3_600_000);
    spend();
    expect(checkedOf(await engine.submit(bad))).toBe("some time ago, quota spent");
  });

  it("after a failed look-up a clock that is set back does not make the old hit new", async () => {
    const { engine, source, clock, id } = await outlived(knowing("203.0.113.7"));
    source.failWith(outage);
    await engine.submit(bad);
    clock.advance(-3 * 3_600_000);
    expect([engine.poll(id), await engine.submit(bad)].map(conclusion)).toEqual(["failed", "failed"]);
  });

  it("the id of a post that was answered with an old hit is remembered: its poll never reads clean", async () => {
    const { engine, spend, renew, idle } = await outlived(knowing("203.0.113.7"));
    spend();
    const spelled = { ...bad, sourceText: '{"value":"203.0.113.7","type":"string"}' };
    const { id } = await engine.submit({ ...spelled, artifact: { type: "string", value: "203.0.113.7" } });
    expect(checkedOf(engine.poll(id))).toBe("3 h ago, quota spent");
    renew();
    expect(conclusion(engine.poll(id))).toBe("pending");
    await idle();
  });
});

/** What the first hit says of its age. */
function checkedOf(answer: Answer): unknown {
  if (conclusion(answer) !== "hit" || answer.state !== "finished") return conclusion(answer);
  const checked = answer.hits[0]?.props.find(({ name }) => name === "Checked");
  return checked?.value ?? "now";
}
