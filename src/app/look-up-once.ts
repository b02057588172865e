import type { AppConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import type { Answer } from "../core/lookup.js";
import type { Log } from "../core/ports.js";
import { systemClock } from "../core/time.js";
import type { Intake, LookupObserver } from "../../services/lookup/lookup-observer.js";
import type { StayReason } from "../../services/lookup/egress-policy.js";
import { ownLinksOf } from "./stays-inside.js";
import { Budgets } from "./trustar-access.js";
import { openThreatSource, type ThreatSource } from "./threat-source.js";

export interface OneLookup {
  readonly artifact: { readonly type: string; readonly value: string };
  readonly config: AppConfig;
  readonly log: Log;
  readonly version: string;
  readonly timeoutMs: number;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface OneAnswer {
  readonly answer: Answer;
  /** Tells "TruSTAR knows nothing of it" from "it was not asked". */
  readonly intake: Intake;
  /** Why values of it were not asked about, if some were not. */
  readonly kept: readonly StayReason[];
  /** Why TruSTAR could not be asked so far, when the answer is still pending. */
  readonly trouble: string | undefined;
}

/** One look-up with the server's own engine and nothing left behind; the cache and the state file are not touched. */
export async function lookUpOnce(once: OneLookup): Promise<OneAnswer> {
  const { artifact, signal } = once;
  let intake: Intake = "started";
  const kept = new Set<StayReason>();
  const source = await openForOne(once, {
    taken: (how) => {
      intake = how;
    },
    kept: (reason) => {
      kept.add(reason);
    },
    notAsked: () => undefined,
    ended: () => undefined,
  });
  const giveUp = (): void => {
    source.engine.close();
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const answer = await source.engine.submit({ sourceText: JSON.stringify(artifact), artifact });
    return { answer, intake, kept: [...kept], trouble: source.engine.trouble };
  } finally {
    signal.removeEventListener("abort", giveUp);
    await source.close();
  }
}

/** @throws ConfigError there is nobody to ask */
function openForOne(
  { config, log, version, timeoutMs }: OneLookup,
  lookups: LookupObserver,
): Promise<ThreatSource> {
  if (config.threatSource === undefined) {
    throw new ConfigError([`${config.path} has no section [trustar_threat_source]: there is nobody to ask`]);
  }
  const clock = systemClock;
  return openThreatSource(
    config.threatSource,
    { ...config.threatService, stateFile: undefined, answerWithinMs: timeoutMs, batchWindowMs: 0 },
    {
      log,
      clock,
      version,
      lookups,
      upstream: () => undefined,
      budgets: new Budgets(clock),
      ownLinks: ownLinksOf(config),
    },
  );
}
