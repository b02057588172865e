import { jest } from "@jest/globals";
import { fc } from "../../support/fast-check.js";
import { systemClock } from "../../../src/core/time.js";
import { BudgetGate, type CallPriority } from "../../../services/trustar/budget-gate.js";
import { SlidingWindow } from "../../../services/trustar/sliding-window.js";

beforeEach(() => {
  jest.useFakeTimers({ now: Date.UTC(2024, 0, 1) });
});
afterEach(() => {
  jest.useRealTimers();
});

/** The most of `times` that lie in any half-open window of this length. */
function fullest(times: readonly number[], windowMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
}

it("a window never lets more calls go than its limit in any stretch of its length, and no fewer than it could", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(60), { maxLength: 80, size: "max" }),
      (limit, windowMs, gaps) => {
        const window = new SlidingWindow(limit, windowMs);
        const taken: number[] = [];
        let nowMs = 1_000;
        for (const gap of gaps) {
          nowMs += gap;
          const inside = taken.filter((at) => at + windowMs > nowMs).length;
          const freeAtMs = window.freeAtMs(nowMs);
          expect(freeAtMs <= nowMs).toBe(inside < limit);
          if (freeAtMs > nowMs) continue;
          window.take(nowMs);
          taken.push(nowMs);
        }
        expect(fullest(taken, windowMs)).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

it("a window never blocks for longer than its length, whatever the clock does", () => {
  const windowMs = 100;
  const move = fc.oneof(fc.nat(150), fc.constantFrom(-1, -50, -100_000, 100_000));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(move, { maxLength: 40, size: "max" }),
      (limit, moves) => {
        const window = new SlidingWindow(limit, windowMs);
        let nowMs = 1_000_000;
        for (const ms of moves) {
          nowMs += ms;
          const freeAtMs = window.freeAtMs(nowMs);
          expect(freeAtMs).toBeGreaterThanOrEqual(nowMs);
          expect(freeAtMs - nowMs).toBeLessThanOrEqual(windowMs);
          if (freeAtMs <= nowMs) window.take(nowMs);
        }
      },
    ),
  );
});

it("a forecast of the wait is what it then takes when every call goes as soon as it may", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(60), { maxLength: 10 }),
      fc.integer({ min: 1, max: 15 }),
      fc.nat(3),
      (limit, gaps, calls, keptAtMost) => {
        const kept = Math.min(keptAtMost, limit - 1);
        const window = new SlidingWindow(limit, 100);
        let nowMs = 1_000;
        for (const gap of gaps) {
          nowMs = Math.max(nowMs + gap, window.freeAtMs(nowMs + gap));
          window.take(nowMs);
        }
        const forecastMs = window.freeAfterMs(calls, nowMs, kept);
        const startMs = nowMs;
        for (let call = 0; call < calls; call += 1) {
          nowMs = window.freeAtMs(nowMs, kept);
          window.take(nowMs);
        }
        expect(forecastMs).toBe(nowMs - startMs);
      },
    ),
    { numRuns: 500 },
  );
});

type Step =
  | { readonly do: "call"; readonly gate: number; readonly priority: CallPriority }
  | { readonly do: "leave"; readonly which: number }
  | { readonly do: "hold"; readonly gate: number; readonly ms: number }
  | { readonly do: "time"; readonly ms: number };

const call = fc.record({
  do: fc.constant("call" as const),
  gate: fc.nat(1),
  priority: fc.constantFrom<CallPriority>("analyst", "lookup", "lookup"),
});
const leave = fc.record({ do: fc.constant("leave" as const), which: fc.nat(80) });
const hold = fc.record({
  do: fc.constant("hold" as const),
  gate: fc.nat(1),
  ms: fc.constantFrom(0, 10, 500, 5_000),
});
const time = fc.record({ do: fc.constant("time" as const), ms: fc.constantFrom(0, 1, 30, 400, 1_000) });
const schedule = fc.array(fc.oneof(call, call, call, leave, hold, time), { maxLength: 80, size: "max" });

interface Caller {
  readonly gate: number;
  readonly priority: CallPriority;
  readonly controller: AbortController;
  ends: number;
  passedAtMs: number | undefined;
}

async function play(steps: readonly Step[], limit: number, windowMs: number) {
  const address = new SlidingWindow(limit, windowMs);
  const gates = [new BudgetGate(systemClock, address), new BudgetGate(systemClock, address)] as const;
  const heldUntilMs = [0, 0];
  const callers: Caller[] = [];
  const broken: string[] = [];
  const order: Caller[] = [];

  function onPass(caller: Caller): void {
    caller.ends += 1;
    caller.passedAtMs = Date.now();
    order.push(caller);
    if (Date.now() < heldUntilMs[caller.gate]!) broken.push("a call went during a hold");
    const waits = (other: Caller): boolean =>
      other.ends === 0 && !other.controller.signal.aborted && other.gate === caller.gate;
    const before = callers.slice(0, callers.indexOf(caller));
    if (before.some((other) => waits(other) && other.priority === caller.priority))
      broken.push("a later call went first");
    if (
      caller.priority === "lookup" &&
      before.some((other) => waits(other) && other.priority === "analyst")
    ) {
      broken.push("a look-up went before an analyst");
    }
  }

  for (const step of steps) {
    if (step.do === "call") {
      const caller: Caller = { ...step, controller: new AbortController(), ends: 0, passedAtMs: undefined };
      callers.push(caller);
      void gates[step.gate]!.pass(step.priority, true, caller.controller.signal).then(
        () => {
          onPass(caller);
        },
        () => (caller.ends += 1),
      );
    } else if (step.do === "leave") callers[step.which % Math.max(callers.length, 1)]?.controller.abort();
    else if (step.do === "hold") {
      gates[step.gate]!.hold(step.ms);
      heldUntilMs[step.gate] = Math.max(heldUntilMs[step.gate]!, Date.now() + step.ms);
    } else await jest.advanceTimersByTimeAsync(step.ms);
    await jest.advanceTimersByTimeAsync(0);
  }
  await jest.advanceTimersByTimeAsync(6_000 + 80 * windowMs + 120_000);
  return { callers, broken, order, waiting: gates[0].waiting() + gates[1].waiting() };
}

it("every call passes or leaves exactly once; analysts first; the limit and every hold are kept by two accounts together", async () => {
  await fc.assert(
    fc.asyncProperty(
      schedule,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(1, 50, 1_000),
      async (steps, limit, windowMs) => {
        const { callers, broken, waiting } = await play(steps, limit, windowMs);
        expect(broken).toEqual([]);
        for (const { ends, passedAtMs, controller } of callers) {
          expect(ends).toBe(1);
          if (!controller.signal.aborted) expect(passedAtMs).toBeDefined();
        }
        const times = callers.map(({ passedAtMs }) => passedAtMs).filter((at) => at !== undefined);
        expect(fullest(times, windowMs)).toBeLessThanOrEqual(limit);
        expect({ waiting, timers: jest.getTimerCount() }).toEqual({ waiting: 0, timers: 0 });
      },
    ),
    { numRuns: 150 },
  );
});

it("an account never makes more than sixty calls in any minute, however it is pressed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ burst: fc.nat(80), ms: fc.nat(40_000) }), { minLength: 1, maxLength: 8 }),
      async (bursts) => {
        const gate = new BudgetGate(systemClock, new SlidingWindow(1_000, 300_000));
        const times: number[] = [];
        let total = 0;
        for (const { burst, ms } of bursts) {
          for (let at = 0; at < burst; at += 1) {
            void gate.pass("lookup", true, new AbortController().signal).then(() => times.push(Date.now()));
          }
          total += burst;
          await jest.advanceTimersByTimeAsync(ms);
        }
        await jest.advanceTimersByTimeAsync(15 * 62_000);
        expect(times).toHaveLength(total);
        expect(fullest(times, 60_000)).toBeLessThanOrEqual(60);
      },
    ),
    { numRuns: 40 },
  );
});
