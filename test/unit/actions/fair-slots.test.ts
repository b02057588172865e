import { fc } from "../../support/fast-check.js";
import { FairSlots } from "../../../services/actions/fair-slots.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const hang = (): Promise<never> => new Promise(() => undefined);

describe("FairSlots", () => {
  it("leaves a group that hangs three quarters of the slots at most, and others are served", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 0, max: 100 }),
        async (width, flood) => {
          const slots = new FairSlots(width);
          let hanging = 0;
          for (let n = 0; n < flood; n += 1) {
            void slots.run("ill", () => {
              hanging += 1;
              return hang();
            });
          }
          const most = Math.max(1, Math.floor((width * 3) / 4));
          await expect(slots.run("well", () => Promise.resolve("done"))).resolves.toBe("done");
          expect(hanging).toBe(Math.min(flood, most));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("serves a fourth group beside three that hang", async () => {
    const slots = new FairSlots(25);
    for (const ill of ["a", "b", "c"]) for (let n = 0; n < 40; n += 1) void slots.run(ill, hang);
    await expect(slots.run("well", () => Promise.resolve("done"))).resolves.toBe("done");
  });

  it("serves the groups that wait in turn, each in its own order, never more than there are slots", async () => {
    const slots = new FairSlots(1);
    const order: string[] = [];
    let running = 0;
    const work = (name: string) => async (): Promise<void> => {
      expect((running += 1)).toBe(1);
      await turn();
      running -= 1;
      order.push(name);
    };
    const arrivals = ["a1", "a2", "a3", "b1", "b2", "c1"];
    await Promise.all(arrivals.map((name) => slots.run(name.slice(0, 1), work(name))));
    expect(order).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
  });

  it("hands on the slot of work that fails", async () => {
    const slots = new FairSlots(1);
    const failed = slots.run("a", () => Promise.reject(new Error("no")));
    const next = slots.run("a", () => Promise.resolve("next"));
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("next");
  });
});
