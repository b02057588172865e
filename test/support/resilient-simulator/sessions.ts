import { randomUUID } from "node:crypto";
import type { Request } from "express";
import type { PrincipalRecord, World } from "./world.js";

interface SessionRecord {
  readonly principal: PrincipalRecord;
  readonly csrfToken: string;
}

/** Who is asking: by API key on every request, or by session cookie and CSRF header. */
export class Sessions {
  readonly #world: World;
  readonly #open = new Map<string, SessionRecord>();

  constructor(world: World) {
    this.#world = world;
  }

  /** @returns undefined when the credentials are wrong. */
  logIn(
    email: unknown,
    password: unknown,
  ): { cookie: string; csrfToken: string; principal: PrincipalRecord } | undefined {
    const principal = this.#find("user", email, password);
    if (principal === undefined) return undefined;
    const cookie = randomUUID().replaceAll("-", "").toUpperCase();
    const csrfToken = randomUUID();
    this.#open.set(cookie, { principal, csrfToken });
    return { cookie, csrfToken, principal };
  }

  dropAll(): void {
    this.#open.clear();
  }

  identify(req: Request): PrincipalRecord | undefined {
    const basic = /^Basic (.+)$/i.exec(req.get("authorization") ?? "")?.[1];
    if (basic !== undefined) {
      const [id, ...secret] = Buffer.from(basic, "base64").toString("utf8").split(":");
      return this.#find("api-key", id, secret.join(":"));
    }
    const cookie = /(?:^|;\s*)JSESSIONID=([^;]+)/.exec(req.get("cookie") ?? "")?.[1];
    const session = this.#open.get(cookie ?? "");
    return session !== undefined && session.csrfToken === req.get("x-sess-id")
      ? session.principal
      : undefined;
  }

  #find(kind: PrincipalRecord["kind"], login: unknown, secret: unknown): PrincipalRecord | undefined {
    return this.#world.principals.find(
      (one) => one.kind === kind && one.login === login && one.secret === secret,
    );
  }
}
