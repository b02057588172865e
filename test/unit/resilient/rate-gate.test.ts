import { describe, expect, test } from "@jest/globals";
import { RateGate } from "../../../services/resilient/rate-gate.js";

describe("the gate after a 429", () => {
  function gate(maxHoldMs = 60_000) {
    let nowMs = 0;
    const slept: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    };
    const it = new RateGate({ clock: { now: () => nowMs }, sleep, maxHoldMs });
    return { it, slept, signal: new AbortController().signal };
  }

  test("lets through at once, and after the hold", async () => {
    const { it, slept, signal } = gate();
    await it.pass(signal);
    it.hold(5_000);
    it.hold(3_000);
    await it.pass(signal);
    await it.pass(signal);
    expect(slept).toEqual([5_000]);
  });

  test("waits on when it is held again meanwhile", async () => {
    const { it, slept, signal } = gate();
    it.hold(1_000);
    const passing = it.pass(signal);
    it.hold(4_000);
    await passing;
    expect(slept).toEqual([1_000, 3_000]);
  });

  test("sends away who would wait too long", async () => {
    const { it, slept, signal } = gate(10_000);
    it.hold(10_001);
    await expect(it.pass(signal)).rejects.toMatchObject({ code: "upstream_rate_limited", retryAtMs: 10_001 });
    expect(slept).toEqual([]);
  });
});
