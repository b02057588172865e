import type { Delivery, HandleMessage, ReceivedMessage, Reply } from "../../src/core/action.js";
import {
  DeliveryLostError,
  InvalidMessageError,
  ReplyRefusedError,
  TrustarResilientError,
} from "../../src/core/errors.js";
import type { Log } from "../../src/core/ports.js";
import { readJson, type JsonLimits } from "../../src/core/read-json.js";
import { inertReply } from "./inert-text.js";
import type { SettledLedger } from "./settled-ledger.js";

export interface SettlerDeps {
  readonly ledger: SettledLedger;
  readonly handle: HandleMessage;
  readonly log: Log;
}

/** Never rejects; `signal` ends work whose message then stays on the queue. */
export type Settler = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

/** One message being worked on, however often it is delivered meanwhile. */
interface Run {
  /** The newest delivery: only its connection can still answer and acknowledge. */
  delivery: Omit<Delivery, "body">;
  /** Until it is read: thousands of messages may wait for their turn, and the incident in each may be large. */
  body: string;
  ended: Promise<void>;
}

/** An answer the broker would not take this often is given up: the message must not come back for ever. */
const MAX_REFUSALS = 3;

/**
 * Every message is worked on once, answered exactly once, then acknowledged; only a lost link or a stopping program
 * leaves it for redelivery. What is delivered again while it runs joins the running work; what had finished is
 * answered from the ledger.
 */
export function createSettler(deps: SettlerDeps): Settler {
  const runs = new Map<string, Run>();
  return ({ body, ...delivery }, signal) => {
    const { messageId } = delivery;
    const running = runs.get(messageId);
    if (running !== undefined) {
      running.delivery = delivery;
      return running.ended;
    }
    const run: Run = { delivery, body, ended: Promise.resolve() };
    runs.set(messageId, run);
    run.ended = settleRun(deps, run, signal)
      .catch((error: unknown) => {
        deps.log.error({ err: error, messageId }, "A message could not be settled");
      })
      .finally(() => runs.delete(messageId));
    return run.ended;
  };
}

async function settleRun(deps: SettlerDeps, run: Run, signal: AbortSignal): Promise<void> {
  const { messageId, destination } = run.delivery;
  const saved = deps.ledger.find(messageId);
  if (saved !== undefined && saved.refusals >= MAX_REFUSALS) {
    deps.log.error(
      { messageId, destination },
      "The broker does not take the answer to a message; acknowledged without",
    );
    await settleNewest(deps, run, undefined);
    return;
  }
  const worked = saved?.reply ?? (await workOut(deps, run, signal));
  if (worked === undefined) return;
  const reply = inertReply(worked);
  if (saved === undefined) await deps.ledger.record(messageId, reply);
  await settleNewest(deps, run, reply);
}

/** The handler's reply, or its failure as one; nothing when the program stops before there is any. */
async function workOut(deps: SettlerDeps, run: Run, signal: AbortSignal): Promise<Reply | undefined> {
  try {
    const message = await received(run);
    signal.throwIfAborted();
    return await deps.handle(message, signal);
  } catch (error) {
    const { messageId, destination } = run.delivery;
    if (signal.aborted) {
      deps.log.info({ messageId, destination }, "Stopped before a message was done; it stays on the queue");
      return undefined;
    }
    return failure(error, deps.log, { messageId, destination });
  }
}

async function received(run: Run): Promise<ReceivedMessage> {
  const { messageId, destination, payloadClass, contextToken, redelivered } = run.delivery;
  const progress = (message: string) => {
    run.delivery.progress(message);
  };
  const payload = await parse(run.body);
  run.body = "";
  return { messageId, destination, payloadClass, contextToken, redelivered, payload, progress };
}

/** A message has some hundred parts. */
const messageLimits: JsonLimits = { depth: 100, parts: 100_000 };

async function parse(body: string): Promise<unknown> {
  try {
    return await readJson(body, messageLimits);
  } catch (error) {
    const options = { cause: error };
    throw new InvalidMessageError(
      "The message is not the JSON that the platform sends; nothing was done.",
      options,
    );
  }
}

function failure(error: unknown, log: Log, facts: object): Reply {
  if (error instanceof TrustarResilientError) {
    log.warn({ ...facts, code: error.code, reason: error.message }, "A message ended in a known failure");
    return { outcome: "failed", message: error.message };
  }
  log.error({ ...facts, err: error }, "A message ended in a failure that nobody foresaw");
  const what = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  return {
    outcome: "failed",
    message: `This is a fault in the TruSTAR integration itself, please report it: ${what}`,
  };
}

/** Goes on with a newer delivery if one came while the older one's link was lost. */
async function settleNewest({ ledger, log }: SettlerDeps, run: Run, reply: Reply | undefined): Promise<void> {
  for (;;) {
    const { delivery } = run;
    const { messageId } = delivery;
    try {
      await delivery.settle(reply);
      return;
    } catch (error) {
      if (error instanceof ReplyRefusedError) {
        const refusals = ledger.refused(messageId);
        log.warn(
          { messageId, refusals, reason: error.message },
          "The broker did not take the answer to a message",
        );
      } else if (error instanceof DeliveryLostError) {
        log.debug(
          { messageId },
          "The link was lost before a message was settled; it will be delivered again",
        );
      } else throw error;
      if (run.delivery === delivery) return;
    }
  }
}
