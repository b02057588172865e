import { jest } from "@jest/globals";
import { fc } from "../../support/fast-check.js";
import { Canceller } from "../../../services/lookup/cancellation.js";
import { MicroBatcher } from "../../../services/lookup/micro-batcher.js";

class Refused extends Error {}
class Outage extends Error {}

type Step =
  | { readonly do: "load"; readonly value: string }
  | { readonly do: "leave"; readonly which: number }
  | { readonly do: "tick"; readonly ms: number }
  | { readonly do: "answer"; readonly which: number; readonly how: "ok" | "outage" };

const values = ["a", "b", "c", "d", "e", "bad"] as const;
const load = fc.record({ do: fc.constant("load" as const), value: fc.constantFrom(...values) });
const tick = fc.record({ do: fc.constant("tick" as const), ms: fc.integer({ min: 0, max: 15 }) });
const answer = fc.record({
  do: fc.constant("answer" as const),
  which: fc.nat(5),
  how: fc.constantFrom("ok" as const, "ok" as const, "outage" as const),
});
const leave = fc.record({ do: fc.constant("leave" as const), which: fc.nat(20) });

const shape = fc.record({
  maxSize: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.integer({ min: 0, max: 10 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
});

interface Pending {
  readonly values: readonly string[];
  settle(how: "ok" | "outage"): void;
}

interface Load {
  readonly value: string;
  readonly controller: AbortController;
  /** What it ended with: the value's result, "missing", or a word for the error; undefined = not yet. */
  readonly ends: string[];
}

/** Runs a schedule against a batcher; everything outstanding is answered at the end. */
async function play(
  options: { maxSize: number; windowMs: number; concurrency: number },
  steps: readonly Step[],
) {
  const pending: Pending[] = [];
  const loads: Load[] = [];
  const inFlight = new Map<string, number>();
  const worst = { size: 0, calls: 0, sameValue: 0 };

  const batcher = new MicroBatcher<string>({
    ...options,
    blamesOneValue: (error) => error instanceof Refused,
    run: (some, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const count = (change: number): void => {
          for (const value of some) inFlight.set(value, (inFlight.get(value) ?? 0) + change);
        };
        const end = (): void => {
          if (!pending.includes(call)) return;
          pending.splice(pending.indexOf(call), 1);
          count(-1);
        };
        const call: Pending = {
          values: some,
          settle: (how) => {
            end();
            if (how === "outage") reject(new Outage("503"));
            else if (some.includes("bad")) reject(new Refused("400"));
            else
              resolve(new Map(some.filter((value) => value !== "e").map((value) => [value, `of ${value}`])));
          },
        };
        signal.addEventListener("abort", () => {
          end();
          reject(signal.reason as Error);
        });
        pending.push(call);
        count(1);
        worst.size = Math.max(worst.size, some.length);
        worst.calls = Math.max(worst.calls, pending.length);
        worst.sameValue = Math.max(worst.sameValue, ...inFlight.values());
      }),
  });

  function begin(value: string): void {
    const entry: Load = { value, controller: new AbortController(), ends: [] };
    loads.push(entry);
    batcher.load(value, entry.controller.signal).then(
      (result) => entry.ends.push(result ?? "missing"),
      (error: unknown) => entry.ends.push(error instanceof Error ? error.message : "?"),
    );
  }

  for (const step of steps) {
    if (step.do === "load") begin(step.value);
    else if (step.do === "tick") await jest.advanceTimersByTimeAsync(step.ms);
    else if (step.do === "leave")
      loads[step.which % Math.max(loads.length, 1)]?.controller.abort(new Error("left"));
    else pending[step.which % Math.max(pending.length, 1)]?.settle(step.how);
    await jest.advanceTimersByTimeAsync(0);
  }
  for (let round = 0; round < 500 && loads.some(({ ends }) => ends.length === 0); round += 1) {
    pending[0]?.settle("ok");
    await jest.advanceTimersByTimeAsync(options.windowMs);
  }
  return { loads, worst, pending, depth: batcher.depth };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const allowed: Readonly<Record<string, readonly string[]>> = {
  bad: ["400", "503", "left"],
  e: ["missing", "400", "503", "left"],
};

it("every load settles exactly once and with its own value's answer, within all limits", async () => {
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(fc.oneof(load, load, tick, answer, leave), { maxLength: 60, size: "max" }),
      async (options, steps) => {
        const { loads, worst, pending, depth } = await play(options, steps);
        for (const { value, ends } of loads) {
          expect(ends).toHaveLength(1);
          expect(allowed[value] ?? [`of ${value}`, "503", "400", "left"]).toContain(ends[0]);
        }
        expect(worst.size).toBeLessThanOrEqual(options.maxSize);
        expect(worst.calls).toBeLessThanOrEqual(options.concurrency);
        expect({ pending: pending.length, depth, timers: jest.getTimerCount() }).toEqual({
          pending: 0,
          depth: 0,
          timers: 0,
        });
      },
    ),
    { numRuns: 300 },
  );
});

it("no value is in two calls at once, whoever waits for it", async () => {
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(fc.oneof(load, load, tick, answer), { maxLength: 60, size: "max" }),
      async (options, steps) => {
        expect((await play(options, steps)).worst.sameValue).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 300 },
  );
});

it("no value is in two calls at once, even when some who waited for it have left", async () => {
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(fc.oneof(load, load, tick, answer, leave), { maxLength: 60, size: "max" }),
      async (options, steps) => {
        expect((await play(options, steps)).worst.sameValue).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 300 },
  );
});

it("without outages and without refusals everybody who stays has an answer", async () => {
  const goodLoad = fc.record({
    do: fc.constant("load" as const),
    value: fc.constantFrom("a", "b", "c", "d", "e"),
  });
  const okAnswer = fc.record({
    do: fc.constant("answer" as const),
    which: fc.nat(5),
    how: fc.constant("ok" as const),
  });
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(fc.oneof(goodLoad, tick, okAnswer), { maxLength: 60, size: "max" }),
      async (options, steps) => {
        for (const { value, ends } of (await play(options, steps)).loads) {
          expect(ends).toEqual([value === "e" ? "missing" : `of ${value}`]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

const arrival = fc.record({ afterMs: fc.nat(200_000), agoMs: fc.nat(500_000) });
const change = fc.record({ afterMs: fc.nat(200_000), priceMs: fc.constantFrom(0, 5_000, 1e6, Infinity) });

it("nothing is held for a budget's sake beyond its time, whatever comes when and whatever a call costs", async () => {
  const longestHoldMs = 300_000;
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { minLength: 1, maxLength: 12 }),
      fc.array(change, { maxLength: 5 }),
      fc.integer({ min: 2, max: 5 }),
      async (arrivals, changes, maxSize) => {
        let priceMs = Number.POSITIVE_INFINITY;
        const heldMs: number[] = [];
        const dueMs = new Map<string, number>();
        const batcher = new MicroBatcher<string>({
          maxSize,
          windowMs: 10,
          concurrency: 1,
          blamesOneValue: () => false,
          run: (some) => {
            for (const value of some) heldMs.push(Date.now() - (dueMs.get(value) ?? 0));
            return Promise.resolve(new Map());
          },
          patience: {
            isAwaited: () => true,
            expectsMore: () => false,
            quietMs: 50,
            maxHoldMs: () => 0,
            pace: {
              priceMs: () => priceMs,
              ageMs: (atMs) => Date.now() - atMs,
              longestHoldMs,
              noteCall: () => undefined,
            },
          },
        });
        const loads: Promise<unknown>[] = [];
        for (const [at, { afterMs, agoMs }] of arrivals.entries()) {
          setTimeout(() => {
            const acceptedAtMs = Date.now() - agoMs;
            dueMs.set(`value ${at}`, Math.max(Date.now(), acceptedAtMs + longestHoldMs));
            loads.push(batcher.load(`value ${at}`, new Canceller(acceptedAtMs)));
          }, afterMs);
        }
        for (const { afterMs, priceMs: next } of changes) setTimeout(() => (priceMs = next), afterMs);
        await jest.advanceTimersByTimeAsync(600_000);
        await Promise.all(loads);
        expect(heldMs).toHaveLength(arrivals.length);
        // The price is looked at once a second.
        expect(Math.max(...heldMs)).toBeLessThanOrEqual(1_100);
      },
    ),
    { numRuns: 60 },
  );
});
