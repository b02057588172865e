import { fc } from "../../support/fast-check.js";
import { Dispatcher, type RunControl } from "../../../services/actions/dispatcher.js";
import { never } from "./world/bench.js";

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function task<R>(key: string, run: (control: RunControl) => Promise<R>, shareKey?: string) {
  return { key, shareKey, run, group: () => Promise.resolve(`of ${key}`), onStage: () => undefined };
}

describe("Dispatcher", () => {
  it("keeps the order of each key, never runs too many, and answers everything exactly once", async () => {
    const arrival = fc.record({
      key: fc.integer({ min: 0, max: 3 }),
      turns: fc.integer({ min: 0, max: 3 }),
      fails: fc.boolean(),
      shares: fc.boolean(),
      pauseBefore: fc.integer({ min: 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (arrivals, width) => {
          const dispatcher = new Dispatcher<number>(width);
          const running = new Set<number>();
          const started = new Map<number, number[]>();
          const answers: Promise<number>[] = [];
          let most = 0;
          for (const [index, one] of arrivals.entries()) {
            await turns(one.pauseBefore);
            const run = async (control: RunControl): Promise<number> => {
              expect(running.has(one.key)).toBe(false);
              running.add(one.key);
              most = Math.max(most, running.size);
              started.set(one.key, [...(started.get(one.key) ?? []), index]);
              await turns(one.turns);
              control.absorb();
              await turns(one.turns);
              running.delete(one.key);
              if (one.fails) throw new Error(String(index));
              return index;
            };
            answers.push(dispatcher.dispatch(task(`k${one.key}`, run, one.shares ? "s" : undefined), never));
          }
          const ends = await Promise.allSettled(answers);
          await turns(1);
          expect(most).toBeLessThanOrEqual(width);
          expect(dispatcher.size).toBe(0);
          for (const order of started.values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
          const runs = new Set([...started.values()].flat());
          for (const [index, end] of ends.entries()) {
            const by = end.status === "fulfilled" ? end.value : Number((end.reason as Error).message);
            expect(by).toBeLessThanOrEqual(index);
            expect(runs.has(by)).toBe(true);
            expect(arrivals[by]?.key).toBe(arrivals[index]?.key);
            if (by !== index) expect([arrivals[by]?.shares, arrivals[index]?.shares]).toEqual([true, true]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("rejects at once what waits when its signal aborts, and goes on with the others", async () => {
    const dispatcher = new Dispatcher<string>(1);
    const stop = new AbortController();
    let end: () => void = () => undefined;
    const first = dispatcher.dispatch(
      task(
        "a",
        () =>
          new Promise(
            (resolve) =>
              (end = () => {
                resolve("first");
              }),
          ),
      ),
      never,
    );
    const second = dispatcher.dispatch(
      task("a", () => Promise.resolve("second")),
      stop.signal,
    );
    const third = dispatcher.dispatch(
      task("a", () => Promise.resolve("third")),
      never,
    );
    await turns(1);
    stop.abort(new Error("stop"));
    await expect(second).rejects.toThrow("stop");
    end();
    expect(await Promise.all([first, third])).toEqual(["first", "third"]);
  });

  it("aborts a run when nobody waits for it any more, not earlier", async () => {
    const dispatcher = new Dispatcher<string>(1);
    const stops = [new AbortController(), new AbortController()];
    let seen: AbortSignal | undefined;
    const run = async (control: RunControl): Promise<string> => {
      await turns(1);
      control.absorb();
      seen = control.signal;
      return new Promise((_, reject) => {
        control.signal.addEventListener("abort", () => {
          reject(control.signal.reason as Error);
        });
      });
    };
    const answers = stops.map(({ signal }) => dispatcher.dispatch(task("a", run, "s"), signal));
    const ends = Promise.allSettled(answers);
    await turns(3);
    stops[0]?.abort(new Error("one"));
    expect(seen?.aborted).toBe(false);
    stops[1]?.abort(new Error("two"));
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await turns(1);
    expect(dispatcher.size).toBe(0);
  });

  it("tells every task of a run what is being done", async () => {
    const dispatcher = new Dispatcher<string>(1);
    const told: string[] = [];
    const run = async (control: RunControl): Promise<string> => {
      await turns(1);
      control.absorb();
      control.stage("reading");
      return "done";
    };
    const one = (name: string) => ({
      ...task("a", run, "s"),
      onStage: (text: string) => told.push(`${name} ${text}`),
    });
    await Promise.all([dispatcher.dispatch(one("first"), never), dispatcher.dispatch(one("second"), never)]);
    expect(told).toEqual(["first reading", "second reading"]);
  });
});
