import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fc } from "../../support/fast-check.js";
import { createSettler, type Settler } from "../../../services/actions/settle.js";
import { openSettledLedger, type SettledLedger } from "../../../services/actions/settled-ledger.js";
import type { Delivery, Reply } from "../../../src/core/action.js";
import { DeliveryLostError, ReplyRefusedError } from "../../../src/core/errors.js";
import { systemClock } from "../../../src/core/time.js";
import { quietLog } from "../../support/link-harness.js";
import { tempFolder, type TempFolder } from "../../support/product.js";

const messages = ["ID:1", "ID:2", "ID:3"] as const;
const never = new AbortController().signal;
/** For the last answer, however slow the disk is. */
const longEnoughMs = 30_000;

type Step =
  | { readonly do: "deliver"; readonly which: number }
  | { readonly do: "finish"; readonly which: number; readonly fails: boolean }
  | { readonly do: "answer"; readonly which: number; readonly how: "taken" | "lost" | "refused" }
  | { readonly do: "crash" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("deliver" as const), which: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("finish" as const), which: fc.nat(5), fails: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(5),
      how: fc.constantFrom("taken" as const, "lost" as const, "refused" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
);

interface Offer {
  readonly messageId: string;
  readonly reply: Reply | undefined;
  readonly life: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A broker, a program that can crash, and what an observer between them sees. */
class World {
  readonly offers: Offer[] = [];
  readonly working: { readonly life: number; readonly end: (fails: boolean) => void }[] = [];
  /** What was acknowledged, by message. */
  readonly acknowledged = new Map<string, (Reply | undefined)[]>();
  /** Every answer that was ever offered to the broker, by message. */
  readonly offered = new Map<string, Set<string>>();
  readonly calls = new Map<string, number>();
  crashes = 0;
  refusals = 0;
  readonly #file: string;
  #settle: Settler = () => Promise.resolve();
  #ledger: SettledLedger | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async start(): Promise<void> {
    const ledger = await openSettledLedger({ clock: systemClock, log: quietLog, file: this.#file });
    this.#ledger = ledger;
    const life = this.crashes;
    this.#settle = createSettler({
      ledger,
      log: quietLog,
      handle: ({ messageId }) => {
        const call = (this.calls.get(messageId) ?? 0) + 1;
        this.calls.set(messageId, call);
        return new Promise((resolve, reject) => {
          this.working.push({
            life,
            end: (fails) => {
              if (fails) reject(new Error(`call ${call}`));
              else resolve({ outcome: "done", message: `call ${call}` });
            },
          });
        });
      },
    });
  }

  /** kill -9: nothing that runs comes to an end; only what is on the disk is left. */
  async crash(): Promise<void> {
    this.crashes += 1;
    this.working.length = 0;
    this.offers.length = 0;
    await this.stop();
    await this.start();
  }

  /** Only so that no file stays open: all that was to be kept is on the disk before anybody is answered. */
  async stop(): Promise<void> {
    await this.#ledger?.close();
  }

  deliver(messageId: string): void {
    if (this.acknowledged.has(messageId)) return;
    const life = this.crashes;
    const delivery: Delivery = {
      messageId,
      destination: "actions.201.trustar",
      payloadClass: undefined,
      contextToken: undefined,
      redelivered: false,
      correlationId: undefined,
      replyTo: "/queue/acks",
      body: "{}",
      progress: () => undefined,
      settle: (reply) => this.#offer(messageId, reply, life),
    };
    void this.#settle(delivery, never);
  }

  #offer(messageId: string, reply: Reply | undefined, life: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (life !== this.crashes) return;
      if (reply !== undefined) {
        const seen = this.offered.get(messageId) ?? new Set();
        this.offered.set(messageId, seen.add(JSON.stringify(reply)));
      }
      this.offers.push({ messageId, reply, life, resolve, reject });
    });
  }

  answer(which: number, how: "taken" | "lost" | "refused"): void {
    const [offer] = this.offers.splice(which % Math.max(this.offers.length, 1), 1);
    if (offer === undefined) return;
    const { messageId, reply } = offer;
    if (how === "lost" || this.acknowledged.has(messageId)) offer.reject(new DeliveryLostError("gone"));
    else if (how === "refused" && reply !== undefined) {
      this.refusals += 1;
      offer.reject(new ReplyRefusedError("no"));
    } else {
      this.acknowledged.set(messageId, [...(this.acknowledged.get(messageId) ?? []), reply]);
      offer.resolve();
    }
  }

  finish(which: number, fails: boolean): void {
    this.working.splice(which % Math.max(this.working.length, 1), 1)[0]?.end(fails);
  }
}

/** Until what the disk does is done as well. */
async function settle(world: World): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const { working, offers } = world;
  const before = working.length + offers.length;
  for (let turn = 0; turn < 200 && working.length + offers.length === before; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("with crashes, lost links and refusals at any moment", () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await tempFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("every message is answered once, always with the same words, and worked on again only after a crash", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), async (steps) => {
        const file = join(folder.path, "settled");
        await rm(file, { force: true });
        const world = new World(file);
        await world.start();
        for (const one of steps) {
          if (one.do === "deliver") world.deliver(messages[one.which]!);
          else if (one.do === "finish") world.finish(one.which, one.fails);
          else if (one.do === "answer") world.answer(one.which, one.how);
          else await world.crash();
          await settle(world);
        }
        const endMs = performance.now() + longEnoughMs;
        while (world.acknowledged.size < messages.length && performance.now() < endMs) {
          for (const messageId of messages) world.deliver(messageId);
          while (world.working.length > 0) world.finish(0, false);
          await settle(world);
          while (world.offers.length > 0) world.answer(0, "taken");
          await settle(world);
        }
        await world.stop();
        for (const messageId of messages) {
          const answers = world.acknowledged.get(messageId) ?? [];
          expect(answers).toHaveLength(1);
          // Given up only after the broker has refused it three times.
          if (answers[0] === undefined) expect(world.refusals).toBeGreaterThanOrEqual(3);
          expect(world.offered.get(messageId)?.size ?? 1).toBe(1);
          expect(world.calls.get(messageId) ?? 0).toBeLessThanOrEqual(1 + world.crashes);
          expect(world.calls.get(messageId) ?? 0).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
