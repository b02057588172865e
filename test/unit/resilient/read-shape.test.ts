import { z } from "zod";
import { readShape } from "../../../services/resilient/read-shape.js";

it("names the place that is not as it should be", async () => {
  expect(await readShape(z.object({ id: z.number() }), { id: "7" })).toMatchObject({
    ok: false,
    where: expect.stringMatching(/^id: /) as string,
  });
  expect(await readShape(z.object({ id: z.number() }), { id: 7 })).toEqual({ ok: true, value: { id: 7 } });
});

it("takes what is nested beyond the stack for a bad answer, not for a failure of ours", async () => {
  let deep: unknown = 1;
  for (let level = 0; level < 200_000; level += 1) deep = [deep];
  expect(await readShape(z.json(), deep)).toEqual({ ok: false, where: "nested too deeply" });
});
