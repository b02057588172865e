import { randomUUID } from "node:crypto";
import type { SimulatorClock } from "./simulator-clock.js";
import type { Account } from "./model.js";
import { json, type Reply } from "./reply.js";

interface Token {
  readonly value: string;
  readonly account: Account;
  readonly expiresAt: number;
}

export type TokenCheck = { readonly account: Account } | { readonly refused: Reply };

/** 400, not 401: clients of this API look for exactly these two texts. */
export function tokenRefusal(description: string): Reply {
  return json({ error: "invalid_request", error_description: description }, 400);
}

export class Tokens {
  readonly #accounts: readonly Account[];
  readonly #clock: SimulatorClock;
  readonly #lifetimeMs: number;
  readonly #current = new Map<string, Token>();
  readonly #issued = new Map<string, Token>();

  constructor(accounts: readonly Account[], clock: SimulatorClock, lifetimeMs: number) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** While a token lives, asking again answers that same token with what is left of its life. */
  grant(authorization: string | undefined, form: URLSearchParams): Reply {
    const account = this.#authenticate(authorization);
    if (account === undefined) {
      return {
        ...json({ error: "unauthorized", error_description: "Bad credentials" }, 401),
        headers: { "WWW-Authenticate": 'Basic realm="oauth2/client"' },
      };
    }
    if (form.get("grant_type") !== "client_credentials") {
      const description = `Unsupported grant type: ${form.get("grant_type") ?? "none"}`;
      return json({ error: "unsupported_grant_type", error_description: description }, 400);
    }
    const token = this.#tokenOf(account);
    const expires_in = Math.floor((token.expiresAt - this.#clock.now()) / 1000);
    return json({ access_token: token.value, token_type: "bearer", expires_in, scope: "read" });
  }

  /** Every token there ever was. */
  issued(): readonly string[] {
    return [...this.#issued.keys()];
  }

  check(bearer: string): TokenCheck {
    const token = this.#issued.get(bearer);
    if (token === undefined) return { refused: tokenRefusal("Invalid oauth2 access token") };
    if (this.#current.get(token.account.key) !== token || token.expiresAt <= this.#clock.now()) {
      return { refused: tokenRefusal("Expired oauth2 access token") };
    }
    return { account: token.account };
  }

  /** From now on the token, or every token, is answered as expired. */
  revoke(bearer?: string): void {
    const token = bearer === undefined ? undefined : this.#issued.get(bearer);
    if (bearer === undefined) this.#current.clear();
    else if (token !== undefined && this.#current.get(token.account.key) === token) {
      this.#current.delete(token.account.key);
    }
  }

  #tokenOf(account: Account): Token {
    const known = this.#current.get(account.key);
    if (known !== undefined && known.expiresAt > this.#clock.now()) return known;
    const token = { value: randomUUID(), account, expiresAt: this.#clock.now() + this.#lifetimeMs };
    this.#current.set(account.key, token);
    this.#issued.set(token.value, token);
    return token;
  }

  #authenticate(authorization: string | undefined): Account | undefined {
    const encoded = /^Basic (\S+)$/i.exec(authorization ?? "")?.[1];
    if (encoded === undefined) return undefined;
    const pair = Buffer.from(encoded, "base64").toString("utf8");
    return this.#accounts.find(({ key, secret }) => pair === `${key}:${secret}`);
  }
}
