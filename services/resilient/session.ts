import { UpstreamError } from "../../src/core/errors.js";
import { isStillOn, SECOND_MS, type Clock } from "../../src/core/time.js";
import { unlessAborted } from "../http/signals.js";
import { chooseOrg, sessionAnswer, type Org, type SessionAnswer } from "./choose-org.js";
import type { Answer, Call } from "./exchange.js";
import type { ResilientCredentials } from "./options.js";

// Asking again at once with a password that was just refused only gets the account locked.
const refusalHoldMs = 30 * SECOND_MS;

/** Who asks for something to be done: what message destinations list. */
export interface Principal {
  readonly kind: "api-key" | "user";
  readonly id: number | undefined;
}

export interface Session {
  readonly org: Org;
  readonly principal: Principal;
  /** A function, so that printing a session prints no secret. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** What these headers say and what they are made of, whole and in parts: to be cut out of the server's words. */
  readonly secrets: () => readonly string[];
}

export interface SessionDeps {
  readonly credentials: ResilientCredentials;
  readonly org: string | undefined;
  readonly clock: Clock;
  /** One log-in request with its retries, on the client's own signal: it is shared. */
  readonly send: (call: Call) => Promise<Answer>;
}

/** Logs in when somebody needs it. All callers share one log-in, and one renewal of an expired session. */
export class Sessions {
  readonly #deps: SessionDeps;
  #session: Session | undefined;
  #flight: Promise<Session> | undefined;
  #refusal: { readonly error: UpstreamError; readonly atMs: number } | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  /** An API key is sent with every request: there is nothing that could expire. */
  get renewable(): boolean {
    return this.#deps.credentials.kind === "account";
  }

  current(signal: AbortSignal): Promise<Session> {
    return this.#session === undefined ? this.#shared(signal) : Promise.resolve(this.#session);
  }

  /** @param expired the session that was refused; when another caller has replaced it already, that one is given. */
  renew(expired: Session, signal: AbortSignal): Promise<Session> {
    if (this.#session === expired) this.#session = undefined;
    return this.current(signal);
  }

  #shared(signal: AbortSignal): Promise<Session> {
    const { clock } = this.#deps;
    if (this.#refusal !== undefined && isStillOn(clock.now(), this.#refusal.atMs, refusalHoldMs)) {
      return Promise.reject(this.#refusal.error);
    }
    this.#flight ??= this.#logIn().finally(() => {
      this.#flight = undefined;
    });
    return unlessAborted(this.#flight, signal);
  }

  async #logIn(): Promise<Session> {
    try {
      this.#session = await logIn(this.#deps);
      this.#refusal = undefined;
      return this.#session;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === "upstream_unauthorized") {
        this.#refusal = { error, atMs: this.#deps.clock.now() };
      }
      throw isElsewhere(error) ? wrongAddress(error) : error;
    }
  }
}

/** Every Resilient has a log-in: what knows none is another server, or another part of this one. */
function isElsewhere(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && [404, 405, 410].includes(error.status ?? 0);
}

function wrongAddress(cause: UpstreamError): UpstreamError {
  const { status } = cause;
  const message =
    `There is no log-in of Resilient at this address (HTTP ${status}): check host, port and resource_prefix in ` +
    "[resilient] (on Cloud Pak for Security resource_prefix = /api/respond, elsewhere none), and RESOURCE_PREFIX in the environment";
  return new UpstreamError("upstream_wrong_address", message, { status }, { cause });
}

async function logIn(deps: SessionDeps): Promise<Session> {
  const { credentials } = deps;
  return credentials.kind === "api-key" ? logInByKey(deps, credentials) : logInByAccount(deps, credentials);
}

type ByKey = Extract<ResilientCredentials, { kind: "api-key" }>;
type ByAccount = Extract<ResilientCredentials, { kind: "account" }>;

async function logInByKey(deps: SessionDeps, credentials: ByKey): Promise<Session> {
  const { id, secret } = credentials;
  const pair = (): string => `${id}:${secret.reveal()}`;
  const basic = (): string => Buffer.from(pair(), "utf8").toString("base64");
  const headers = (): Record<string, string> => ({ Authorization: `Basic ${basic()}` });
  const secrets = (): string[] => [id, secret.reveal(), pair(), basic(), `Basic ${basic()}`];
  const answer = await deps.send({
    method: "GET",
    path: "/rest/session",
    query: { include_permissions: false },
    headers: headers(),
    secrets: secrets(),
    repeatable: true,
    what: "log in with the API key",
  });
  const session = await parse(answer.body);
  return {
    org: chooseOrg(session, deps.org),
    principal: { kind: "api-key", id: session.api_key_handle ?? undefined },
    headers,
    secrets,
  };
}

async function logInByAccount(deps: SessionDeps, credentials: ByAccount): Promise<Session> {
  const { email, password } = credentials;
  const answer = await deps.send({
    method: "POST",
    path: "/rest/session",
    query: { include_permissions: false },
    headers: {},
    body: { email, password: password.reveal() },
    secrets: [email, password.reveal()],
    // A second session does no harm.
    repeatable: true,
    what: "log in with e-mail address and password",
  });
  const session = await parse(answer.body);
  const csrfToken = session.csrf_token;
  // All of them: a load balancer in front may have set one of its own, to find the server that knows our session.
  const cookies = answer.cookies.map((one) => one.split(";", 1)[0] ?? "");
  const cookie = cookies.join("; ");
  if (typeof csrfToken !== "string" || !cookie.includes("JSESSIONID=")) {
    throw new UpstreamError(
      "upstream_invalid_answer",
      "Resilient's log-in answer has no session (JSESSIONID, csrf_token)",
    );
  }
  return {
    org: chooseOrg(session, deps.org),
    principal: { kind: "user", id: session.user_id ?? undefined },
    headers: () => ({ Cookie: cookie, "X-sess-id": csrfToken }),
    secrets: () => [
      ...[email, password.reveal(), csrfToken, cookie, ...cookies],
      ...cookies.map((one) => one.slice(one.indexOf("=") + 1)),
    ],
  };
}

async function parse(body: unknown): Promise<SessionAnswer> {
  const parsed = await sessionAnswer.safeParseAsync(body);
  if (parsed.success) return parsed.data;
  throw new UpstreamError(
    "upstream_invalid_answer",
    "Resilient's log-in answer is not as expected: is it Resilient?",
  );
}
