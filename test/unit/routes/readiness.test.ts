import { createReadiness, type Readiness } from "../../../routes/readiness.js";
import { OverloadedError } from "../../../src/core/errors.js";
import type { ReadinessCheck } from "../../../src/core/ports.js";
import { createFakeClock } from "../../support/fake-clock.js";
import { createLogCapture } from "../../support/log-capture.js";

function setUp(...problems: readonly ReadinessCheck["problem"][]) {
  const clock = createFakeClock();
  const capture = createLogCapture();
  const checks = problems.map((problem, i) => ({ name: `check${i}`, problem }));
  const ask = createReadiness({ checks, clock, log: capture.log, checkTimeoutMs: 20 });
  return { ask, clock, capture };
}

const good = (): Promise<undefined> => Promise.resolve(undefined);

test("is ready when every check is good, and when there is none", async () => {
  expect(await setUp(good, good).ask()).toEqual({
    ready: true,
    checks: { check0: { ok: true }, check1: { ok: true } },
  });
  expect(await setUp().ask()).toEqual({ ready: true, checks: {} });
});

test("says which check isn't good and why", async () => {
  const { ask } = setUp(good, () => Promise.resolve("TruSTAR refused the API key: renew it"));
  expect(await ask()).toEqual({
    ready: false,
    checks: { check0: { ok: true }, check1: { ok: false, problem: "TruSTAR refused the API key: renew it" } },
  });
});

test("an error of ours is a reason, any other is kept for the log", async () => {
  const known = setUp(() => Promise.reject(new OverloadedError("the queue is full")));
  expect((await known.ask()).checks.check0).toEqual({ ok: false, problem: "the queue is full" });

  const unknown = setUp(() => {
    throw new TypeError("x is undefined");
  });
  expect((await unknown.ask()).checks.check0).toEqual({
    ok: false,
    problem: "the check itself failed, see the log",
  });
  expect(unknown.capture.lines()).toMatchObject([{ check: "check0", error: "TypeError: x is undefined" }]);
});

test("a check that hangs is given up and told so", async () => {
  let signal: AbortSignal | undefined;
  const { ask } = setUp((given) => {
    signal = given;
    return new Promise(() => undefined);
  });
  expect((await ask()).checks.check0).toEqual({ ok: false, problem: "no answer within 20 ms" });
  expect(signal?.aborted).toBe(true);
});

test("callers at the same time share one run", async () => {
  let runs = 0;
  const { ask } = setUp(() => {
    runs += 1;
    return good();
  });
  const answers: Readiness[] = await Promise.all([ask(), ask(), ask()]);
  expect(runs).toBe(1);
  expect(answers.every(({ ready }) => ready)).toBe(true);
  await ask();
  expect(runs).toBe(2);
});

test("a no of a check that costs something stands as long as the check says", async () => {
  const clock = createFakeClock();
  let runs = 0;
  let problem: string | undefined = "not yet";
  const costly: ReadinessCheck = {
    name: "costly",
    noStandsMs: 20_000,
    problem: () => {
      runs += 1;
      return Promise.resolve(problem);
    },
  };
  const free: ReadinessCheck = { name: "free", problem: () => Promise.resolve(problem) };
  const ask = createReadiness({ checks: [costly, free], clock, log: createLogCapture().log });
  await ask();
  problem = undefined;
  clock.advance(19_999);
  expect(await ask()).toEqual({
    ready: false,
    checks: { costly: { ok: false, problem: "not yet" }, free: { ok: true } },
  });
  expect(runs).toBe(1);
  clock.advance(1);
  expect((await ask()).ready).toBe(true);
  expect(runs).toBe(2);
});

test("a check that was given up stands as a no, too: a hanging upstream is not asked more often", async () => {
  const clock = createFakeClock();
  let runs = 0;
  const hanging: ReadinessCheck = {
    name: "hanging",
    noStandsMs: 20_000,
    problem: () => {
      runs += 1;
      return new Promise(() => undefined);
    },
  };
  const ask = createReadiness({ checks: [hanging], clock, log: createLogCapture().log, checkTimeoutMs: 1 });
  await ask();
  clock.advance(19_999);
  await ask();
  expect(runs).toBe(1);
});
