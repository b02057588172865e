import { DayQuota } from "../../../services/trustar/day-quota.js";
import { QuotaWatch } from "../../../src/app/quota-watch.js";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.js";
import { createFakeClock } from "../../support/fake-clock.js";
import { createLogCapture } from "../../support/log-capture.js";

function build() {
  const clock = createFakeClock();
  const day = new DayQuota(clock);
  const capture = createLogCapture();
  const watch = new QuotaWatch(day, capture.log);
  const spend = (calls: number): void => {
    for (let at = 0; at < calls; at += 1) day.count();
  };
  const renew = (): void => {
    day.set({ maxRequests: 100, usedRequests: 0, resetAtMs: clock.now() + DAY_MS / 2 });
  };
  const told = () => capture.lines().map(({ msg, left }) => [msg, left]);
  return { clock, day, watch, spend, renew, told, lines: () => capture.lines() };
}

const low = "the day's TruSTAR quota runs low";
const spent = "the day's TruSTAR quota is spent: new look-ups wait or end as 503";

it("each threshold is told once a day, before it is too late", () => {
  const { spend, renew, told, clock } = build();
  spend(10);
  expect(told()).toEqual([]);
  renew();
  spend(100);
  expect(told()).toEqual([
    [low, 49],
    [low, 19],
    [low, 4],
    [spent, 0],
  ]);
  clock.advance(DAY_MS);
  renew();
  spend(51);
  expect(told().slice(4)).toEqual([[low, 49]]);
});

it("a quota that is known only by TruSTAR's refusal is told as spent, with its renewal, each time anew", () => {
  const { day, watch, lines, clock } = build();
  const refuse = (): string => {
    const untilMs = clock.now() + 2 * HOUR_MS;
    day.setSpentUntil(untilMs);
    return new Date(untilMs).toISOString();
  };
  const renewedAt = refuse();
  expect(lines()).toMatchObject([{ level: 50, msg: spent, left: 0, renewedAt }]);
  expect(watch.readiness.warning?.()).toMatch(`it is renewed at ${renewedAt}`);
  refuse();
  expect(lines()).toHaveLength(1);
  clock.advance(3 * HOUR_MS);
  day.count();
  refuse();
  expect(lines()).toHaveLength(2);
});

it("what is read is told at once, and raised quota begins anew", () => {
  const { day, told, clock } = build();
  const tell = (maxRequests: number, usedRequests: number): void => {
    day.set({ maxRequests, usedRequests, resetAtMs: clock.now() + HOUR_MS });
  };
  tell(100, 85);
  tell(100, 100);
  tell(1_000, 100);
  tell(1_000, 600);
  expect(told()).toEqual([
    [low, 15],
    [spent, 0],
    [low, 400],
  ]);
});

it("/ready warns when the quota will not last, and when it is spent; it is no reason not to be ready", async () => {
  const { watch, spend, renew, clock } = build();
  const { readiness } = watch;
  expect(readiness.warning?.()).toBeUndefined();
  renew();
  expect(readiness.warning?.()).toBeUndefined();
  spend(50);
  const outAt = new Date(clock.now() + HOUR_MS).toISOString();
  expect(readiness.warning?.()).toContain(`(50 of 100 calls left) is spent at ${outAt}`);
  spend(50);
  expect(readiness.warning?.()).toContain("is spent: new look-ups wait or end as 503; it is renewed at");
  expect(await readiness.problem(new AbortController().signal)).toBeUndefined();
});

it("with a worker look-ups stop before the quota does, and analysts go on", () => {
  const { day, spend, renew, clock, lines } = build();
  day.reserveForAnalysts();
  renew();
  spend(94);
  expect(day.refusal("lookup")).toBeUndefined();
  spend(1);
  expect(day.refusal("lookup")?.message).toContain("but for what is kept for analysts");
  expect(day.refusal("analyst")).toBeUndefined();
  expect(day.left()).toBe(5);
  clock.advance(3 * HOUR_MS);
  day.set({ maxRequests: 100, usedRequests: 95, resetAtMs: clock.now() + 9 * HOUR_MS });
  expect(day.isSpentFor("lookup")).toBe(false);
  spend(1);
  expect(lines().filter(({ msg }) => msg === spent)).toHaveLength(1);
});
