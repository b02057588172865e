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
    for (let at = 0; at < calls; at += 1) {
      day.count("lookup");
      watch.look();
    }
  };
  const renew = (): void => {
    day.set({ maxRequests: 100, usedRequests: 0, resetAtMs: clock.now() + DAY_MS / 2 });
  };
  return { clock, day, watch, spend, renew, told: () => capture.lines().map(({ msg, left }) => [msg, left]) };
}

const low = "the day's TruSTAR quota runs low";

it("each threshold is told once a day, before it is too late", () => {
  const { spend, renew, told, clock } = build();
  spend(10);
  expect(told()).toEqual([]);
  renew();
  spend(100);
  const spent = "the day's TruSTAR quota is spent: new look-ups wait or end as 503";
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
  const { day, spend, renew } = build();
  day.reserveForAnalysts();
  renew();
  spend(94);
  expect(day.refusal("lookup")).toBeUndefined();
  spend(1);
  expect(day.refusal("lookup")?.message).toContain("but for what is kept for analysts");
  expect(day.refusal("analyst")).toBeUndefined();
  expect(day.left()).toBe(5);
});
