import { UpstreamError } from "../../src/core/errors.js";
import { isStillOn, MINUTE_MS, type Clock } from "../../src/core/time.js";

export interface FreshToken {
  readonly value: string;
  readonly expiresInMs: number;
}

/** Renewed this long before its end, so that no call starts with a token that dies on the way. */
const renewBeforeMs = MINUTE_MS;
/** Refused credentials stay refused: asking again with each artifact would only lock the account. */
const refusalHoldMs = MINUTE_MS;

/** The account's access token: one refresh at a time, shared by all callers, and no refresh without a caller. */
export class TrustarToken {
  readonly #clock: Clock;
  readonly #fetchToken: () => Promise<FreshToken>;
  #current: { readonly value: string; readonly renewAtMs: number } | undefined;
  #refresh: Promise<string> | undefined;
  #refused: { readonly error: UpstreamError; readonly atMs: number } | undefined;

  constructor(clock: Clock, fetchToken: () => Promise<FreshToken>) {
    this.#clock = clock;
    this.#fetchToken = fetchToken;
  }

  /** @throws UpstreamError `upstream_unauthorized` while the credentials are known to be refused */
  async get(): Promise<string> {
    const nowMs = this.#clock.now();
    if (this.#current !== undefined && nowMs < this.#current.renewAtMs) return this.#current.value;
    const refused = this.#refused;
    if (refused !== undefined && isStillOn(nowMs, refused.atMs, refusalHoldMs)) throw refused.error;
    this.#refresh ??= this.#renew().finally(() => {
      this.#refresh = undefined;
    });
    return this.#refresh;
  }

  /** The server refused `value`; callers that already hold a newer one are not disturbed. */
  discard(value: string): void {
    if (this.#current?.value === value) this.#current = undefined;
  }

  async #renew(): Promise<string> {
    try {
      const fresh = await this.#fetchToken();
      // The server hands the same token to everybody who asks while it lives: what is left of it may be little.
      const { expiresInMs } = fresh;
      const usableMs = expiresInMs > 2 * renewBeforeMs ? expiresInMs - renewBeforeMs : expiresInMs * 0.9;
      this.#current = { value: fresh.value, renewAtMs: this.#clock.now() + usableMs };
      this.#refused = undefined;
      return fresh.value;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === "upstream_unauthorized") {
        this.#refused = { error, atMs: this.#clock.now() };
      }
      throw error;
    }
  }
}
