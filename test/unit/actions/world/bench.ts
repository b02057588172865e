import { createActions } from "../../../../services/actions/create-actions.js";
import { openOriginLedger, type OriginLedger } from "../../../../services/actions/origin-ledger.js";
import type { Timer } from "../../../../services/actions/timer.js";
import type { AccountPolicy } from "../../../../src/core/account.js";
import type { HandleMessage, ReceivedMessage, Reply } from "../../../../src/core/action.js";
import type { ReportService } from "../../../../src/core/report.js";
import { OwnLinks } from "../../../../services/core/own-links.js";
import { Secret } from "../../../../src/core/secret.js";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.js";
import { createLogCapture, type LogCapture } from "../../../support/log-capture.js";
import { createCalls, type Calls } from "./calls.js";
import { createFakeResilient, type FakeResilient } from "./fake-resilient.js";
import { createFakeTrustar, type FakeTrustar } from "./fake-trustar.js";

export const ruleIds = {
  CaseCreated: 11,
  UpdateIncident: 12,
  ArtifactCreated: 13,
  "Incident Deleted": 14,
  "Send To TruSTAR": 15,
  "Whitelist in TruSTAR": 16,
  "Undo Whitelist in TruSTAR": 17,
  "Somebody else's": 18,
} as const;
export type RuleLabel = keyof typeof ruleIds;

export interface Bench {
  readonly calls: Calls;
  readonly resilient: FakeResilient;
  readonly alpha: FakeTrustar;
  readonly beta: FakeTrustar;
  readonly clock: FakeClock;
  readonly logs: LogCapture;
  readonly progress: string[];
  readonly ledger: OriginLedger;
  /** A new worker on the same world, as after a crash; without the old one's memory unless it is given. */
  restart(ledger?: OriginLedger): Promise<void>;
  handle(message: ReceivedMessage, signal?: AbortSignal): Promise<Reply>;
  rule(label: RuleLabel, incidentId: number, extra?: object): Promise<Reply>;
  run(name: string, inputs: object): Promise<Reply>;
}

export interface BenchSettings {
  readonly alpha?: Partial<AccountPolicy>;
  readonly beta?: Partial<AccountPolicy>;
  readonly numWorkers?: number;
  readonly threatSource?: boolean;
  readonly timer?: Timer;
  /** In place of the double for the first account. */
  readonly alphaReports?: ReportService;
}

export const never = new AbortController().signal;

/** Rings as soon as what runs now has had its turn; a long wait never rings. */
const soon: Timer = (ms, ring) => {
  if (ms >= 5_000) return () => undefined;
  const handle = setTimeout(ring, 0);
  return () => {
    clearTimeout(handle);
  };
};

export async function openBench(settings: BenchSettings = {}): Promise<Bench> {
  const calls = createCalls();
  const clock = createFakeClock();
  const logs = createLogCapture();
  const resilient = createFakeResilient(calls);
  const alpha = createFakeTrustar("alpha", calls, () => clock.now());
  const beta = createFakeTrustar("beta", calls, () => clock.now());
  const progress: string[] = [];
  const state: { ledger: OriginLedger; handle: HandleMessage } = await build();
  const names = new Map<number, string>(Object.entries(ruleIds).map(([label, id]) => [id, label]));

  async function build(ledger?: OriginLedger): Promise<{ ledger: OriginLedger; handle: HandleMessage }> {
    const origin = ledger ?? (await openOriginLedger({ log: logs.log }));
    const handle = createActions({
      accounts: [
        {
          policy: aPolicy("trustar_alpha", "Alpha", settings.alpha),
          reports: settings.alphaReports ?? alpha,
        },
        { policy: aPolicy("trustar_beta", "Beta", settings.beta), reports: beta },
      ],
      incidents: (token) => resilient.incidents(token),
      catalog: resilient.catalog,
      ruleName: (id) => Promise.resolve(names.get(id)),
      origin,
      ...(settings.threatSource === true
        ? { priorityOf: () => calls.run("threatSource.priorityOf", () => "MEDIUM" as const) }
        : {}),
      ownLinks: new OwnLinks(["https://station.example", "https://api.example"]),
      staysInside: (value) => (value === "10.0.0.1" ? "it is private" : undefined),
      clock,
      log: logs.log,
      numWorkers: settings.numWorkers ?? 25,
      timer: settings.timer ?? soon,
    });
    return { ledger: origin, handle };
  }

  let messages = 0;
  const handle = (message: ReceivedMessage, signal = never): Promise<Reply> => state.handle(message, signal);
  return {
    calls,
    resilient,
    alpha,
    beta,
    clock,
    logs,
    progress,
    get ledger() {
      return state.ledger;
    },
    restart: async (ledger) => {
      Object.assign(state, await build(ledger));
    },
    handle,
    rule: (label, incidentId, extra = {}) =>
      handle(aMessage(`m${++messages}`, ruleBody(resilient, label, incidentId, extra), progress)),
    run: (name, inputs) => handle(aMessage(`m${++messages}`, { function: { name }, inputs }, progress)),
  };
}

export function aMessage(messageId: string, payload: unknown, progress: string[] = []): ReceivedMessage {
  return {
    messageId,
    destination: "actions.201.trustar",
    payloadClass: undefined,
    contextToken: new Secret(`token of ${messageId}`),
    redelivered: false,
    payload,
    progress: (text) => {
      progress.push(text);
    },
  };
}

export function ruleBody(
  resilient: FakeResilient,
  label: RuleLabel,
  incidentId: number,
  extra: object = {},
): object {
  const workspace = resilient.folders.get(incidentId)?.incident.workspaceId ?? null;
  return {
    action_id: ruleIds[label],
    object_type: 0,
    operation_type: label === "Incident Deleted" ? "deleted" : "created",
    incident: { id: incidentId, name: "n", workspace },
    artifact: null,
    type_info: {},
    ...extra,
  };
}

export function artifactBody({ id, typeId, value, description }: ArtifactLike): object {
  return { object_type: 4, artifact: { id, type: typeId, value, description, inc_id: 1 } };
}

interface ArtifactLike {
  readonly id: number;
  readonly typeId: number;
  readonly value: string;
  readonly description: string;
}

export function aPolicy(
  name: string,
  workspace: string,
  changes: Partial<AccountPolicy> = {},
): AccountPolicy {
  return {
    name,
    workspaces: [workspace],
    submissionEnclaveIds: [`${name}-enclave-1`],
    queryEnclaveIds: [`${name}-query`],
    autoSubmission: true,
    contentSections: ["summary", "artifacts", "notes"],
    submitNoteReplies: false,
    excludedIncidentTypes: "Simulation",
    tags: ["resilient"],
    leakGuard: {
      redactTerms: [],
      maskPrivateAddresses: false,
      ownDomains: [],
      redactWithTrustar: false,
      maxTlp: "AMBER",
      tlpField: undefined,
    },
    maxCorrelated: 100,
    ...changes,
  };
}

/** Indicators `10.9.0.0` and on: as TruSTAR might relate them. */
export function relatedIps(count: number, second = 9): { readonly type: string; readonly value: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "IP",
    value: `10.${second}.${Math.trunc(index / 250)}.${index % 250}`,
  }));
}
