import { fc } from "../../support/fast-check.js";
import { LookupStore, type Finished } from "../../../services/lookup/lookup-store.js";
import { createFakeClock } from "../../support/fake-clock.js";

const cacheTtlMs = 1_000;
const missTtlMs = 300;
const deliverWithinMs = 500;
const hit = { props: [{ type: "string", name: "Priority Level", value: "HIGH" }] } as const;

const key = fc.constantFrom("a", "b", "c", "d");
const step = fc.oneof(
  fc.record({
    do: fc.constantFrom("fresh" as const, "deliver" as const, "forget" as const, "old" as const),
    key,
  }),
  fc.record({ do: fc.constant("keep" as const), key, isHit: fc.boolean() }),
  fc.record({
    do: fc.constant("restore" as const),
    key,
    isHit: fc.boolean(),
    ageMs: fc.integer({ min: -500, max: 1_500 }),
  }),
  fc.record({ do: fc.constant("time" as const), ms: fc.constantFrom(1, 50, 250, 400, 700, -600) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const steps = fc.array(step, { maxLength: 60, size: "max" });

interface Known {
  readonly finished: Finished;
  /** Until when it answers new questions; undefined = never again. */
  readonly freshUntilMs: number | undefined;
}

/** The same promises without any limit on memory. */
class Model {
  readonly #results = new Map<string, Known>();
  readonly #undelivered = new Map<string, { readonly finished: Finished; readonly untilMs: number }>();

  /** @param isFetched the store had it; with no room left for it there, it still waits for its poll */
  fresh(name: string, nowMs: number, isFetched: boolean): Finished | undefined {
    const known = this.#fresh(name, nowMs);
    // Checked by a clock that was set back since: no answer to a new question.
    if (known === undefined || known.checkedAtMs > nowMs) return undefined;
    if (isFetched) this.#undelivered.delete(name);
    return known;
  }

  deliver(name: string, nowMs: number): Finished | undefined {
    const waiting = this.#waiting(name, nowMs);
    this.#undelivered.delete(name);
    return this.#fresh(name, nowMs) ?? waiting;
  }

  /** @param isFetched the store had it */
  old(name: string, isFetched: boolean): Finished | undefined {
    if (isFetched) this.#undelivered.delete(name);
    return this.#hit(name);
  }

  /** @returns whether there are old hits */
  forget(name: string): boolean {
    const hit = this.#hit(name);
    this.#results.delete(name);
    this.#undelivered.delete(name);
    if (hit !== undefined) this.#results.set(name, { finished: hit, freshUntilMs: undefined });
    return hit !== undefined;
  }

  keep(name: string, finished: Finished, nowMs: number): void {
    this.#undelivered.set(name, { finished, untilMs: nowMs + deliverWithinMs });
    this.restore(name, finished, nowMs);
  }

  restore(name: string, finished: Finished, nowMs: number): void {
    const ttlMs = finished.hits.length > 0 ? cacheTtlMs : missTtlMs;
    const freshUntilMs = Math.min(finished.checkedAtMs, nowMs) + ttlMs;
    const isOver = freshUntilMs <= nowMs;
    this.#results.set(name, { finished, freshUntilMs: isOver ? undefined : freshUntilMs });
  }

  /** The newest that was found, when it is a hit. */
  #hit(name: string): Finished | undefined {
    const finished = this.#results.get(name)?.finished;
    return finished !== undefined && finished.hits.length > 0 ? finished : undefined;
  }

  #fresh(name: string, nowMs: number): Finished | undefined {
    const known = this.#results.get(name);
    return known?.freshUntilMs !== undefined && nowMs <= known.freshUntilMs ? known.finished : undefined;
  }

  #waiting(name: string, nowMs: number): Finished | undefined {
    const waiting = this.#undelivered.get(name);
    return waiting !== undefined && nowMs <= waiting.untilMs ? waiting.finished : undefined;
  }
}

function build(cacheSize: number, maxUndelivered: number) {
  const clock = createFakeClock();
  const maxBytes = 1_000_000;
  const store = new LookupStore({
    cacheSize,
    maxBytes,
    cacheTtlMs,
    missTtlMs,
    deliverWithinMs,
    maxUndelivered,
    clock,
  });
  return { clock, store };
}

/** Every result has hits of its own, so that an old one is told from a new one. */
function result(isHit: boolean, checkedAtMs: number): Finished {
  return { hits: isHit ? [hit] : [], checkedAtMs };
}

function apply(
  one: Step,
  { clock, store }: ReturnType<typeof build>,
  model: Model,
): readonly [said: unknown, expected: unknown] {
  const nowMs = clock.now();
  switch (one.do) {
    case "time":
      clock.advance(one.ms);
      return [0, 0];
    case "keep": {
      const finished = result(one.isHit, nowMs);
      store.keep(one.key, finished);
      model.keep(one.key, finished, nowMs);
      return [0, 0];
    }
    case "restore": {
      const finished = result(one.isHit, nowMs - one.ageMs);
      store.restore(one.key, finished);
      model.restore(one.key, finished, nowMs);
      return [0, 0];
    }
    case "forget":
      // With no room left there may be none, but never one of which the model does not know.
      return [store.forget(one.key) || undefined, model.forget(one.key) || undefined];
    case "fresh": {
      const said = store.fresh(one.key);
      return [said?.hits, model.fresh(one.key, nowMs, said !== undefined)?.hits];
    }
    case "old": {
      const said = store.oldHits(one.key);
      return [said?.hits, model.old(one.key, said !== undefined)?.hits];
    }
    case "deliver":
      return [store.deliver(one.key)?.hits, model.deliver(one.key, nowMs)?.hits];
  }
}

it("with room for all, it says exactly what was kept and is still fresh, or still waits for its poll", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const parts = build(10, 10);
      const model = new Model();
      for (const one of all) {
        const [said, expected] = apply(one, parts, model);
        expect(said).toBe(expected);
      }
    }),
    { numRuns: 500 },
  );
});

it("with room for few, it forgets, but never says what isn't so and never holds more than it may", () => {
  // Restoring is for the start, when nothing newer can have been there.
  const running = steps.map((all) => all.filter((one) => one.do !== "restore"));
  fc.assert(
    fc.property(running, fc.integer({ min: 1, max: 3 }), (all, size) => {
      const parts = build(size, size);
      const model = new Model();
      for (const one of all) {
        const [said, expected] = apply(one, parts, model);
        if (said !== undefined) expect(said).toBe(expected);
        expect(parts.store.size).toBeLessThanOrEqual(size);
      }
    }),
    { numRuns: 500 },
  );
});
