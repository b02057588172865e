import { fc } from "../../support/fast-check.js";
import { Dispatcher, type RunControl } from "../../../services/actions/dispatcher.js";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const arrival = fc.record({
  key: fc.integer({ min: 0, max: 3 }),
  group: fc.integer({ min: 0, max: 1 }),
  turns: fc.integer({ min: 0, max: 3 }),
  shares: fc.boolean(),
  pauseBefore: fc.integer({ min: 0, max: 2 }),
  /** Turns after its arrival at which whoever sent it stops waiting. */
  leavesAfter: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer A> ? A : never;

interface Seen {
  readonly order: Map<number, number[]>;
  readonly ends: readonly PromiseSettledResult<number>[];
  readonly aborted: ReadonlySet<number>;
  readonly most: number;
  readonly atOnce: boolean;
  readonly left: number;
}

async function play(arrivals: readonly Arrival[], width: number): Promise<Seen> {
  const dispatcher = new Dispatcher<number>(width);
  const running = new Set<number>();
  const order = new Map<number, number[]>();
  const aborted = new Set<number>();
  const seen = { most: 0, atOnce: false };
  const answers: Promise<number>[] = [];
  const leaving: Promise<void>[] = [];
  for (const [index, one] of arrivals.entries()) {
    await turns(one.pauseBefore);
    const sender = new AbortController();
    const run = async (control: RunControl): Promise<number> => {
      if (running.has(one.key)) seen.atOnce = true;
      running.add(one.key);
      seen.most = Math.max(seen.most, running.size);
      order.set(one.key, [...(order.get(one.key) ?? []), index]);
      await turns(one.turns);
      control.absorb();
      await turns(one.turns);
      running.delete(one.key);
      return index;
    };
    const task = {
      key: `k${one.key}`,
      shareKey: one.shares ? "s" : undefined,
      group: () => Promise.resolve(`g${one.group}`),
      run,
      onStage: () => undefined,
    };
    answers.push(dispatcher.dispatch(task, sender.signal));
    const { leavesAfter } = one;
    if (leavesAfter === undefined) continue;
    leaving.push(
      turns(leavesAfter).then(() => {
        aborted.add(index);
        sender.abort(new Error("left"));
      }),
    );
  }
  const ends = await Promise.allSettled(answers);
  await Promise.all(leaving);
  await turns(30);
  return { order, ends, aborted, ...seen, left: dispatcher.size };
}

it("keeps each key's order and its own turn, forgets nobody, and runs nothing twice, whoever stops waiting when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { maxLength: 25, size: "max" }),
      fc.integer({ min: 1, max: 4 }),
      async (arrivals, width) => {
        const { order, ends, aborted, most, atOnce, left } = await play(arrivals, width);
        expect({ atOnce, left, tooMany: most > width }).toEqual({ atOnce: false, left: 0, tooMany: false });
        const ran = [...order.values()].flat();
        expect(new Set(ran).size).toBe(ran.length);
        for (const indices of order.values()) expect(indices).toEqual(indices.toSorted((a, b) => a - b));
        for (const [index, end] of ends.entries()) {
          if (end.status === "rejected") {
            expect(String(end.reason)).toContain("left");
            expect(aborted.has(index)).toBe(true);
          } else {
            // By its own run, or by an earlier one of its key that took it over.
            expect(ran).toContain(end.value);
            expect(arrivals[end.value]?.key).toBe(arrivals[index]?.key);
            expect(end.value).toBeLessThanOrEqual(index);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
