import { setTimeout as sleep } from "node:timers/promises";
import { withRetry, type RetryPolicy } from "../../services/http/retry-policy.js";
import type { Enclave } from "../../services/trustar/trustar-schema.js";
import type { Log, ReadinessCheck } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";

export interface SourceWatchOptions {
  /** Proves the credentials; costs nothing while there is a token. */
  readonly authenticate: (signal: AbortSignal) => Promise<void>;
  /** What the account can see; free of quota. */
  readonly listEnclaves: (signal: AbortSignal) => Promise<readonly Enclave[]>;
  /** The enclaves that look-ups are made in; empty = all that the account can read. */
  readonly enclaveIds: readonly string[];
  readonly log: Log;
  readonly retry?: RetryPolicy | undefined;
  /** While no enclave can be searched, the account's are listed anew after so many milliseconds. Default: five minutes. */
  readonly recheckMs?: number | undefined;
}

/** A token call fails for all in an outage: three a minute are enough to see its end. */
const noStandsMs = 20 * SECOND_MS;
/** Nobody waits for the list of enclaves: it can come when TruSTAR is back. */
const untilTrustarIsBack: RetryPolicy = {
  retries: 10_000,
  minTimeout: 5 * SECOND_MS,
  maxTimeout: MINUTE_MS,
  randomize: true,
};

/** Whether the threat source can do what the configuration says, as an operator gets to see it. */
export class SourceWatch {
  readonly readiness: ReadinessCheck;
  readonly #options: SourceWatchOptions;
  #unsearchable: readonly string[] | undefined;

  constructor(options: SourceWatchOptions) {
    this.#options = options;
    this.readiness = {
      name: "trustar",
      noStandsMs,
      problem: async (signal) => {
        await options.authenticate(signal);
        return this.whyUnable();
      },
      warning: () => this.#warning(),
    };
  }

  /** How many of the configured enclaves can't be searched; undefined until TruSTAR has told. */
  get unsearchableEnclaves(): number | undefined {
    return this.#unsearchable?.length;
  }

  /** Why every look-up would find nothing, whatever TruSTAR knows; undefined when some enclave can be searched. */
  whyUnable(): string | undefined {
    const ids = this.#unsearchable ?? [];
    if (ids.length === 0 || ids.length < this.#options.enclaveIds.length) return undefined;
    return (
      "none of the configured enclaves can be searched; correct enclave_ids_for_search of [trustar_threat_source], " +
      `or have the account's rights on them changed: ${ids.join(", ")}`
    );
  }

  /** Tells the log whether TruSTAR takes the credentials and has the enclaves. Never rejects. */
  async start(signal: AbortSignal): Promise<void> {
    const { authenticate, log } = this.#options;
    try {
      await authenticate(signal);
      log.info({}, "TruSTAR accepted the credentials");
    } catch (error) {
      if (signal.aborted) return;
      log.error(
        { err: error },
        "TruSTAR can't be used yet; until this is mended look-ups end as 503 or wait",
      );
    }
    if (this.#options.enclaveIds.length === 0) return;
    await this.#checkEnclaves(signal);
    const { recheckMs = 5 * MINUTE_MS } = this.#options;
    while (this.whyUnable() !== undefined && (await isOver(recheckMs, signal))) {
      await this.#checkEnclaves(signal);
    }
  }

  async #checkEnclaves(signal: AbortSignal): Promise<void> {
    const { listEnclaves, enclaveIds, log, retry = untilTrustarIsBack } = this.#options;
    try {
      const seen = await withRetry(() => listEnclaves(signal), { policy: retry, signal });
      const readable = new Set(seen.filter(({ read }) => read).map(({ id }) => id));
      this.#unsearchable = enclaveIds.filter((id) => !readable.has(id));
      if (this.#unsearchable.length === 0) return;
      const known = new Set(seen.map(({ id }) => id));
      log.warn(
        {
          unknown: this.#unsearchable.filter((id) => !known.has(id)),
          unreadable: this.#unsearchable.filter((id) => known.has(id)),
          enclaves: enclaveIds.length,
        },
        "enclaves of [trustar_threat_source] can't be searched: look-ups find nothing of what is in them; " +
          "correct their ids (unknown) or have the account's rights on them changed (unreadable)",
      );
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error }, "the configured enclaves could not be checked against those of the account");
    }
  }

  #warning(): string | undefined {
    const ids = this.#unsearchable ?? [];
    if (ids.length === 0) return undefined;
    return `not all of the configured enclaves can be searched; these can't: ${ids.join(", ")}`;
  }
}

/** Resolves to false when the program ends first. */
function isOver(waitMs: number, signal: AbortSignal): Promise<boolean> {
  return sleep(waitMs, true, { signal, ref: false }).catch(() => false);
}
