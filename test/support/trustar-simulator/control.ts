import { z } from "zod";
import { faultSchema } from "./faults.js";
import { INDICATOR_TYPES } from "./model.js";
import { reportWire } from "./report-wire.js";
import { emptyOk, json, type Reply } from "./reply.js";
import type { World } from "./world.js";

const faultsBody = z.union([faultSchema, z.array(faultSchema)]).transform((body) => [body].flat());
const clockBody = z.strictObject({ advanceMs: z.number().nonnegative() });
const extractionBody = z.strictObject({ delayMs: z.number().nonnegative() });
const limitsBody = z.strictObject({
  perMinutePerUser: z.number().exactOptional(),
  perFiveMinutesPerAddress: z.number().exactOptional(),
  perDayPerCompany: z.number().exactOptional(),
  valuesPerCall: z.number().exactOptional(),
  queryBytes: z.number().exactOptional(),
  indicatorsPerReport: z.number().exactOptional(),
  reportBytes: z.number().exactOptional(),
});
const indicatorsBody = z.array(
  z.strictObject({
    value: z.string(),
    type: z.enum(INDICATOR_TYPES).exactOptional(),
    severityLevel: z.number().exactOptional(),
    sightings: z.number().exactOptional(),
    enclaveIds: z.array(z.string()).exactOptional(),
    firstSeen: z.number().exactOptional(),
    lastSeen: z.number().exactOptional(),
    priorityLevel: z.enum(["NOT_FOUND", "LOW", "MEDIUM", "HIGH"]).exactOptional(),
    tags: z.array(z.string()).exactOptional(),
  }),
);

/** The levers under `/__…`, for whoever runs in another process. Never counted, limited or met by faults. */
export class Control {
  readonly #actions: Readonly<Record<string, (body: unknown) => Reply>>;

  constructor(world: World) {
    this.#actions = {
      "GET /__calls": () => json(world.calls.counts()),
      "DELETE /__calls": () => {
        world.calls.reset();
        return emptyOk;
      },
      "GET /__log": () => json(world.calls.requests()),
      "GET /__faults": () => json(world.faults.active()),
      "POST /__faults": (body) => {
        world.faults.add(...faultsBody.parse(body));
        return emptyOk;
      },
      "DELETE /__faults": () => {
        world.faults.clear();
        return emptyOk;
      },
      "GET /__clock": () => json({ now: world.clock.now() }),
      "POST /__clock": (body) => {
        world.clock.advance(clockBody.parse(body).advanceMs);
        return json({ now: world.clock.now() });
      },
      "PUT /__limits": (body) => {
        world.limits.set(limitsBody.parse(body));
        return emptyOk;
      },
      "POST /__indicators": (body) => {
        for (const indicator of indicatorsBody.parse(body)) world.catalogue.set(indicator);
        return emptyOk;
      },
      "POST /__extraction": (body) => {
        world.extractionDelayMs = extractionBody.parse(body).delayMs;
        return emptyOk;
      },
      "DELETE /__tokens": () => {
        world.tokens.revoke();
        return emptyOk;
      },
      "GET /__reports": () =>
        json(world.reports.all().map((report) => ({ ...reportWire(report), tags: report.tags }))),
      "GET /__whitelist": () => json(world.whitelist.all()),
    };
  }

  answer(method: string, path: string, body: string): Reply {
    const action = this.#actions[`${method} ${path}`];
    if (action === undefined)
      return json({ error: "no such lever", levers: Object.keys(this.#actions) }, 404);
    try {
      return action(body === "" ? undefined : JSON.parse(body));
    } catch (cause) {
      return json({ error: cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause) }, 400);
    }
  }
}
