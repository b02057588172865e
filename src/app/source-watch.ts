import { setTimeout as sleep } from "node:timers/promises";
import type { Log, ReadinessCheck } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";
import type { EnclaveCheck } from "./enclave-check.js";

export interface SourceWatchOptions {
  /** Proves the credentials; costs nothing while there is a token. */
  readonly authenticate: (signal: AbortSignal) => Promise<void>;
  readonly enclaves: EnclaveCheck;
  /** Told when TruSTAR has taken the credentials: then its quota can be read. */
  readonly keepQuotaFresh: () => void;
  /** How long all calls wait because TruSTAR asked for it. */
  readonly heldForMs: () => number;
  readonly log: Log;
  /** While no enclave can be searched, the account's are listed anew after so many milliseconds. Default: five minutes. */
  readonly recheckMs?: number | undefined;
}

/** A token call fails for all in an outage: three a minute are enough to see its end. */
const noStandsMs = 20 * SECOND_MS;

/** Whether the threat source can do what the configuration says, as an operator gets to see it. */
export class SourceWatch {
  readonly readiness: ReadinessCheck;
  readonly #options: SourceWatchOptions;

  constructor(options: SourceWatchOptions) {
    this.#options = options;
    this.readiness = {
      name: "trustar",
      noStandsMs,
      problem: async (signal) => {
        await options.authenticate(signal);
        options.keepQuotaFresh();
        return options.enclaves.whyUnable();
      },
      warning: () => this.#warning(),
    };
  }

  /** How many of the configured enclaves can't be searched; undefined until TruSTAR has told. */
  get unsearchableEnclaves(): number | undefined {
    return this.#options.enclaves.unsearchable?.length;
  }

  /** Tells the log whether TruSTAR takes the credentials and has the enclaves. Never rejects. */
  async start(signal: AbortSignal): Promise<void> {
    const { authenticate, keepQuotaFresh, log } = this.#options;
    try {
      await authenticate(signal);
      log.info({}, "TruSTAR accepted the credentials");
      keepQuotaFresh();
    } catch (error) {
      if (signal.aborted) return;
      log.error(
        { err: error },
        "TruSTAR can't be used yet; until this is mended look-ups end as 503 or wait",
      );
    }
    const { enclaves, recheckMs = 5 * MINUTE_MS } = this.#options;
    await enclaves.run();
    while (enclaves.whyUnable() !== undefined && (await isOver(recheckMs, signal))) await enclaves.run();
  }

  #warning(): string | undefined {
    const heldForMs = this.#options.heldForMs();
    if (heldForMs > MINUTE_MS) {
      return `TruSTAR asked to wait: nothing is asked for another ${Math.ceil(heldForMs / SECOND_MS)} seconds`;
    }
    const ids = this.#options.enclaves.unsearchable ?? [];
    if (ids.length === 0) return undefined;
    return `not all of the configured enclaves can be searched; these can't: ${ids.join(", ")}`;
  }
}

/** Resolves to false when the program ends first. */
function isOver(waitMs: number, signal: AbortSignal): Promise<boolean> {
  return sleep(waitMs, true, { signal, ref: false }).catch(() => false);
}
