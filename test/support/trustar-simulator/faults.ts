import { z } from "zod";

/** Which calls a fault meets, and how often. `endpoint` is a template as in the counts, e.g. "/reports/{id}". */
const scope = {
  endpoint: z.string().optional(),
  method: z.string().optional(),
  /** How many calls it meets before it is gone; without it, every one until cleared. */
  times: z.number().int().positive().optional(),
  /** How many matching calls pass untouched first. */
  skip: z.number().int().nonnegative().optional(),
  /** 0 to 1, drawn from the simulator's own seeded sequence. */
  probability: z.number().min(0).max(1).optional(),
};

/** `after`: the call is carried out and only its answer is lost, as when a connection breaks late. */
const stage = z.enum(["before", "after"]).optional();

export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...scope, kind: z.literal("latency"), ms: z.number().nonnegative() }),
  z.strictObject({
    ...scope,
    kind: z.literal("status"),
    status: z.number().int().min(200).max(599),
    /** Default: HTML for 502 to 504 (a gateway answers), JSON for the rest. */
    format: z.enum(["json", "html"]).optional(),
    message: z.string().optional(),
    stage,
  }),
  /** Without `waitTimeMs` the answer says 1000; null leaves the key out. */
  z.strictObject({ ...scope, kind: z.literal("rate-limit"), waitTimeMs: z.number().nullable().optional() }),
  z.strictObject({ ...scope, kind: z.literal("hang"), stage }),
  z.strictObject({ ...scope, kind: z.literal("reset"), stage }),
  z.strictObject({ ...scope, kind: z.literal("half-body") }),
  z.strictObject({ ...scope, kind: z.literal("wrong-shape"), body: z.unknown().optional() }),
  z.strictObject({ ...scope, kind: z.literal("garbage") }),
  z.strictObject({
    ...scope,
    kind: z.literal("drip"),
    everyMs: z.number().nonnegative(),
    chunkBytes: z.number().int().positive().optional(),
  }),
  z.strictObject({ ...scope, kind: z.literal("expired-token"), description: z.string().optional() }),
  z.strictObject({ ...scope, kind: z.literal("redirect"), location: z.string().optional() }),
]);

export type Fault = z.infer<typeof faultSchema>;

interface Installed {
  readonly fault: Fault;
  seen: number;
  met: number;
}

/** A small seeded generator, so that a run with probabilities can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Faults {
  readonly #random: () => number;
  #installed: Installed[] = [];

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) this.#installed.push({ fault, seen: 0, met: 0 });
  }

  /** One of those that were added. */
  remove(fault: Fault): void {
    this.#installed = this.#installed.filter((entry) => entry.fault !== fault);
  }

  clear(): void {
    this.#installed = [];
  }

  /** What is installed, and how many calls each has met so far. */
  active(): { readonly fault: Fault; readonly met: number }[] {
    return this.#installed.map(({ fault, met }) => ({ fault, met }));
  }

  /** All latencies that meet this call, then at most one other fault: the first installed wins. */
  take(method: string, endpoint: string): readonly Fault[] {
    if (this.#installed.length === 0) return [];
    const taken: Fault[] = [];
    let decided = false;
    for (const entry of this.#installed) {
      const { fault } = entry;
      if ((decided && fault.kind !== "latency") || !matches(fault, method, endpoint)) continue;
      entry.seen += 1;
      if (entry.seen <= (fault.skip ?? 0)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      entry.met += 1;
      taken.push(fault);
      decided ||= fault.kind !== "latency";
    }
    this.#installed = this.#installed.filter(({ fault, met }) => met < (fault.times ?? Infinity));
    return taken;
  }
}

function matches(fault: Fault, method: string, endpoint: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  // A token can only be found expired where one is shown.
  if (fault.kind === "expired-token" && endpoint === "/oauth/token") return false;
  return fault.endpoint === undefined || fault.endpoint === "*" || fault.endpoint === endpoint;
}
