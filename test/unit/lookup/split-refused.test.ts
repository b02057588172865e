import { fc } from "../../support/fast-check.js";
import { splitAroundRefused, type Outcome } from "../../../services/lookup/split-refused.js";

class Refused extends Error {}
class Outage extends Error {}

const blames = (error: unknown): boolean => error instanceof Refused;
const hundred = Array.from({ length: 100 }, (_, at) => `v${at}`);

interface Run {
  readonly outcomes: ReadonlyMap<string, Outcome<string>>;
  readonly calls: readonly (readonly string[])[];
}

/** Asks a server that refuses every call with a bad value in it. */
async function ask(
  values: readonly string[],
  refuse: (values: readonly string[]) => Error | undefined,
): Promise<Run> {
  const calls: (readonly string[])[] = [];
  const outcomes = await splitAroundRefused(
    values,
    (some) => {
      calls.push(some);
      const error = refuse(some);
      if (error !== undefined) return Promise.reject(error);
      return Promise.resolve(
        new Map(some.filter((value) => value !== "unknown").map((value) => [value, `of ${value}`])),
      );
    },
    { blamesOneValue: blames },
  );
  return { outcomes, calls };
}

function refusing(...bad: readonly string[]) {
  return (values: readonly string[]) =>
    values.some((value) => bad.includes(value)) ? new Refused("bad value") : undefined;
}

function refusedOf({ outcomes }: Run): readonly string[] {
  return [...outcomes].filter(([, outcome]) => !outcome.ok).map(([value]) => value);
}

it("asks once when nothing is refused, and tells known from unknown", async () => {
  const { outcomes, calls } = await ask(["a", "unknown"], refusing());
  expect(calls).toEqual([["a", "unknown"]]);
  expect(outcomes.get("a")).toEqual({ ok: true, result: "of a" });
  expect(outcomes.get("unknown")).toEqual({ ok: true, result: undefined });
});

it.each(["v0", "v42", "v99"])(
  "finds the bad value %s among a hundred in few calls; the others have their answers",
  async (bad) => {
    const run = await ask(hundred, refusing(bad));
    expect(refusedOf(run)).toEqual([bad]);
    expect(run.outcomes.size).toBe(100);
    expect(run.calls.length).toBeLessThanOrEqual(1 + 2 * 7);
  },
);

it("gives up after a handful of calls when it is the request that is wrong", async () => {
  const run = await ask(hundred, () => new Refused("always"));
  expect(refusedOf(run)).toHaveLength(100);
  expect(run.calls.length).toBeLessThanOrEqual(10);
});

it.each([
  [["v0", "v99"], "at both ends"],
  [["v0", "v1"], "side by side"],
  [["v10", "v60", "v61"], "three of them"],
  [["v12", "v37", "v62", "v87"], "one in each quarter"],
  [["v0", "v25", "v50", "v75"], "at the start of each quarter"],
  [["v0", "v1", "v2", "v99"], "three at the start and the last"],
  [Array.from({ length: 10 }, (_, at) => `v${10 * at + 4}`), "ten, spread"],
  [Array.from({ length: 10 }, (_, at) => `v${10 * at}`), "ten, spread from the first"],
  [Array.from({ length: 10 }, (_, at) => `v${at}`), "the first ten"],
  [Array.from({ length: 10 }, (_, at) => `v${90 + at}`), "the last ten"],
])("bad values %j (%s) do not take the others' answers with them", async (bad) => {
  const run = await ask(hundred, refusing(...bad));
  expect(refusedOf(run).toSorted()).toEqual(bad.toSorted());
});

it.each([
  [1, 15],
  [2, 27],
  [4, 47],
  [10, 91],
])("%i bad values anywhere cost at most %i calls and take nobody's answer", async (count, maxCalls) => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...hundred), { minLength: count, maxLength: count, size: "max" }),
      async (bad) => {
        // Exactly these three together look like a wrong request.
        fc.pre(!["v0", "v1", "v62"].every((value) => bad.includes(value)));
        const run = await ask(hundred, refusing(...bad));
        expect(refusedOf(run).toSorted()).toEqual(bad.toSorted());
        expect(run.calls.length).toBeLessThanOrEqual(maxCalls);
      },
    ),
  );
});

it.each([2, 3, 8, 20, 100])("never asks again about what has its outcome, of %i values", async (size) => {
  const run = await ask(hundred.slice(0, size), refusing("v0", "v1", "v3"));
  const alone = run.calls.filter(({ length }) => length === 1).flat();
  expect(new Set(alone).size).toBe(alone.length);
  expect(run.calls.length).toBeLessThanOrEqual(2 * size - 1);
});

it("however many are bad, it costs no more than asking each by itself", async () => {
  const odd = hundred.filter((_, at) => at % 2 === 1);
  const run = await ask(hundred, refusing(...odd));
  expect(run.calls.length).toBeLessThanOrEqual(100);
  expect(run.outcomes.size).toBe(100);
  expect(refusedOf(run)).toEqual(expect.arrayContaining(odd));
});

it("a server that takes fewer values a call than we send answers for all of them", async () => {
  const run = await ask(hundred, (values) => (values.length > 40 ? new Refused("too many") : undefined));
  expect(refusedOf(run)).toEqual([]);
  expect(run.calls.length).toBeLessThanOrEqual(7);
});

it("does not split around an outage, which is no value's fault", async () => {
  const run = await ask(hundred, () => new Outage("503"));
  expect(run.calls).toHaveLength(1);
  expect(refusedOf(run)).toHaveLength(100);
});

it("an outage in the middle of the search fails only what has no answer yet", async () => {
  let call = 0;
  const run = await ask(["a", "b", "c", "d"], (values) => {
    call += 1;
    if (call === 3) return new Outage("503");
    return refusing("d")(values);
  });
  expect(refusedOf(run)).toEqual(["c", "d"]);
  expect(run.outcomes.get("a")).toEqual({ ok: true, result: "of a" });
});

it("a single refused value is refused without another call", async () => {
  const run = await ask(["bad"], refusing("bad"));
  expect(run.calls).toHaveLength(1);
  expect(refusedOf(run)).toEqual(["bad"]);
});

describe("a value that is said to be unknown", () => {
  const judgement = { blamesOneValue: blames, saysUnknown: blames };

  it("is asked for once more before that is believed", async () => {
    let call = 0;
    const outcomes = await splitAroundRefused(
      ["a"],
      () => {
        call += 1;
        return call === 1 ? Promise.reject(new Refused("404")) : Promise.resolve(new Map([["a", "of a"]]));
      },
      judgement,
    );
    expect(outcomes.get("a")).toEqual({ ok: true, result: "of a" });
  });

  it("is unknown when it is said twice in a row, and failed when the second answer is an outage", async () => {
    const twice = await splitAroundRefused(["a"], () => Promise.reject(new Refused("404")), judgement);
    expect(twice.get("a")).toEqual({ ok: true, result: undefined });
    const errors = [new Refused("404"), new Outage("503")];
    const once = await splitAroundRefused(["a"], () => Promise.reject(errors.shift()!), judgement);
    expect(once.get("a")).toMatchObject({ ok: false, error: { message: "503" } });
  });
});

it("reports what is thrown as an error, and a call that throws at once too", async () => {
  const outcomes = await splitAroundRefused(
    ["a"],
    () => {
      throw new Refused("at once");
    },
    { blamesOneValue: blames },
  );
  expect(outcomes.get("a")).toMatchObject({ ok: false, error: { message: "at once" } });
});

it("every value has exactly one outcome, and none is called known or unknown that was never answered", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40, size: "max" }),
      fc.array(fc.constantFrom("ok", "refused", "outage"), { maxLength: 20, size: "max" }),
      async (values, script) => {
        const answered = new Set<string>();
        let at = 0;
        const { outcomes } = await ask(values, (some) => {
          const step = script[at++] ?? "ok";
          if (step === "ok") for (const value of some) answered.add(value);
          return step === "ok" ? undefined : step === "refused" ? new Refused("r") : new Outage("o");
        });
        expect([...outcomes.keys()].toSorted()).toEqual(values.toSorted());
        for (const [value, outcome] of outcomes) expect(outcome.ok).toBe(answered.has(value));
      },
    ),
  );
});
