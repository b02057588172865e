import { hash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import type { Secret } from "../../src/core/secret.js";
import { HttpProblem } from "../http-problem.js";
import type { WrongLogins } from "./wrong-logins.js";

export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

/** Digests are of one length, whatever the texts: comparing them takes the same time wherever the first difference is. */
const digest = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer");

/**
 * HTTP Basic (RFC 7617). The platform switches a service off on 401 until its credentials are right. Whoever guesses too
 * often is not even listened to for a while: with 503, which makes the platform come back, where a 4xx would be final.
 */
export function basicAuth(credentials: Credentials, wrongLogins: WrongLogins): RequestHandler {
  const accepted = spellings(`${credentials.user}:${credentials.password.reveal()}`).map(digest);
  return (req, _res, next) => {
    const { remoteAddress } = req.socket;
    const given = readHeader(req.headers.authorization);
    if (given !== undefined && wrongLogins.areTooMany(remoteAddress)) throw tooManyWrong();
    if (given !== undefined && isOneOf(given, accepted)) {
      next();
      return;
    }
    if (given !== undefined) wrongLogins.count(remoteAddress);
    throw unauthorized();
  };
}

/** Clients that follow the RFC send UTF-8, older Java ones Latin-1. */
function spellings(text: string): Buffer[] {
  const utf8 = Buffer.from(text, "utf8");
  const latin1 = Buffer.from(text, "latin1");
  return latin1.toString("latin1") === text && !latin1.equals(utf8) ? [utf8, latin1] : [utf8];
}

/**
 * `user:password`, compared as one: nobody learns whether the user alone was right. The user ends at the first colon,
 * a password may contain more of them.
 */
function readHeader(header = ""): Buffer | undefined {
  const encoded = /^Basic +([a-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64");
  return pair.includes(":") ? pair : undefined;
}

/** With every one of them, also when the first fits. */
function isOneOf(given: Buffer, accepted: readonly Buffer[]): boolean {
  const digestOfGiven = digest(given);
  return accepted.map((candidate) => timingSafeEqual(digestOfGiven, candidate)).includes(true);
}

function tooManyWrong(): HttpProblem {
  return new HttpProblem(
    "too_many_wrong_logins",
    503,
    "authorization: too many wrong users or passwords from this address, ask again in a minute",
    { "Retry-After": "60" },
  );
}

function unauthorized(): HttpProblem {
  return new HttpProblem("unauthorized", 401, "authorization: user or password missing or wrong", {
    "WWW-Authenticate": 'Basic realm="trustar-resilient", charset="UTF-8"',
  });
}
