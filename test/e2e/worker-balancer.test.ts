import { startClosingBalancer, type Closing, type ClosingBalancer } from "../support/closing-balancer.js";
import { openWorkerWorld } from "../support/worker-world.js";

const related = Array.from({ length: 8 }, (_, n) => `198.51.100.${n + 1}`);
const artifact = { type: { name: "IP Address" }, value: "203.0.113.50", description: "" };

// Of Resilient and of TruSTAR at once; each promises to keep the connection.
test.each<Closing>(["after-answer", "on-next-bytes", "after-doing", "before-doing"])(
  "behind balancers that close connections %s, all actions complete and nothing is made twice",
  async (closing) => {
    const balancers: ClosingBalancer[] = [];
    const edit: NonNullable<Parameters<typeof openWorkerWorld>[0]>["edit"] = async (text, soar, trustar) => {
      const { resilient, certificate } = soar;
      const tls = { key: certificate.keyPem, cert: certificate.certPem };
      const [first, second] = [
        await startClosingBalancer(resilient.url, closing, tls),
        await startClosingBalancer(trustar.url, closing),
      ];
      balancers.push(first, second);
      return text
        .replace(`port = ${resilient.port}`, `port = ${first.port}`)
        .replaceAll(`url = ${trustar.url}`, `url = http://127.0.0.1:${second.port}`);
    };
    const world = await openWorkerWorld({ accounts: [{ name: "one", keys: { tag: "resilient" } }], edit });
    try {
      await world.know("Acme private", `203.0.113.50 with ${related.join(", ")}`);
      const ids = Array.from({ length: 5 }, (_, n) => {
        const created = world.soar.resilient.createIncident({ name: `Case ${n}`, artifacts: [artifact] });
        return created.dto.id;
      });
      await world.soar.answered(120_000);
      for (const id of ids) world.soar.resilient.invokeRule("Send To TruSTAR", id);
      await world.soar.answered(120_000);

      const { invocations } = world.soar.resilient;
      const failed = invocations.filter(({ status }) => status !== "complete");
      expect(failed.map(({ name, replies }) => [name, replies.at(-1)?.message])).toEqual([]);
      const said = invocations.flatMap(({ replies }) => replies.map(({ message }) => message));
      expect(said.filter((message) => /fail|could not|may have/i.test(message))).toEqual([]);
      for (const id of ids) {
        expect(world.reportsOf(id)).toHaveLength(1);
        const notes = world.notesOf(id).map((note) => /Submitted Successfully|Indicators/.exec(note)?.[0]);
        expect(notes.toSorted()).toEqual(["Indicators", "Submitted Successfully"]);
        const values = world.artifactsOf(id).map(({ value }) => String(value));
        expect(values.toSorted()).toEqual(["203.0.113.50", ...related].toSorted());
      }
      // The first way may be seen in time, so that nothing is cut at all.
      if (closing !== "after-answer") for (const { cut } of balancers) expect(cut).toBeGreaterThan(0);
    } finally {
      await world[Symbol.asyncDispose]();
      for (const balancer of balancers) await balancer[Symbol.asyncDispose]();
    }
  },
);
