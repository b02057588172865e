import type { IncidentCatalog, IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import type { Priority } from "../../src/core/indicator.js";
import type { OwnLinks } from "../core/own-links.js";
import type { Log } from "../../src/core/ports.js";
import type { Clock } from "../../src/core/time.js";
import type { Accounts } from "./accounts.js";
import type { OriginLedger } from "./origin-ledger.js";
import type { RelationsMemory } from "./related.js";

/** Priority of a value by the account of the threat source. */
export type PriorityOf = (value: string, signal: AbortSignal) => Promise<Priority>;

/** Why the policy of look-ups keeps a value inside, as the end of a sentence; undefined = it may be asked about. */
export type StaysInside = (value: string) => string | undefined;

/** What all messages share; nothing in it changes but the two memories. */
export interface ActionServices {
  readonly accounts: Accounts;
  readonly catalog: IncidentCatalog;
  readonly ledger: OriginLedger;
  readonly relations: RelationsMemory;
  readonly clock: Clock;
  readonly log: Log;
  readonly priorityOf: PriorityOf | undefined;
  readonly staysInside: StaysInside;
  /** TruSTAR's own addresses: they don't go back there. */
  readonly ownLinks: OwnLinks;
}

/** What one run of a handler works with. */
export interface ActionContext extends ActionServices {
  readonly incidents: IncidentSource & IncidentWriter;
  readonly signal: AbortSignal;
  /** Says what is being done from now on, for the analyst who waits. */
  readonly stage: (text: string) => void;
  /** Waits for events of the same kind while more come and takes them over: one run does for all of them. */
  readonly gather: () => Promise<void>;
}
