import { getEventListeners } from "node:events";
import { jest } from "@jest/globals";
import { OverloadedError, RateLimitedError } from "../../../src/core/errors.js";
import { systemClock } from "../../../src/core/time.js";
import {
  BudgetGate,
  createAddressWindow,
  perAddressLimit,
  perUserLimit,
  type CallPriority,
} from "../../../services/trustar/budget-gate.js";
import { SlidingWindow } from "../../../services/trustar/sliding-window.js";
import { never } from "../../support/lookup-fixtures.js";

beforeEach(() => {
  jest.useFakeTimers({ now: Date.UTC(2024, 0, 1) });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function build(addressWindow = createAddressWindow()) {
  const gate = new BudgetGate(systemClock, addressWindow);
  const passed: string[] = [];
  const pass = (
    name: string,
    priority: CallPriority = "lookup",
    signal = never(),
    costsQuota = true,
  ): Promise<void> =>
    gate.pass(priority, costsQuota, signal).then(
      () => void passed.push(name),
      (error: unknown) => void passed.push(`${name}: ${(error as RateLimitedError).code}`),
    );
  return { gate, pass, passed };
}

async function spend(gate: BudgetGate, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await gate.pass("lookup", false, never());
}

it("lets sixty calls of a minute go at once, and the next when the first is a minute and two seconds old", async () => {
  const { gate, pass, passed } = build();
  await spend(gate, 60);
  const late = pass("late");
  await jest.advanceTimersByTimeAsync(perUserLimit.windowMs - 1);
  expect([passed, gate.waiting()]).toEqual([[], 1]);
  await jest.advanceTimersByTimeAsync(1);
  await late;
  expect([passed, gate.waiting()]).toEqual([["late"], 0]);
});

it("keeps part of the minute for analysts where there are any", async () => {
  const { gate, pass, passed } = build();
  gate.reserveForAnalysts();
  await spend(gate, 57);
  const late = pass("look-up");
  await Promise.all([pass("a1", "analyst"), pass("a2", "analyst"), pass("a3", "analyst")]);
  expect([passed, gate.waiting()]).toEqual([["a1", "a2", "a3"], 1]);
  expect(gate.waitForCallsMs(0)).toBe(perUserLimit.windowMs);
  await jest.advanceTimersByTimeAsync(perUserLimit.windowMs);
  await late;
});

it("holds back no call that has left, whatever is kept for analysts", async () => {
  const { gate } = build();
  gate.reserveForAnalysts();
  await spend(gate, 57);
  await gate.pass("analyst", false, never());
  expect([gate.waitForCallsMs(0), gate.waitForCallsMs(1)]).toEqual([0, perUserLimit.windowMs]);
});

it("keeps part of what the machine's address may ask for them, too", async () => {
  const address = new SlidingWindow(100, perAddressLimit.windowMs);
  const gate = new BudgetGate(systemClock, address, 600);
  gate.reserveForAnalysts();
  await spend(gate, 95);
  await gate.pass("analyst", false, never());
  expect(gate.waitForCallsMs(1)).toBe(perAddressLimit.windowMs);
});

it("holds calls for few values back in time for what is kept for analysts, and says which limit it is", async () => {
  const address = new SlidingWindow(100, perAddressLimit.windowMs);
  const gate = new BudgetGate(systemClock, address, 600);
  gate.reserveForAnalysts();
  for (let call = 0; call < 5; call += 1) gate.noteCall(1, false);
  await spend(gate, 80);
  expect(gate.whyHeld()).toContain("spaced out so that the rate limit leaves some");
  await spend(gate, 15);
  await gate.pass("analyst", false, never());
  expect(gate.lookupPriceMs()).toBe(Number.POSITIVE_INFINITY);
  expect(gate.whyHeld()).toContain("calls of all accounts of this machine in five minutes: 100");
});

it("says that it is TruSTAR who asked to wait", () => {
  const { gate } = build();
  gate.hold(30_000);
  expect(gate.whyHeld()).toBe(
    `TruSTAR asked for no call before ${new Date(Date.now() + 30_000).toISOString()}`,
  );
});

it("of one call a minute nothing can be kept for anybody", async () => {
  const gate = new BudgetGate(systemClock, createAddressWindow(), 1);
  gate.reserveForAnalysts();
  await spend(gate, 1);
});

it("tells that nothing goes before the day's quota is there again", () => {
  const { gate } = build();
  gate.setQuota({ maxRequests: 300, usedRequests: 300, resetAtMs: Date.now() + 3_600_000 });
  expect(gate.waitForCallsMs(0)).toBe(3_600_000);
});

it("makes calls for few values dearer, the more of the minute they have taken", async () => {
  const { gate } = build();
  const prices: number[] = [];
  for (let call = 0; call < 40; call += 1) {
    await spend(gate, 1);
    gate.noteCall(1, false);
    prices.push(gate.lookupPriceMs());
  }
  expect(prices).toEqual(prices.toSorted((one, other) => one - other));
  expect([prices[4], (prices[39] ?? 0) > 10_000]).toEqual([0, true]);
  await jest.advanceTimersByTimeAsync(perUserLimit.windowMs);
  expect(gate.lookupPriceMs()).toBe(0);
});

it("with many calls a minute it spreads them so that the five minutes' calls last", async () => {
  const gate = new BudgetGate(systemClock, createAddressWindow(), 600);
  let longestMs = 0;
  for (const startMs = Date.now(); Date.now() - startMs < 900_000;) {
    const askedAtMs = Date.now();
    while (Date.now() - askedAtMs < gate.lookupPriceMs()) await jest.advanceTimersByTimeAsync(50);
    const passed = gate.pass("lookup", false, never());
    while (gate.waiting() > 0) await jest.advanceTimersToNextTimerAsync();
    await passed;
    gate.noteCall(1, false);
    longestMs = Math.max(longestMs, Date.now() - askedAtMs);
    await jest.advanceTimersByTimeAsync(50);
  }
  expect(longestMs).toBeLessThan(3_500);
});

it("keeps to the number of calls that it is told, the lowest of several", async () => {
  const gate = new BudgetGate(systemClock, createAddressWindow(), 200);
  await spend(gate, 100);
  gate.lowerTo(50);
  gate.lowerTo(80);
  await jest.advanceTimersByTimeAsync(30_000);
  const late = gate.pass("analyst", false, never());
  await jest.advanceTimersByTimeAsync(perUserLimit.windowMs - 30_001);
  expect(gate.waiting()).toBe(1);
  await jest.advanceTimersByTimeAsync(1);
  await late;
});

it("lets an analyst go before look-ups that have waited longer, and each kind in its order", async () => {
  const { gate, pass, passed } = build();
  gate.hold(1_000);
  const all = [pass("l1"), pass("l2"), pass("a1", "analyst"), pass("l3"), pass("a2", "analyst")];
  await jest.advanceTimersByTimeAsync(1_000);
  await Promise.all(all);
  expect(passed).toEqual(["a1", "a2", "l1", "l2", "l3"]);
});

it("holds everybody while TruSTAR asked to wait, and a shorter wait does not shorten a longer one", async () => {
  const { gate, pass, passed } = build();
  gate.hold(5_000);
  gate.hold(10);
  const calls = [pass("l"), pass("a", "analyst")];
  await jest.advanceTimersByTimeAsync(4_999);
  expect(passed).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  await Promise.all(calls);
  expect(passed).toHaveLength(2);
});

it("a hold that comes while calls wait holds them too", async () => {
  const { gate, pass, passed } = build();
  gate.hold(1_000);
  const call = pass("l");
  await jest.advanceTimersByTimeAsync(999);
  gate.hold(1_000);
  await jest.advanceTimersByTimeAsync(500);
  expect(passed).toEqual([]);
  await jest.advanceTimersByTimeAsync(500);
  await call;
});

it("a free call that is told to wait for a day holds everybody for the longest window, not for the day", async () => {
  const { gate, pass, passed } = build();
  gate.hold(86_400_000);
  const call = pass("l");
  await jest.advanceTimersByTimeAsync(perAddressLimit.windowMs - 1);
  expect(passed).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  await call;
  expect(passed).toEqual(["l"]);
});

it("a caller that goes away gives its place to the next and leaves neither timer nor listener", async () => {
  const { gate, pass, passed } = build(new SlidingWindow(1, 1_000));
  await gate.pass("lookup", false, never());
  const controller = new AbortController();
  const first = pass("first", "lookup", controller.signal);
  const second = pass("second");
  controller.abort(new Error("gone"));
  await first;
  expect(passed).toEqual(["first: upstream_rate_limited"]);
  await jest.advanceTimersByTimeAsync(1_000);
  await second;
  expect(passed).toEqual(["first: upstream_rate_limited", "second"]);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("says until when the limit lasts to a caller whose time is up", async () => {
  const { gate } = build();
  gate.hold(5_000);
  const reason = new Error("time is up");
  const error = await gate.pass("lookup", true, AbortSignal.abort(reason)).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ retryable: true, retryAtMs: Date.now() + 5_000, cause: reason });
  expect(String(error)).toContain("2024-01-01T00:00:05.000Z");
});

it("two accounts on one machine share what its address may do", async () => {
  const window = new SlidingWindow(3, 1_000);
  const [one, other] = [build(window), build(window)];
  await spend(one.gate, 2);
  await spend(other.gate, 1);
  const calls = [one.pass("one"), other.pass("other")];
  await jest.advanceTimersByTimeAsync(999);
  expect([one.passed, other.passed]).toEqual([[], []]);
  await jest.advanceTimersByTimeAsync(1);
  await Promise.all(calls);
});

describe("the day's quota", () => {
  const quota = (usedRequests: number) => ({
    maxRequests: 10,
    usedRequests,
    resetAtMs: Date.now() + 3_600_000,
  });

  it("is not known at first and limits nothing", async () => {
    const { gate } = build();
    expect(gate.quotaLeft()).toBeUndefined();
    await gate.pass("lookup", true, never());
  });

  it("when it is spent refuses at once what costs, until its reset, and says when that is", async () => {
    const { gate } = build();
    gate.setQuota(quota(9));
    await gate.pass("lookup", true, never());
    expect(gate.quotaLeft()).toBe(0);
    const refused = gate.pass("analyst", true, never());
    await expect(refused).rejects.toThrow(RateLimitedError);
    await expect(refused).rejects.toMatchObject({
      code: "quota_exhausted",
      retryAtMs: Date.now() + 3_600_000,
    });
    await expect(refused).rejects.toThrow("2024-01-01T01:00:00.000Z");
    await gate.pass("analyst", false, never());
    jest.setSystemTime(Date.now() + 3_600_000);
    expect(gate.quotaLeft()).toBe(10);
    await gate.pass("lookup", true, never());
    expect(gate.quotaLeft()).toBe(9);
  });

  it("is not overspent by calls that waited together", async () => {
    const { gate, pass, passed } = build();
    gate.setQuota(quota(8));
    gate.hold(1_000);
    const calls = ["1", "2", "3", "4"].map((name) => pass(name));
    await jest.advanceTimersByTimeAsync(1_000);
    await Promise.all(calls);
    expect(passed).toEqual(["1", "2", "3: quota_exhausted", "4: quota_exhausted"]);
  });

  it("is corrected when TruSTAR says more has been used", async () => {
    const { gate } = build();
    gate.setQuota(quota(0));
    gate.setQuota(quota(25));
    expect(gate.quotaLeft()).toBe(0);
    await expect(gate.pass("lookup", true, never())).rejects.toMatchObject({ code: "quota_exhausted" });
  });
});

describe("a 429 that can only mean the day's quota", () => {
  const hourMs = 3_600_000;

  it("refuses at once what costs quota, who waits already included, and lets the rest go", async () => {
    const { gate, pass, passed } = build();
    gate.hold(1_000);
    const calls = [pass("lookup"), pass("analyst", "analyst"), pass("ping", "lookup", never(), false)];
    gate.hold(hourMs, true);
    await Promise.all(calls.slice(0, 2));
    expect(passed).toEqual(["analyst: quota_exhausted", "lookup: quota_exhausted"]);
    expect([gate.waiting(), gate.quotaLeft()]).toEqual([1, 0]);
    await jest.advanceTimersByTimeAsync(1_000);
    await calls[2];
    await expect(gate.pass("analyst", true, never())).rejects.toMatchObject({
      code: "quota_exhausted",
      retryAtMs: Date.UTC(2024, 0, 1) + hourMs,
      message: "the day's TruSTAR quota is spent; it is renewed at 2024-01-01T01:00:00.000Z",
    });
    await gate.pass("analyst", false, never());
  });

  it("ends with the time that TruSTAR named", async () => {
    const { gate } = build();
    gate.hold(hourMs, true);
    jest.setSystemTime(Date.now() + hourMs);
    await gate.pass("lookup", true, never());
    expect(gate.quotaLeft()).toBeUndefined();
  });

  it("ends when TruSTAR says that there is quota again, not when it says that there is none", async () => {
    const { gate } = build();
    gate.hold(hourMs, true);
    gate.setQuota({ maxRequests: 5, usedRequests: 5, resetAtMs: Date.now() + 1_000 });
    jest.setSystemTime(Date.now() + 2_000);
    await expect(gate.pass("lookup", true, never())).rejects.toMatchObject({ code: "quota_exhausted" });
    gate.setQuota({ maxRequests: 10, usedRequests: 5, resetAtMs: Date.now() + hourMs });
    await gate.pass("lookup", true, never());
    expect(gate.quotaLeft()).toBe(4);
  });

  it("is not a wait that is no longer than a rate limit may last: that holds everybody", async () => {
    const { gate, pass, passed } = build();
    const waitMs = 5 * 60_000;
    gate.hold(waitMs, true);
    const calls = [pass("lookup"), pass("ping", "analyst", never(), false)];
    await jest.advanceTimersByTimeAsync(waitMs - 1);
    expect(passed).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    await Promise.all(calls);
    expect(passed).toEqual(["ping", "lookup"]);
  });
});

it("once the quota is used up by a call, who waited behind it takes no place in the window", async () => {
  const { gate, pass, passed } = build(new SlidingWindow(2, 1_000));
  gate.setQuota({ maxRequests: 1, usedRequests: 0, resetAtMs: Date.now() + 3_600_000 });
  gate.hold(500);
  const calls = [pass("1"), pass("2"), pass("3"), pass("ping", "lookup", never(), false)];
  await jest.advanceTimersByTimeAsync(500);
  await Promise.all(calls);
  expect(passed.toSorted()).toEqual(["1", "2: quota_exhausted", "3: quota_exhausted", "ping"]);
});

it("closing ends every wait at once, and whoever comes later does not wait at all", async () => {
  const { gate, pass, passed } = build();
  const controller = new AbortController();
  gate.hold(3_600_000);
  gate.hold(3_600_000, true);
  const calls = [pass("ping", "lookup", controller.signal, false), pass("token", "analyst", never(), false)];
  gate.close();
  await Promise.all(calls);
  expect(passed).toEqual(["token: overloaded", "ping: overloaded"]);
  expect([gate.waiting(), jest.getTimerCount()]).toEqual([0, 0]);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  await expect(gate.pass("analyst", false, never())).rejects.toThrow(OverloadedError);
  gate.hold(1_000);
});

it("a clock that is set back an hour does not stop all calls for an hour", async () => {
  const { gate, pass, passed } = build();
  await spend(gate, 60);
  jest.setSystemTime(Date.now() - 3_600_000);
  const call = pass("after");
  await jest.advanceTimersByTimeAsync(3 * perUserLimit.windowMs);
  const inTime = [...passed];
  await jest.advanceTimersByTimeAsync(3_700_000);
  await call;
  expect(inTime).toEqual(["after"]);
});

it("nor does it make the wait after a 429 longer", async () => {
  const { gate, pass, passed } = build();
  gate.hold(10_000);
  await jest.advanceTimersByTimeAsync(4_000);
  jest.setSystemTime(Date.now() - 3_600_000);
  const call = pass("after");
  await jest.advanceTimersByTimeAsync(9_000);
  expect(passed).toEqual([]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(passed).toEqual(["after"]);
  await call;
});
