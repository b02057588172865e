import type { HandleMessage, ReceivedMessage, Reply } from "../../src/core/action.js";
import type { IncidentCatalog, IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import type { OwnLinks } from "../core/own-links.js";
import type { Log } from "../../src/core/ports.js";
import type { Secret } from "../../src/core/secret.js";
import type { Clock } from "../../src/core/time.js";
import { Accounts, type ConfiguredAccount } from "./accounts.js";
import type { ActionContext, ActionServices, PriorityOf, StaysInside } from "./context.js";
import { decodeMessage, type FunctionMessage, type RuleMessage } from "./decode-message.js";
import { Dispatcher, type RunControl } from "./dispatcher.js";
import { foreseen } from "./foreseen.js";
import { runFunction } from "./functions/run-function.js";
import type { OriginLedger } from "./origin-ledger.js";
import { startProgress } from "./progress.js";
import { RelationsMemory } from "./related.js";
import { isOurArtifact } from "./rules/automatic.js";
import { runRule, type RuleName } from "./rules/run-rule.js";
import { pause, realTimer, type Timer } from "./timer.js";

export interface ActionsOptions {
  readonly accounts: readonly ConfiguredAccount[];
  /** Incidents as one message may read and change them. */
  readonly incidents: (contextToken: Secret | undefined) => IncidentSource & IncidentWriter;
  readonly catalog: IncidentCatalog;
  readonly ruleName: RuleName;
  readonly origin: OriginLedger;
  /** For the function without an incident; absent = there is no threat source. */
  readonly priorityOf?: PriorityOf | undefined;
  readonly staysInside: StaysInside;
  readonly ownLinks: OwnLinks;
  readonly clock: Clock;
  readonly log: Log;
  /** Messages that are worked on at once. */
  readonly numWorkers: number;
  readonly timer?: Timer | undefined;
}

type Work = RuleMessage | FunctionMessage;

/** A message whose payload was read: what waits for its turn does not hold the whole incident. */
type Facts = Omit<ReceivedMessage, "payload">;

/** How long the first of several events waits for the others: artifacts added at once come within it. */
const gatherMs = 250;
/** It waits as long again while more come: the broker hands on as many as were answered. So often at most. */
const maxGathers = 120;

/** The rules and functions of the app: every message gets an answer, whatever it holds. */
export function createActions(options: ActionsOptions): HandleMessage {
  const { catalog, origin: ledger, clock, log, priorityOf, staysInside, ownLinks } = options;
  const accounts = new Accounts(options.accounts, catalog);
  const relations = new RelationsMemory();
  const services = { accounts, catalog, ledger, relations, clock, log, priorityOf, staysInside, ownLinks };
  const dispatcher = new Dispatcher<Reply>(options.numWorkers);
  return ({ payload, ...message }, signal) => {
    const decoded = decodeMessage({ payload, payloadClass: message.payloadClass });
    if (decoded.kind === "notice") return Promise.resolve({ outcome: "done", message: "Nothing to do." });
    if (decoded.kind === "undecodable") return Promise.resolve(undecodable(decoded.reason, message, log));
    return inTurn(decoded, message, signal);
  };

  async function inTurn(decoded: Work, message: Facts, signal: AbortSignal): Promise<Reply> {
    const timer = options.timer ?? realTimer;
    const progress = startProgress((text) => {
      message.progress(text);
    }, timer);
    const task = {
      key: laneOf(decoded, message),
      shareKey: shareKeyOf(decoded, services),
      group: (waited: AbortSignal) => groupOf(decoded, message, options, accounts, waited),
      onStage: progress.stage,
      run: (control: RunControl) => work(options, contextFor(services, options, message, control), decoded),
    };
    try {
      return await dispatcher.dispatch(task, signal);
    } catch (error) {
      return failure(error, message, signal, log);
    } finally {
      progress.stop();
    }
  }
}

async function work({ ruleName }: ActionsOptions, context: ActionContext, decoded: Work): Promise<Reply> {
  if (decoded.kind === "function") return runFunction(context, decoded);
  return { outcome: "done", message: await runRule(context, decoded, ruleName) };
}

function contextFor(
  services: ActionServices,
  { incidents, timer = realTimer }: ActionsOptions,
  { contextToken }: Facts,
  control: RunControl,
): ActionContext {
  return {
    ...services,
    incidents: incidents(contextToken),
    signal: control.signal,
    stage: (text) => {
      control.stage(text);
    },
    gather: async () => {
      for (let round = 0, seen = -1; round < maxGathers && control.waiting() > seen; round += 1) {
        seen = control.waiting();
        await pause(gatherMs, timer, control.signal);
      }
      control.absorb();
    },
  };
}

/** Messages of one incident run one after the other; those of none have a lane of their own. */
function laneOf(decoded: Work, { messageId }: Facts): string {
  const incidentId = decoded.kind === "rule" ? decoded.incident?.id : decoded.inputs.incidentId();
  return incidentId === undefined ? `message ${messageId}` : `incident ${incidentId}`;
}

/**
 * The account whose TruSTAR the message will wait for, so that one that hangs doesn't keep the others' messages
 * waiting. Where it can't be told, the message's own run will say why.
 */
async function groupOf(
  decoded: Work,
  { contextToken }: Facts,
  { incidents }: ActionsOptions,
  accounts: Accounts,
  signal: AbortSignal,
): Promise<string> {
  const incidentId = decoded.kind === "rule" ? decoded.incident?.id : decoded.inputs.incidentId();
  if (incidentId === undefined) return "no incident";
  const known = decoded.kind === "rule" ? decoded.incident?.workspaceId : undefined;
  try {
    const workspaceId = known ?? (await incidents(contextToken).getIncident(incidentId, signal)).workspaceId;
    return `account ${(await accounts.forWorkspace(workspaceId, signal)).policy.name}`;
  } catch {
    return "no account";
  }
}

/** Events that an update of the report could serve together, if their rule is of that kind. */
function shareKeyOf(decoded: Work, services: ActionServices): string | undefined {
  if (decoded.kind === "function" || decoded.actionId === undefined) return undefined;
  const { actionId, incident, artifact } = decoded;
  const isOurs =
    incident !== undefined && artifact !== undefined && isOurArtifact(services, incident.id, artifact);
  return isOurs ? undefined : `rule ${actionId}`;
}

function undecodable(reason: string, { messageId, destination, payloadClass }: Facts, log: Log): Reply {
  log.warn({ messageId, destination, payloadClass, reason }, "A message could not be read");
  return {
    outcome: "failed",
    message: `Nothing was done: the message can't be read (${reason}). Only rules and functions may use this destination.`,
  };
}

/** @throws when the program stops: the message then stays on the queue */
function failure(error: unknown, { messageId, destination }: Facts, signal: AbortSignal, log: Log): Reply {
  try {
    const { message, code } = foreseen(error, signal);
    log.warn({ messageId, destination, code, reason: message }, "An action ended in a known failure");
    return { outcome: "failed", message };
  } catch (unforeseen) {
    signal.throwIfAborted();
    log.error(
      { err: unforeseen, messageId, destination },
      "An action ended in a failure that nobody foresaw",
    );
    return {
      outcome: "failed",
      message: `This is a fault of the TruSTAR integration itself; please report it with the message's id ${messageId}.`,
    };
  }
}
