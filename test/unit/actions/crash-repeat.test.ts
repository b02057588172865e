import { artifactBody, openBench, relatedIps, type Bench, type BenchSettings } from "./world/bench.js";
import { typeIds } from "./world/fake-resilient.js";

interface Case {
  readonly name: string;
  readonly settings?: BenchSettings;
  /** What there was before the message. */
  readonly before?: (bench: Bench) => Promise<void>;
  readonly message: (bench: Bench) => Promise<unknown>;
}

const incident = { trustar_incident_id: 1 };
const sent = async (bench: Bench): Promise<void> => {
  await bench.rule("Send To TruSTAR", 1);
  bench.resilient.editIncident(1, { description: "changed" });
  bench.alpha.relatedIndicators = relatedIps(7);
  // What was related an hour ago is asked for anew.
  bench.clock.advance(60 * 60_000);
};
const twoEnclaves = { alpha: { submissionEnclaveIds: ["first", "second-enclave"] } };
const artifact = { artifact: { id: 1, type: typeIds.dns, value: "evil.example", description: "" } };

const cases: readonly Case[] = [
  { name: "CaseCreated", settings: twoEnclaves, message: (bench) => bench.rule("CaseCreated", 1) },
  { name: "UpdateIncident", before: sent, message: (bench) => bench.rule("UpdateIncident", 1) },
  {
    name: "ArtifactCreated",
    before: sent,
    message: (bench) =>
      bench.rule("ArtifactCreated", 1, artifactBody(bench.resilient.folders.get(1)!.artifacts[0]!)),
  },
  { name: "Send To TruSTAR", message: (bench) => bench.rule("Send To TruSTAR", 1) },
  {
    name: "Incident Deleted",
    settings: twoEnclaves,
    before: sent,
    message: (bench) => bench.rule("Incident Deleted", 1),
  },
  { name: "Whitelist in TruSTAR", message: (bench) => bench.rule("Whitelist in TruSTAR", 1, artifact) },
  {
    name: "Undo Whitelist in TruSTAR",
    message: (bench) => bench.rule("Undo Whitelist in TruSTAR", 1, artifact),
  },
  { name: "submit_report_to_trustar", message: (bench) => bench.run("submit_report_to_trustar", incident) },
  {
    name: "delete_report_in_trustar",
    before: sent,
    message: (bench) => bench.run("delete_report_in_trustar", incident),
  },
  {
    name: "get_correlated_indicators_from_trustar",
    before: sent,
    message: (bench) => bench.run("get_correlated_indicators_from_trustar", incident),
  },
  {
    name: "whitelist_in_trustar",
    message: (bench) =>
      bench.run("whitelist_in_trustar", { ...incident, trustar_artifact_value: "evil.example" }),
  },
  {
    name: "undo_whitelist_in_trustar",
    message: (bench) =>
      bench.run("undo_whitelist_in_trustar", {
        ...incident,
        trustar_artifact_value: "evil.example",
        trustar_artifact_type: "DNS Name",
      }),
  },
];

/** Never answers: to everybody else the worker is gone. */
const gone = new Promise<never>(() => undefined);

async function openWorld({ settings, before }: Case): Promise<Bench> {
  const bench = await openBench(settings);
  bench.resilient.addIncident(1);
  bench.resilient.addArtifact(1, "45.9.148.1");
  bench.alpha.relatedIndicators = relatedIps(4);
  await before?.(bench);
  bench.calls.clear();
  return bench;
}

/** All that is to be seen from outside, without the ids that depend on the order. */
function outcome({ resilient, alpha }: Bench): object {
  const folder = resilient.folders.get(1)!;
  return {
    reports: [...alpha.stored.values()].map(({ externalId, body }) => [externalId, body]),
    tags: [...alpha.tags.values()],
    notes: folder.notes.map(({ html }) => html),
    artifacts: folder.artifacts.map(({ value, description }) => `${value} ${description}`).toSorted(),
    whitelist: [...new Set(alpha.whitelisted.map(({ type, value }) => `${type} ${value}`))],
  };
}

/**
 * The worker dies right after its `nth` call has had its effect; the broker gives the message to a new one, which has
 * the ledger's file or not.
 */
async function crashAfter(nth: number, one: Case, remembers: boolean): Promise<Bench> {
  const bench = await openWorld(one);
  let calls = 0;
  let crash: () => void = () => undefined;
  const crashed = new Promise<void>((resolve) => {
    crash = resolve;
  });
  bench.calls.before = () => (calls >= nth ? gone : undefined);
  bench.calls.after = () => {
    calls += 1;
    if (calls >= nth) crash();
  };
  await Promise.race([one.message(bench), crashed]);
  // What ran beside the last call has its effect; then nothing moves any more.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  bench.calls.before = () => undefined;
  bench.calls.after = () => undefined;
  await bench.restart(remembers ? bench.ledger : undefined);
  await one.message(bench);
  return bench;
}

describe("a crash at any moment, and the message once more", () => {
  it.each(cases)("$name ends as if nothing had happened", async (one) => {
    const clean = await openWorld(one);
    await one.message(clean);
    const expected = outcome(clean);
    const calls = clean.calls.log.length;
    expect(calls).toBeGreaterThan(0);
    for (let nth = 1; nth <= calls; nth++) {
      for (const remembers of [false, true]) {
        const bench = await crashAfter(nth, one, remembers);
        expect({ nth, ...outcome(bench) }).toEqual({
          nth,
          ...sameWithNotesOf(bench, expected, remembers),
        });
      }
    }
  });

  it("a note that was written and not recorded is still ours when there is more to say by then", async () => {
    const send = cases.find(({ name }) => name === "Send To TruSTAR")!;
    const clean = await openWorld(send);
    await send.message(clean);
    for (let nth = 1; nth <= clean.calls.log.length; nth++) {
      const bench = await openWorld(send);
      let calls = 0;
      bench.calls.after = () => {
        calls += 1;
        if (calls === nth) throw new Error("it had its effect, and whoever asked for it is gone");
      };
      await send.message(bench);
      bench.calls.after = () => undefined;
      await bench.restart(bench.ledger);
      bench.alpha.relatedIndicators = relatedIps(7);
      await send.message(bench);
      const { notes } = outcome(bench) as { notes: string[] };
      expect({ nth, notes: notes.length }).toEqual({ nth, notes: 2 });
      for (const { value } of relatedIps(7)) expect(notes.join("")).toContain(value);
    }
  });

  it.each(cases)("$name may simply run twice", async (one) => {
    const clean = await openWorld(one);
    await one.message(clean);
    const expected = outcome(clean);
    await one.message(clean);
    expect(outcome(clean)).toEqual(expected);
    await clean.restart();
    await one.message(clean);
    expect(outcome(clean)).toEqual(expected);
  });
});

/**
 * The order of indicators in a note follows what came first. Without its memory a worker knows only those notes of its
 * own that say what it would write now: others stay as they are, and there is one more.
 */
function sameWithNotesOf(bench: Bench, expected: object, remembers: boolean): object {
  const lines = (html: string): string => html.split("</p>").toSorted().join("");
  const notes = (outcome(bench) as { notes: string[] }).notes;
  const wanted = (expected as { notes: string[] }).notes;
  const most = remembers ? wanted.length : wanted.length + 1;
  const hasAll = wanted.every((html) => notes.some((note) => lines(note) === lines(html)));
  return notes.length <= most && hasAll ? { ...expected, notes } : expected;
}
