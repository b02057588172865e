import { aMessage, artifactBody, openBench, relatedIps, ruleBody, type Bench } from "./world/bench.js";
import { workspaces } from "./world/fake-resilient.js";

const artifacts = (bench: Bench, count: number) =>
  Array.from({ length: count }, (_, index) => bench.resilient.addArtifact(1, `45.9.148.${index}`));

describe("bursts", () => {
  it("takes one report update for ten artifacts added at once, and answers each", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    bench.calls.clear();
    const replies = await Promise.all(
      artifacts(bench, 10).map((artifact) => bench.rule("ArtifactCreated", 1, artifactBody(artifact))),
    );
    expect(replies).toHaveLength(10);
    for (const reply of replies) expect(reply.message).toMatch(/^Report updated in 1 enclave/);
    expect(bench.calls.count("alpha.update")).toBe(1);
    expect(bench.calls.count("resilient.getIncident")).toBe(1);
  });

  it("asks TruSTAR about each value once, and of a report that did not change about nothing", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { description: "seen beside 10.9.0.7" });
    bench.alpha.relatedIndicators = relatedIps(8);
    await bench.rule("CaseCreated", 1);
    const added = (id: number) => bench.resilient.folders.get(id)?.artifacts.map(({ value }) => value);
    expect(added(1)).toEqual(relatedIps(7).map(({ value }) => value));
    const [first, second] = artifacts(bench, 3);
    await bench.rule("ArtifactCreated", 1, artifactBody(first!));
    bench.calls.clear();
    await bench.rule("ArtifactCreated", 1, artifactBody(second!));
    expect(bench.calls.log.filter((call) => call.startsWith("alpha."))).toEqual(["alpha.find"]);
    const asked = () => bench.alpha.asked.map(({ related }) => related.map(({ value }) => value));
    expect(asked()).toEqual([["10.9.0.7"], ["45.9.148.0", "45.9.148.1", "45.9.148.2"]]);
    // What of the report itself is related to something new is no finding.
    expect(added(1)).not.toContain("10.9.0.7");

    bench.clock.advance(60 * 60_000);
    await bench.rule("ArtifactCreated", 1);
    expect(asked()[2]).toHaveLength(4);
    await bench.rule("Send To TruSTAR", 1);
    expect(asked()[3]).toHaveLength(4);
    await bench.restart();
    await bench.rule("ArtifactCreated", 1);
    expect(asked()[4]).toHaveLength(4);
    await bench.rule("ArtifactCreated", 1);
    expect(asked()).toHaveLength(5);
  });

  it("asks again about values whose answer was not read to its end, or did not come", async () => {
    const bench = await openBench({ alpha: { maxCorrelated: 2 } });
    bench.resilient.addIncident(1, { description: "seen beside 203.0.113.1" });
    bench.alpha.relatedIndicators = relatedIps(8);
    await bench.rule("CaseCreated", 1);
    // As many are known as one incident gets: there is nothing to ask for.
    artifacts(bench, 1);
    await bench.rule("ArtifactCreated", 1);
    expect(bench.alpha.asked).toHaveLength(1);
    // Analysts put them in themselves: there is room for others.
    for (const { value } of relatedIps(8)) bench.resilient.addArtifact(1, value);
    await bench.rule("ArtifactCreated", 1);
    expect(bench.alpha.asked.at(-1)?.related.map(({ value }) => value)).toContain("203.0.113.1");
  });

  it("gathers while more come, and then takes one run for all", async () => {
    let rings = 0;
    const bench = await openBench({
      timer: (ms, ring) => {
        if (ms >= 5_000) return () => undefined;
        rings += 1;
        setImmediate(() => {
          for (let n = 0; rings <= 4 && n < 50; n += 1) more();
          ring();
        });
        return () => undefined;
      },
    });
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    const replies: Promise<unknown>[] = [];
    const more = (): void => void replies.push(bench.rule("ArtifactCreated", 1));
    bench.calls.clear();
    more();
    await replies[0];
    expect(replies).toHaveLength(201);
    await Promise.all(replies);
    expect(rings).toBe(5);
    expect(bench.calls.count("resilient.getIncident")).toBe(1);
  });

  it("reads again for an event that came after the reading had begun", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    bench.calls.clear();
    const later: Promise<unknown>[] = [];
    bench.calls.before = (method) => {
      if (method !== "resilient.listArtifacts" || later.length > 0) return;
      // Nobody can tell whether the answer will have it already.
      setImmediate(() => bench.resilient.addArtifact(1, "45.9.148.99"));
      later.push(bench.rule("ArtifactCreated", 1));
    };
    await bench.rule("ArtifactCreated", 1, artifactBody(bench.resilient.addArtifact(1, "45.9.148.1")));
    await Promise.all(later);
    expect([...bench.alpha.stored.values()][0]?.body).toContain("45.9.148.99");
    expect(bench.calls.count("resilient.getIncident")).toBe(2);
  });

  it("does not let an event overtake another kind of message", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    const all = await Promise.all([
      bench.rule("ArtifactCreated", 1),
      bench.run("delete_report_in_trustar", { trustar_incident_id: 1 }),
      bench.rule("ArtifactCreated", 1),
    ]);
    expect(all.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Report already up to date/),
      "Report deleted from 1 enclave.",
      expect.stringMatching(/^Nothing updated/),
    ]);
  });

  it("answers an artifact of our own within a burst as such", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    await bench.rule("CaseCreated", 1);
    const [theirs, ours] = folder.artifacts;
    const replies = await Promise.all(
      [theirs!, ours!, theirs!].map((artifact) => bench.rule("ArtifactCreated", 1, artifactBody(artifact))),
    );
    expect(replies.map(({ message }) => /nothing to do/.test(message))).toEqual([false, true, false]);
  });

  it("hands one failure to all who wait for the run", async () => {
    const bench = await openBench();
    const replies = await Promise.all([bench.rule("ArtifactCreated", 1), bench.rule("ArtifactCreated", 1)]);
    expect(replies).toEqual([
      { outcome: "failed", message: "Incident 1 can't be found" },
      { outcome: "failed", message: "Incident 1 can't be found" },
    ]);
  });
});

describe("side by side", () => {
  it("runs the messages of one incident one after the other, incidents side by side", async () => {
    const bench = await openBench({ numWorkers: 4 });
    for (let id = 1; id <= 8; id++) bench.resilient.addIncident(id);
    let running = 0;
    let most = 0;
    bench.calls.before = (method) => {
      if (method === "resilient.getIncident") most = Math.max(most, (running += 1));
    };
    bench.calls.after = (method) => {
      if (method === "alpha.indicatorsOf") running -= 1;
    };
    const ids = Array.from({ length: 24 }, (_, index) => (index % 8) + 1);
    await Promise.all(ids.map((id) => bench.rule("Send To TruSTAR", id)));
    // A quarter of num_workers is kept for other accounts.
    expect(most).toBe(3);
    expect(bench.alpha.stored.size).toBe(8);
    for (const folder of bench.resilient.folders.values()) expect(folder.notes).toHaveLength(1);
  });

  it("lets nothing cross between two accounts that are hammered at once", async () => {
    const bench = await openBench({ alpha: { tags: ["a"] }, beta: { tags: ["b"], maxCorrelated: 2 } });
    bench.alpha.relatedIndicators = relatedIps(3, 1);
    bench.beta.relatedIndicators = relatedIps(3, 2);
    const work: Promise<unknown>[] = [];
    for (let id = 1; id <= 40; id++) {
      const workspaceId = id % 2 === 0 ? workspaces.alpha : workspaces.beta;
      bench.resilient.addIncident(id, { workspaceId });
      bench.resilient.addArtifact(id, `45.9.148.${id}`);
      work.push(bench.rule("CaseCreated", id), bench.rule("UpdateIncident", id));
      if (id % 10 === 0) work.push(bench.rule("Incident Deleted", id));
    }
    await Promise.all(work);
    const ids = (stored: Map<string, { externalId: string | undefined }>) =>
      [...stored.values()].map(({ externalId }) => Number(externalId?.slice("RESILIENT".length)));
    expect(ids(bench.alpha.stored).every((id) => id % 2 === 0 && id % 10 !== 0)).toBe(true);
    expect(ids(bench.beta.stored).every((id) => id % 2 === 1)).toBe(true);
    expect([bench.alpha.stored.size, bench.beta.stored.size]).toEqual([16, 20]);
    expect(new Set([...bench.alpha.tags.values()].flat())).toEqual(new Set(["a"]));
    expect(new Set([...bench.beta.tags.values()].flat())).toEqual(new Set(["b"]));
    expect(bench.alpha.asked.every(({ enclaveIds }) => enclaveIds[0] === "trustar_alpha-query")).toBe(true);
    for (const [id, folder] of bench.resilient.folders) {
      const expected = id % 2 === 0 ? /^10\.1\./ : /^10\.2\./;
      const added = folder.artifacts.slice(1).map(({ value }) => value);
      expect(added).toHaveLength(id % 2 === 0 ? 3 : 2);
      expect(added.every((value) => expected.test(value))).toBe(true);
    }
  });
});

describe("stopping", () => {
  it("starts nothing new and leaves what waits on the queue", async () => {
    const bench = await openBench({ numWorkers: 1 });
    bench.resilient.addIncident(1);
    bench.resilient.addIncident(2);
    const stop = new AbortController();
    bench.calls.before = (method) => {
      if (method === "alpha.find") stop.abort(new Error("stopping"));
    };
    const send = (id: number) =>
      bench.handle(aMessage(`s${id}`, ruleBody(bench.resilient, "Send To TruSTAR", id)), stop.signal);
    const ends = await Promise.allSettled([send(1), send(2), send(1)]);
    expect(ends.slice(1).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(bench.calls.count("resilient.getIncident")).toBe(1);
    await expect(send(1)).rejects.toThrow("stopping");
  });
});

describe("progress", () => {
  it("tells what takes long, each step once, and nothing after the reply", async () => {
    const rings: { readonly ms: number; readonly ring: () => void; cancelled: boolean }[] = [];
    const bench = await openBench({
      timer: (ms, ring) => {
        const one = { ms, ring, cancelled: false };
        rings.push(one);
        return () => {
          one.cancelled = true;
        };
      },
    });
    bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.calls.before = (method) => {
      if (!/submit|waitUntil/.test(method)) return;
      rings.at(-1)?.ring();
      rings.at(-1)?.ring();
    };
    await bench.rule("CaseCreated", 1);
    expect(bench.progress).toEqual([
      "Submitting the report to TruSTAR.",
      "Waiting until TruSTAR has processed the report.",
    ]);
    expect(rings.map(({ ms }) => ms)).toEqual([5_000, 20_000, 20_000, 20_000, 20_000]);
    expect(rings.at(-1)?.cancelled).toBe(true);
  });
});
