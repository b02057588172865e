import { describe, expect, test } from "@jest/globals";
import { getEventListeners } from "node:events";
import { UpstreamError } from "../../../src/core/errors.js";
import { abortable, withDeadline, withSignals } from "../../../services/resilient/abort.js";
import { RateGate } from "../../../services/resilient/rate-gate.js";

const pending = new Promise<never>(() => undefined);

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

describe("signals", () => {
  test("a deadline says so, and leaves nothing behind", async () => {
    const caller = new AbortController();
    const late = withDeadline(caller.signal, 5, (signal) => abortable(pending, signal));
    await expect(late).rejects.toMatchObject({ code: "upstream_timeout" });
    await expect(withDeadline(caller.signal, 1_000, () => Promise.resolve(7))).resolves.toBe(7);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });

  test("any of several ends the work, also one that had fired before", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const work = withSignals([first.signal, second.signal], (signal) => abortable(pending, signal));
    second.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
    const late = withSignals([second.signal], (signal) => abortable(pending, signal));
    await expect(late).rejects.toThrow("enough");
    expect(getEventListeners(first.signal, "abort")).toEqual([]);
  });

  test("the caller's own time-out becomes one of our errors", async () => {
    const signal = AbortSignal.timeout(1);
    await expect(abortable(pending, signal)).rejects.toBeInstanceOf(UpstreamError);
  });
});
