import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { listEach } from "../../../services/http/list-each.js";
import { readJson } from "../../../src/core/read-json.js";
import { growthOf } from "../../support/cpu-time.js";

const limits = { depth: 4, parts: 10 };

it.each([
  "[[[[1]]]]",
  '{"a":"[[[[[[[[[,,,,,,,,,,,,"}',
  '["\\"[[[[[[","\\\\",",,,,,,,,,"]',
  '"\\\\\\""',
  " 7 ",
  "[[],[],[],[],[]]",
])("takes %s for what it is", async (text) => {
  expect(await readJson(text, limits)).toEqual(JSON.parse(text));
});

it.each(["[[[[[1]]]]]", '[[[{"a":{}}]]]', '["\\\\",[[[[', "[[[[[[[["])("%s is too deep", async (text) => {
  await expect(readJson(text, limits)).rejects.toMatchObject({
    kind: "deep",
    message: "is nested more than 4 deep",
  });
});

it.each(["[1,2,3,4,5,6,7,8,9,10,11]", "[{},{},{},{},{},{}]", ",,,,,,,,,,,"])(
  "%s is too much",
  async (text) => {
    await expect(readJson(text, limits)).rejects.toMatchObject({
      kind: "many",
      message: "has more than 10 parts",
    });
  },
);

it.each(["", "[", '"', '"\\', "[1,]", "{]}"])("%j is no JSON", async (text) => {
  await expect(readJson(text, limits)).rejects.toThrow(SyntaxError);
});

/** How often others have their turn meanwhile. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOn = true;
  const count = async (): Promise<void> => {
    for (; isOn; turns += 1) await turn();
  };
  const counting = count();
  await work;
  isOn = false;
  await counting;
  return turns;
}

it("gives others their turn while a long text is looked through, and none waits for the turn of a short one", async () => {
  const wide = { depth: 4, parts: 1e9 };
  expect(await turnsDuring(readJson(`[${"1,".repeat(2_000_000)}1]`, wide))).toBeGreaterThan(6);
  expect(await turnsDuring(readJson("[1]", wide))).toBeLessThan(2);
});

it.each(["[", "{", ",", '"', '\\"', "\\", '"\\', "1", '"":'])(
  "takes time in proportion to the text, of %j",
  (unit) => {
    const text = (n: number): string => `["${unit.repeat(n)}`;
    const work = (n: number) => {
      const long = text(n);
      return () => void readJson(long, { depth: 1e9, parts: 1e9 }).catch(() => undefined);
    };
    expect(growthOf(work, 200_000)).toBeLessThan(3);
  },
);

describe("a list", () => {
  const list = listEach(z.object({ id: z.number() }));

  it("is read item by item, and others have their turn", async () => {
    const items = Array.from({ length: 5_000 }, (_, id) => ({ id }));
    const reading = list.parseAsync(items);
    expect(await turnsDuring(reading)).toBeGreaterThanOrEqual(9);
    expect(await reading).toEqual(items);
  });

  it("ends with the first item that can't be read, and says which", async () => {
    const read: unknown[] = [];
    const watched = listEach(z.unknown().refine((item) => (read.push(item), item !== 2)));
    const { error } = await watched.safeParseAsync([1, 2, 3, 4]);
    expect(read).toEqual([1, 2]);
    expect(error?.issues).toHaveLength(1);
    const wrong = await z.object({ items: list }).safeParseAsync({ items: [{ id: 1 }, { id: "2" }] });
    expect(wrong.error?.issues).toMatchObject([
      { path: ["items", 1, "id"], message: expect.stringContaining("expected number") },
    ]);
  });

  it.each([null, {}, "x", undefined])("is not %j", async (answer) => {
    expect((await list.safeParseAsync(answer)).success).toBe(false);
  });
});
