import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fc } from "../../support/fast-check.js";
import { HOUR_MS } from "../../../src/core/time.js";
import { StateFile } from "../../../services/lookup/state-file.js";
import type { StateRecord } from "../../../services/lookup/state-record.js";
import { createFakeClock } from "../../support/fake-clock.js";
import {
  buildEngine,
  conclusion,
  createMemorySource,
  silentLog,
  submissionOf,
  type MemorySource,
} from "../../support/lookup-fixtures.js";
import { tempFolder, type TempFolder } from "../../support/product.js";

const header = { format: "trustar-resilient look-ups", version: 1, source: "f", policy: "p" };
const hosts = ["bad0.example", "bad1.example", "ok0.example", "ok1.example"] as const;

function knowing(): MemorySource {
  const source = createMemorySource();
  for (const host of hosts) if (host.startsWith("bad")) source.know(host, 3);
  return source;
}

const step = fc.oneof(
  fc.record({ do: fc.constant("post" as const), host: fc.constantFrom(...hosts) }),
  fc.record({ do: fc.constant("mood" as const), holds: fc.boolean() }),
);

/** Plays a schedule to its end. @returns the journal as it would be on the disk, and the ids that were told */
async function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
  const source = knowing();
  const clock = createFakeClock();
  const parts = buildEngine({ source, clock, cacheSize: 10 });
  const told: { readonly id: string; readonly host: string }[] = [];
  for (const one of steps) {
    if (one.do === "mood") {
      if (one.holds) source.hold();
      else source.release();
    } else {
      const { id } = await parts.engine.submit(submissionOf("net.name", one.host));
      told.push({ id, host: one.host });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { records } = parts;
  parts.engine.close();
  return { told, records: [...records], clock };
}

function linesOf(records: readonly StateRecord[]): readonly string[] {
  return [header, ...records].map((record) => `${JSON.stringify(record)}\n`);
}

describe("a journal that a crash left", () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await tempFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("cut anywhere, in a line or at its end, calls nothing bad clean", async () => {
    const path = join(folder.path, "journal");
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        // Not `fc.double`, which is nearly always near 0.
        fc.integer({ min: 0, max: 10_000 }).map((part) => part / 10_000),
        // At once, or when what was found has outlived its time, with the quota spent.
        fc.boolean(),
        async (steps, at, isLate) => {
          const { told, records, clock } = await play(steps);
          const text = linesOf(records).join("");
          const kept = text.slice(0, Math.floor(at * text.length));
          await writeFile(path, kept);
          const source = knowing();
          source.hold();
          if (isLate) clock.advance(3 * HOUR_MS);
          const { engine } = buildEngine({ source, clock, cacheSize: 10, isQuotaSpent: () => isLate });
          const snapshot = () => engine.snapshot();
          const file = new StateFile({
            path,
            fingerprint: "f",
            policy: "p",
            log: silentLog,
            clock,
            snapshot,
          });
          await engine.restore(file.load());
          for (const { id, host } of told) {
            if (host.startsWith("bad")) expect(conclusion(engine.poll(id))).not.toBe("clean");
            if (host.startsWith("ok")) expect(conclusion(engine.poll(id))).not.toBe("hit");
            if (!isLate || conclusion(engine.poll(id)) !== "hit") continue;
            expect(JSON.stringify(engine.poll(id))).toContain("3 h ago, quota spent");
          }
          engine.close();
        },
      ),
      { numRuns: 150 },
    );
  });
});
