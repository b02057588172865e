import type { Cancellation } from "../../services/lookup/cancellation.js";
import { withRetry, type RetryPolicy } from "../../services/http/retry-policy.js";
import type { Enclave } from "../../services/trustar/trustar-schema.js";
import { UpstreamError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";

export interface EnclaveCheckOptions {
  /** What the account can see; free of quota. */
  readonly listEnclaves: (signal: AbortSignal) => Promise<readonly Enclave[]>;
  /** The enclaves that look-ups are made in; empty = all that the account can read. */
  readonly enclaveIds: readonly string[];
  readonly log: Log;
  /** Ends what runs. */
  readonly signal: AbortSignal;
  readonly retry?: RetryPolicy | undefined;
  /** Told of every failed call that will be made again. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
}

/** The list of enclaves can come when TruSTAR is back. */
const untilTrustarIsBack: RetryPolicy = {
  retries: 10_000,
  minTimeout: 5 * SECOND_MS,
  maxTimeout: MINUTE_MS,
  randomize: true,
};

/**
 * Whether the configured enclaves can be searched. TruSTAR finds nothing in one that can't, which looks like a value
 * that nobody knows: until the check has been made, "unknown" is no answer.
 */
export class EnclaveCheck {
  readonly #options: EnclaveCheckOptions;
  readonly #waiting = new Set<() => void>();
  #running: Promise<void> | undefined;
  #unsearchable: readonly string[] | undefined;
  /** The account may not list its enclaves: then there is nothing to check against. */
  #mayNotList = false;
  #failure = new UpstreamError("upstream_failed", "the configured enclaves have not been checked");

  constructor(options: EnclaveCheckOptions) {
    this.#options = options;
  }

  /** Configured enclaves that can't be searched; undefined until TruSTAR has told. */
  get unsearchable(): readonly string[] | undefined {
    return this.#unsearchable;
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

  /** Lists the account's enclaves, for as long as it takes; who comes meanwhile joins. Never rejects. */
  run(): Promise<void> {
    if (this.#options.enclaveIds.length === 0) return Promise.resolve();
    this.#running ??= this.#list().finally(() => {
      this.#running = undefined;
      for (const settle of this.#waiting) settle();
      this.#waiting.clear();
    });
    return this.#running;
  }

  /**
   * Resolves when what TruSTAR does not find can be told as "unknown". TruSTAR has just answered the caller, so a check
   * that could not be made before is made now.
   * @throws UpstreamError no configured enclave can be searched, or it can't be found out
   */
  async untilSure(cancellation: Cancellation): Promise<void> {
    if (this.#isOpen()) await this.#ended(cancellation);
    const why = this.whyUnable();
    if (why !== undefined) throw new UpstreamError("upstream_forbidden", why);
    if (this.#isOpen()) throw this.#failure;
  }

  #isOpen(): boolean {
    return this.#options.enclaveIds.length > 0 && this.#unsearchable === undefined && !this.#mayNotList;
  }

  #ended(cancellation: Cancellation): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(settle);
        reject(cancellation.reason instanceof Error ? cancellation.reason : new Error("aborted"));
      };
      const settle = (): void => {
        cancellation.removeEventListener("abort", leave);
        resolve();
      };
      this.#waiting.add(settle);
      cancellation.addEventListener("abort", leave);
      void this.run();
    });
  }

  async #list(): Promise<void> {
    const { listEnclaves, log, signal, onTrouble, retry: policy = untilTrustarIsBack } = this.#options;
    try {
      this.#compare(
        await withRetry(() => listEnclaves(signal), {
          policy,
          signal,
          onRetry: (error) => onTrouble?.(error),
        }),
      );
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof UpstreamError) {
        this.#failure = error;
        this.#mayNotList = !error.retryable && error.code !== "upstream_unauthorized";
      }
      log.warn({ err: error }, "the configured enclaves could not be checked against those of the account");
    }
  }

  #compare(seen: readonly Enclave[]): void {
    const { enclaveIds, log } = this.#options;
    const readable = new Set(seen.filter(({ read }) => read).map(({ id }) => id));
    const unsearchable = enclaveIds.filter((id) => !readable.has(id));
    this.#unsearchable = unsearchable;
    if (unsearchable.length === 0) return;
    const known = new Set(seen.map(({ id }) => id));
    log.warn(
      {
        unknown: unsearchable.filter((id) => !known.has(id)),
        unreadable: unsearchable.filter((id) => known.has(id)),
        enclaves: enclaveIds.length,
      },
      "enclaves of [trustar_threat_source] can't be searched: look-ups find nothing of what is in them; " +
        "correct their ids (unknown) or have the account's rights on them changed (unreadable)",
    );
  }
}
