import { getEventListeners } from "node:events";
import { jest } from "@jest/globals";
import type { Patience } from "../../../services/lookup/batch-window.js";
import { MicroBatcher, type MicroBatcherOptions } from "../../../services/lookup/micro-batcher.js";
import { Canceller } from "../../../services/lookup/cancellation.js";
import { never } from "../../support/lookup-fixtures.js";

interface Call {
  readonly values: readonly string[];
  readonly signal: AbortSignal;
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

class Refused extends Error {}

/** A batcher whose upstream answers when the test says so; a value is "of" itself, "unknown" has no result. */
function build(options: Partial<MicroBatcherOptions<string>> = {}) {
  const calls: Call[] = [];
  const batcher = new MicroBatcher<string>({
    maxSize: 3,
    windowMs: 10,
    concurrency: 1,
    blamesOneValue: (error) => error instanceof Refused,
    run: (values, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
        calls.push({
          values,
          signal,
          answer: async () => {
            resolve(
              new Map(values.filter((value) => value !== "unknown").map((value) => [value, `of ${value}`])),
            );
            await jest.advanceTimersByTimeAsync(0);
          },
          fail: async (error) => {
            reject(error);
            await jest.advanceTimersByTimeAsync(0);
          },
        });
      }),
    ...options,
  });
  return { batcher, calls };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it("values that arrive within the window travel in one call", async () => {
  const { batcher, calls } = build();
  const loads = [batcher.load("a", never())];
  await jest.advanceTimersByTimeAsync(9);
  loads.push(batcher.load("b", never()));
  expect(calls).toHaveLength(0);
  expect(batcher.depth).toBe(2);
  await jest.advanceTimersByTimeAsync(1);
  expect(calls.map(({ values }) => values)).toEqual([["a", "b"]]);
  expect(batcher.depth).toBe(0);
  await calls[0]!.answer();
  expect(await Promise.all(loads)).toEqual(["of a", "of b"]);
});

it("a full batch does not wait for its window", async () => {
  const { batcher, calls } = build();
  const loads = ["a", "b", "c"].map((value) => batcher.load(value, never()));
  expect(calls.map(({ values }) => values)).toEqual([["a", "b", "c"]]);
  await calls[0]!.answer();
  await Promise.all(loads);
});

it("while all slots are busy the next batch grows, up to its size, and leaves at once when a slot is free; the rest has a window of its own", async () => {
  const { batcher, calls } = build();
  const loads = ["a", "b", "c"].map((value) => batcher.load(value, never()));
  loads.push(...["d", "e", "f", "g"].map((value) => batcher.load(value, never())));
  await jest.advanceTimersByTimeAsync(1_000);
  loads.push(batcher.load("h", never()));
  expect(calls).toHaveLength(1);
  expect(batcher.depth).toBe(5);
  await calls[0]!.answer();
  expect(calls[1]!.values).toEqual(["d", "e", "f"]);
  await calls[1]!.answer();
  await jest.advanceTimersByTimeAsync(10);
  expect(calls[2]!.values).toEqual(["g", "h"]);
  await calls[2]!.answer();
  expect(await Promise.all(loads)).toHaveLength(8);
});

describe("a batch that nobody waits for", () => {
  function patient(changes: Partial<Patience> = {}) {
    const state = { isAwaited: false, expectsMore: false, priceMs: 0, small: 0 };
    const patience: Patience = {
      isAwaited: () => state.isAwaited,
      pace: {
        priceMs: () => state.priceMs,
        ageMs: (acceptedAtMs) => Date.now() - acceptedAtMs,
        longestHoldMs: 600_000,
        noteCall: (_values, isFull) => {
          if (!isFull) state.small += 1;
        },
      },
      expectsMore: () => state.expectsMore,
      quietMs: 50,
      maxHoldMs: () => 200,
      ...changes,
    };
    return { ...build({ maxSize: 10, concurrency: 2, patience }), state };
  }

  it("is held while values keep coming, and leaves when it is quiet", async () => {
    const { batcher, calls } = patient();
    const loads = [batcher.load("a", never())];
    await jest.advanceTimersByTimeAsync(40);
    loads.push(batcher.load("b", never()));
    await jest.advanceTimersByTimeAsync(69);
    expect(calls).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1 + 50);
    expect(calls.map(({ values }) => values)).toEqual([["a", "b"]]);
    await calls[0]!.answer();
    await Promise.all(loads);
  });

  it("leaves in the end, however many more are expected", async () => {
    const { batcher, calls, state } = patient();
    state.expectsMore = true;
    const load = batcher.load("a", never());
    await jest.advanceTimersByTimeAsync(10 + 199);
    expect(calls).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(1);
    await calls[0]!.answer();
    await load;
  });

  it("waits for its turn in the budget, also when somebody waits for it; a full one does not", async () => {
    const { batcher, calls, state } = patient();
    Object.assign(state, { isAwaited: true, priceMs: 60_000 });
    const loads = [batcher.load("a", never())];
    await jest.advanceTimersByTimeAsync(59_000);
    expect(calls).toHaveLength(0);
    state.priceMs = 0;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(calls.map(({ values }) => values)).toEqual([["a"]]);
    state.priceMs = 60_000;
    loads.push(...Array.from({ length: 10 }, (_, at) => batcher.load(`full ${at}`, never())));
    expect(calls).toHaveLength(2);
    expect(state.small).toBe(1);
    for (const call of calls) await call.answer();
    await Promise.all(loads);
  });

  it("is worth its call once its values have waited for it together: many leave sooner than few", async () => {
    const { batcher, calls, state } = patient();
    state.priceMs = 60_000;
    const loads = [batcher.load("a", never())];
    await jest.advanceTimersByTimeAsync(20_000);
    loads.push(...["b", "c", "d"].map((value) => batcher.load(value, never())));
    expect(batcher.heldForMs).toBeLessThanOrEqual(11_000);
    await jest.advanceTimersByTimeAsync(9_000);
    expect(calls).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(calls.map(({ values }) => values)).toEqual([["a", "b", "c", "d"]]);
    expect(batcher.heldForMs).toBe(0);
    await calls[0]!.answer();
    await Promise.all(loads);
  });

  it("is held no longer than its oldest look-up may be, however long that has waited elsewhere", async () => {
    const { batcher, calls, state } = patient();
    state.priceMs = Number.POSITIVE_INFINITY;
    const loads = [batcher.load("a", new Canceller(Date.now() - 400_000))];
    await jest.advanceTimersByTimeAsync(100_000);
    loads.push(batcher.load("b", new Canceller(Date.now())));
    await jest.advanceTimersByTimeAsync(99_000);
    expect(calls).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls).toHaveLength(1);
    await calls[0]!.answer();
    await Promise.all(loads);
  });

  it("is held no longer when it waited behind a full one", async () => {
    const { batcher, calls, state } = patient({ isAwaited: () => true });
    const loads = ["a", "b"].map((value) => batcher.load(value, never()));
    await jest.advanceTimersByTimeAsync(10);
    loads.push(batcher.load("c", never()));
    await jest.advanceTimersByTimeAsync(10);
    expect(calls).toHaveLength(2); // both slots are taken
    state.priceMs = Number.POSITIVE_INFINITY;
    const old = new Canceller(Date.now() - 599_000);
    loads.push(...Array.from({ length: 12 }, (_, at) => batcher.load(`old ${at}`, old)));
    await calls[0]!.answer();
    expect(calls.map(({ values }) => values.length)).toEqual([2, 1, 10]);
    await calls[1]!.answer();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(calls.map(({ values }) => values.length)).toEqual([2, 1, 10, 2]);
    for (const call of calls) await call.answer();
    await Promise.all(loads);
  });

  it("leaves at the end of its window once somebody waits, and at once when it is full", async () => {
    const { batcher, calls, state } = patient();
    const loads = [batcher.load("a", never())];
    state.isAwaited = true;
    await jest.advanceTimersByTimeAsync(10);
    expect(calls.map(({ values }) => values)).toEqual([["a"]]);
    state.isAwaited = false;
    loads.push(...Array.from({ length: 10 }, (_, at) => batcher.load(`full ${at}`, never())));
    expect(calls).toHaveLength(2);
    for (const call of calls) await call.answer();
    await Promise.all(loads);
  });
});

it("tells how many values up to a place have not left for their call", async () => {
  const { batcher, calls } = build();
  const loads = ["a", "b", "c", "d", "e"].map((value) => batcher.load(value, never()));
  loads.push(batcher.load("a", never()));
  expect(batcher.asked).toBe(5);
  const ahead = (): readonly number[] => [1, 3, 4, 5].map((place) => batcher.ahead(place));
  expect(ahead()).toEqual([0, 0, 1, 2]);
  await jest.advanceTimersByTimeAsync(10);
  await calls[0]!.answer();
  expect(ahead()).toEqual([0, 0, 0, 0]);
  await calls[1]!.answer();
  await Promise.all(loads);
});

it("never has more calls under way than it may", async () => {
  const { batcher, calls } = build({ maxSize: 1, concurrency: 2 });
  const loads = ["a", "b", "c", "d"].map((value) => batcher.load(value, never()));
  expect(calls).toHaveLength(2);
  await calls[0]!.answer();
  expect(calls).toHaveLength(3);
  for (const at of [1, 2, 3]) await calls[at]!.answer();
  await Promise.all(loads);
});

it("a value that is asked for twice travels once, whether it waits or is on its way", async () => {
  const { batcher, calls } = build();
  const loads = [batcher.load("a", never()), batcher.load("a", never())];
  await jest.advanceTimersByTimeAsync(10);
  loads.push(batcher.load("a", never()));
  await jest.advanceTimersByTimeAsync(1_000);
  expect(calls.map(({ values }) => values)).toEqual([["a"]]);
  await calls[0]!.answer();
  expect(await Promise.all(loads)).toEqual(["of a", "of a", "of a"]);
});

it("a value is asked for again after its answer: nothing is cached here", async () => {
  const { batcher, calls } = build({ windowMs: 0, maxSize: 1 });
  const first = batcher.load("a", never());
  await calls[0]!.answer();
  await first;
  const second = batcher.load("a", never());
  await calls[1]!.answer();
  expect(await second).toBe("of a");
});

it("what the call leaves out has no result", async () => {
  const { batcher, calls } = build({ maxSize: 2 });
  const loads = [batcher.load("a", never()), batcher.load("unknown", never())];
  await calls[0]!.answer();
  expect(await Promise.all(loads)).toEqual(["of a", undefined]);
});

it("a failed call fails everybody who waits for it, and the next one starts fresh", async () => {
  const { batcher, calls } = build({ maxSize: 2 });
  const loads = [batcher.load("a", never()), batcher.load("b", never())];
  const settled = Promise.allSettled(loads);
  await calls[0]!.fail(new Error("outage"));
  expect(await settled).toMatchObject([{ reason: { message: "outage" } }, { reason: { message: "outage" } }]);
  const again = batcher.load("a", never());
  await jest.advanceTimersByTimeAsync(10);
  await calls[1]!.answer();
  expect(await again).toBe("of a");
});

it("a value that the call is refused for does not cost the others their answers", async () => {
  const { batcher, calls } = build({ maxSize: 2 });
  const settled = Promise.allSettled([batcher.load("a", never()), batcher.load("bad", never())]);
  await calls[0]!.fail(new Refused("bad value"));
  await calls[1]!.answer();
  await calls[2]!.fail(new Refused("bad value"));
  expect(await settled).toMatchObject([{ value: "of a" }, { reason: { message: "bad value" } }]);
});

it("a signal that has already aborted asks nothing", async () => {
  const { batcher, calls } = build();
  await expect(batcher.load("a", AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  expect(batcher.depth).toBe(0);
  expect(calls).toHaveLength(0);
});

it("a waiter that goes away while its value waits takes the value along, and the window's timer", async () => {
  const { batcher, calls } = build();
  const controller = new AbortController();
  const load = expect(batcher.load("a", controller.signal)).rejects.toThrow("gone");
  controller.abort(new Error("gone"));
  await load;
  expect(batcher.depth).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(calls).toHaveLength(0);
});

it("one waiter of several goes away: the call goes on for the others", async () => {
  const { batcher, calls } = build({ maxSize: 1 });
  const controller = new AbortController();
  const leaver = expect(batcher.load("a", controller.signal)).rejects.toThrow("gone");
  const stayer = batcher.load("a", never());
  controller.abort(new Error("gone"));
  await leaver;
  expect(calls[0]!.signal.aborted).toBe(false);
  await calls[0]!.answer();
  expect(await stayer).toBe("of a");
});

it("when everybody has gone the call is cancelled and its slot is free", async () => {
  const { batcher, calls } = build({ maxSize: 2 });
  const controller = new AbortController();
  const loads = Promise.allSettled([
    batcher.load("a", controller.signal),
    batcher.load("b", controller.signal),
  ]);
  controller.abort(new Error("gone"));
  expect(calls[0]!.signal.aborted).toBe(true);
  await loads;
  const next = batcher.load("c", never());
  await jest.advanceTimersByTimeAsync(10);
  await calls[1]!.answer();
  expect(await next).toBe("of c");
});

it("a value whose waiters have gone is not asked for twice at once while its call still runs for others", async () => {
  const { batcher, calls } = build({ maxSize: 2, concurrency: 2 });
  const controller = new AbortController();
  const leaver = expect(batcher.load("a", controller.signal)).rejects.toThrow("gone");
  const stayer = batcher.load("b", never());
  controller.abort(new Error("gone"));
  await leaver;
  const again = batcher.load("a", never());
  await jest.advanceTimersByTimeAsync(10);
  const running = calls.map(({ values }) => values);
  for (const call of calls) await call.answer();
  expect(await Promise.all([stayer, again])).toEqual(["of b", "of a"]);
  expect(running).toEqual([["a", "b"]]);
});

it("leaves no listener on a caller's signal, however the load ends", async () => {
  const { batcher, calls } = build({ maxSize: 2 });
  const controller = new AbortController();
  const loads = Promise.allSettled([
    batcher.load("a", controller.signal),
    batcher.load("b", controller.signal),
  ]);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(2);
  await calls[0]!.fail(new Error("outage"));
  await loads;
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("a value that was refused travels alone from then on, until it is taken", async () => {
  const { batcher, calls } = build();
  const outcome = (value: string): Promise<string | undefined> =>
    batcher.load(value, never()).catch(() => "refused");
  const first = outcome("bad");
  await jest.advanceTimersByTimeAsync(10);
  await calls[0]!.fail(new Refused("no"));
  expect(await first).toBe("refused");

  const mixed = Promise.all(["a", "bad", "b"].map(outcome));
  await calls[1]!.answer();
  await calls[2]!.answer();
  expect(await mixed).toEqual(["of a", "of bad", "of b"]);
  expect(calls.slice(1).map(({ values }) => values)).toEqual([["a", "b"], ["bad"]]);

  const again = Promise.all(["a", "bad", "b"].map(outcome));
  await calls[3]!.answer();
  expect(await again).toEqual(["of a", "of bad", "of b"]);
});

describe("an outage", () => {
  const policy = { retries: Infinity, minTimeout: 1_000, maxTimeout: 60_000, randomize: false };

  it("of hours costs two calls a minute however many values come, and few more when it is over", async () => {
    let isDown = true;
    let calls = 0;
    const { batcher } = build({
      maxSize: 100,
      concurrency: 2,
      run: (values) => {
        calls += 1;
        if (isDown) return Promise.reject(new Error("503"));
        return Promise.resolve(new Map(values.map((value) => [value, `of ${value}`])));
      },
      repeat: { policy, mayRepeat: () => true, mayBeOneValue: () => true, onRetry: () => undefined },
    });
    const loads: Promise<string | undefined>[] = [];
    for (let minute = 0; minute < 180; minute += 1) {
      loads.push(batcher.load(`a${minute}`, never()), batcher.load(`b${minute}`, never()));
      await jest.advanceTimersByTimeAsync(60_000);
    }
    expect(calls).toBeLessThanOrEqual(2 * 180 + 20);
    isDown = false;
    calls = 0;
    await jest.advanceTimersByTimeAsync(10 * 60_000);
    expect(await Promise.all(loads)).toHaveLength(360);
    expect(calls).toBeLessThanOrEqual(20);
  });

  it("leaves no timer behind when everybody has gone", async () => {
    const { batcher } = build({
      concurrency: 1,
      run: () => Promise.reject(new Error("503")),
      repeat: { policy, mayRepeat: () => true, mayBeOneValue: () => true, onRetry: () => undefined },
    });
    const controller = new AbortController();
    const loads = Promise.allSettled(["a", "b"].map((value) => batcher.load(value, controller.signal)));
    await jest.advanceTimersByTimeAsync(100);
    controller.abort(new Error("gone"));
    await loads;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(batcher.isBusy).toBe(false);
  });
});
