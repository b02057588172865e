import { UpstreamError } from "../../../src/core/errors.js";
import type { ReportDraft } from "../../../src/core/report.js";
import { fc } from "../../support/fast-check.js";
import { aPolicy, openBench, type Bench } from "./world/bench.js";

/** A closed incident of that many artifacts and notes, and a worker whose TruSTAR tells what it was asked to take. */
async function openIncident(
  { artifacts = [], notes = [], description = "d" }: Material,
  refuses: (draft: ReportDraft) => string | undefined,
): Promise<{ readonly bench: Bench; readonly tries: ReportDraft[] }> {
  const bench = await openBench();
  const folder = bench.resilient.addIncident(1, { status: "closed", description });
  for (const value of artifacts) bench.resilient.addArtifact(1, value);
  folder.notes.push(...notes.map((html, index) => ({ id: 900 + index, html })));
  const tries: ReportDraft[] = [];
  bench.alpha.refuses = (draft) => {
    tries.push(draft);
    return refuses(draft);
  };
  return { bench, tries };
}

interface Material {
  readonly artifacts?: readonly string[];
  readonly notes?: readonly string[];
  readonly description?: string;
}

const atMost =
  (limit: number, size: (body: string) => number, word: string) =>
  ({ body }: ReportDraft) =>
    size(body) > limit ? `Too ${word}. The most is ${limit}` : undefined;
const chars = (body: string): number => body.length;
const bytes = (body: string): number => Buffer.byteLength(body);
const indicators = (body: string): number => body.match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)?.length ?? 0;
const ips = (count: number) =>
  Array.from({ length: count }, (_, n) => `45.9.${Math.trunc(n / 250)}.${n % 250}`);
const words = (length: number) => "one two, ".repeat(Math.ceil(length / 9));

describe("a report that is too large", () => {
  it("of sixty notes for 5,000 characters ends in a few tries, with whole notes and their count", async () => {
    const notes = Array.from({ length: 60 }, (_, n) => `<p>note ${n} ${words(390)}</p>`);
    const { bench, tries } = await openIncident({ notes }, atMost(5_000, chars, "long"));
    const { message } = await bench.rule("CaseCreated", 1);
    const [stored] = bench.alpha.stored.values();
    expect(stored?.body.length).toBeGreaterThan(3_000);
    expect(tries.length).toBeLessThanOrEqual(6);
    const shown = stored?.body.match(/^\tNote \d+$/gm)?.length ?? 0;
    expect(stored?.body).toContain(`... and ${60 - shown} more notes were left out`);
    expect(message).toContain(`${60 - shown} notes left out of the report, TruSTAR takes no more.`);
  });

  const material = fc.record({
    artifacts: fc.oneof(
      fc.integer({ min: 0, max: 400 }).map(ips),
      fc.array(
        fc.integer({ min: 3, max: 2_000 }).map((length) => "x".repeat(length)),
        { maxLength: 20 },
      ),
    ),
    notes: fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 5_000 }).map(words),
        fc.integer({ min: 1, max: 2_000 }).map((length) => "漢字 ".repeat(length)),
        fc.integer({ min: 1, max: 60 }).map((count) => ips(count).join(" ")),
      ),
      { maxLength: 30 },
    ),
    description: fc.integer({ min: 0, max: 100_000 }).map(words),
  });
  const limit = fc.record({
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    unit: fc.constantFrom(
      { size: chars, word: "long" },
      { size: bytes, word: "many bytes" },
      { size: indicators, word: "many indicators" },
    ),
  });

  it("is stored in ten tries at most, each smaller than the last until one is taken, with the room well used", async () => {
    await fc.assert(
      fc.asyncProperty(material, limit, async (incident, { part, unit }) => {
        const whole = await openIncident(incident, () => undefined);
        await whole.bench.rule("CaseCreated", 1);
        const full = unit.size(whole.tries[0]!.body);
        // Most limits are far below what there is.
        const room = Math.floor(full * part ** 3);
        const refuses = atMost(room, unit.size, unit.word);
        const { bench, tries } = await openIncident(incident, refuses);
        const reply = await bench.rule("CaseCreated", 1);
        const bodies = tries.map(({ body }) => body);
        const firstTaken = bodies.findIndex((body) => unit.size(body) <= room);
        const down = firstTaken < 0 ? bodies : bodies.slice(0, firstTaken + 1);
        expect(bodies.length).toBeLessThanOrEqual(10);
        for (const [index, body] of down.slice(1).entries()) {
          expect(body.length).toBeLessThan(down[index]!.length);
        }
        expect(new Set(bodies).size).toBe(bodies.length);
        const [stored] = bench.alpha.stored.values();
        expect(stored === undefined).toBe(firstTaken < 0);
        if (stored === undefined) {
          expect(reply.message).toMatch(/^TruSTAR takes no report of this incident, not even one without/);
          expect(bodies.at(-1)?.length).toBeLessThan(900);
          return;
        }
        expect(unit.size(stored.body)).toBeLessThanOrEqual(room);
        // Again: the same text, and nobody is asked to take more.
        tries.length = 0;
        expect((await bench.rule("UpdateIncident", 1)).message).toMatch(/^Report already up to date/);
        expect(tries).toEqual([]);
        if (unit.size === indicators) return;
        expect(unit.size(stored.body)).toBeGreaterThan(
          Math.min(0.6 * room, room - largestArtifact(incident)),
        );
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it("remembers the size that was taken, also of what no size is small enough", async () => {
    const notes = Array.from({ length: 20 }, () => words(400));
    const { bench, tries } = await openIncident({ notes }, atMost(100, chars, "long"));
    for (const most of [10, 1, 1]) {
      tries.length = 0;
      expect(await bench.rule("CaseCreated", 1)).toMatchObject({ outcome: "failed" });
      expect(tries.length).toBeLessThanOrEqual(most);
    }
  });

  it("lets look-ups go first with every further try, and masks before it cuts", async () => {
    const description = `${words(900)}Acme Corp and Acme Corp, `.repeat(20);
    const { bench, tries } = await openIncident({ description }, atMost(5_000, chars, "long"));
    await bench.rule("CaseCreated", 1);
    expect(tries.map(({ afterLookups = false }) => afterLookups)).toEqual(tries.map((_, index) => index > 0));
    for (let limit = 1_500; limit < 1_700; limit += 7) {
      const leakGuard = { ...aPolicy("x", "y").leakGuard, redactTerms: ["Acme Corp"] };
      const guarded = await openBench({ alpha: { leakGuard } });
      guarded.resilient.addIncident(1, { description: "Acme Corp ".repeat(300) });
      guarded.alpha.refuses = atMost(limit, chars, "long");
      await guarded.rule("CaseCreated", 1);
      expect([...guarded.alpha.stored.values()][0]?.body).toMatch(/redacted/);
      expect([...guarded.alpha.stored.values()][0]?.body).not.toMatch(/acme|corp/i);
    }
  });

  it("keeps what was taken when more of it can't be stored for another reason", async () => {
    const artifacts = ["x".repeat(3_000), ...ips(3)];
    const { bench, tries } = await openIncident({ artifacts }, atMost(2_900, chars, "long"));
    bench.calls.before = (method) => {
      if (method === "alpha.update") throw new UpstreamError("upstream_not_found", "not there yet");
    };
    expect(await bench.rule("CaseCreated", 1)).toMatchObject({ outcome: "done" });
    expect(bench.calls.count("alpha.update")).toBe(1);
    expect(bench.alpha.stored.get("alpha-report-1")?.body).toBe(tries.at(-1)?.body);
  });
});

/** An artifact is left out as a whole: it may be larger than all that is free. */
function largestArtifact({ artifacts = [] }: Material): number {
  return 400 + Math.max(0, ...artifacts.map(({ length }) => length));
}
