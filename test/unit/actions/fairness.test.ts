import { openBench, type Bench } from "./world/bench.js";
import { workspaces } from "./world/fake-resilient.js";

/** The first account's TruSTAR takes calls and never answers. */
async function openHangingBench(): Promise<Bench> {
  const bench = await openBench();
  bench.calls.before = (method) =>
    method.startsWith("alpha.") ? new Promise<void>(() => undefined) : undefined;
  for (let id = 1; id <= 40; id += 1) bench.resilient.addIncident(id);
  bench.resilient.addIncident(100, { workspaceId: workspaces.beta });
  return bench;
}

describe("an account whose TruSTAR hangs", () => {
  it("does not keep another account's analyst waiting, with rules", async () => {
    const bench = await openHangingBench();
    for (let id = 1; id <= 40; id += 1) void bench.rule("CaseCreated", id);
    expect(await bench.rule("Send To TruSTAR", 100)).toMatchObject({ outcome: "done" });
    expect(bench.beta.stored.size).toBe(1);
  });

  it("nor with functions, whose workspace is read first", async () => {
    const bench = await openHangingBench();
    const submit = (id: number) => bench.run("submit_report_to_trustar", { trustar_incident_id: id });
    for (let id = 1; id <= 40; id += 1) void submit(id);
    expect(await submit(100)).toMatchObject({ outcome: "done", results: { error: null } });
    expect(bench.beta.stored.size).toBe(1);
  });
});

describe("an account with many messages", () => {
  it.each([1, 4, 25])(
    "leaves ten of another's among the first that are done, with %d workers",
    async (numWorkers) => {
      for (const isFunction of [false, true]) {
        const bench = await openBench({ numWorkers });
        const done: number[] = [];
        const send = async (id: number): Promise<void> => {
          await (isFunction
            ? bench.run("submit_report_to_trustar", { trustar_incident_id: id })
            : bench.rule("Send To TruSTAR", id));
          done.push(id);
        };
        const ids = Array.from({ length: 400 }, (_, index) => index + 1);
        for (const id of ids) {
          bench.resilient.addIncident(id, { workspaceId: id > 390 ? workspaces.beta : workspaces.alpha });
        }
        await Promise.all(ids.map(send));
        const places = done.flatMap((id, index) => (id > 390 ? [index + 1] : []));
        expect(places).toHaveLength(10);
        expect(places.at(-1)).toBeLessThanOrEqual(45);
      }
    },
  );
});
