import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import type { Secret } from "../../src/core/secret.js";
import { HttpProblem } from "../http-problem.js";

export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

/** Comparing keyed digests takes the same time whatever the lengths and wherever the first difference is. */
const key = randomBytes(32);
const digest = (bytes: Uint8Array): Buffer => createHmac("sha256", key).update(bytes).digest();

/** HTTP Basic (RFC 7617). The platform switches a service off on 401 until its credentials are right. */
export function basicAuth(credentials: Credentials): RequestHandler {
  const user = spellings(credentials.user).map(digest);
  const password = spellings(credentials.password.reveal()).map(digest);
  return (req, _res, next) => {
    const given = readHeader(req.headers.authorization);
    const userFits = given !== undefined && isOneOf(given.user, user);
    const passwordFits = given !== undefined && isOneOf(given.password, password);
    if (!userFits || !passwordFits) throw unauthorized();
    next();
  };
}

/** Clients that follow the RFC send UTF-8, older Java ones Latin-1. */
function spellings(text: string): Buffer[] {
  const utf8 = Buffer.from(text, "utf8");
  const latin1 = Buffer.from(text, "latin1");
  return latin1.toString("latin1") === text ? [utf8, latin1] : [utf8];
}

/** The user ends at the first colon; a password may contain more of them. */
function readHeader(header = ""): { readonly user: Buffer; readonly password: Buffer } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64");
  const colon = pair.indexOf(":");
  return colon === -1 ? undefined : { user: pair.subarray(0, colon), password: pair.subarray(colon + 1) };
}

function isOneOf(given: Buffer, expected: readonly Buffer[]): boolean {
  const digestOfGiven = digest(given);
  return expected.map((candidate) => timingSafeEqual(digestOfGiven, candidate)).includes(true);
}

function unauthorized(): HttpProblem {
  return new HttpProblem("unauthorized", 401, "authorization: user or password missing or wrong", {
    "WWW-Authenticate": 'Basic realm="trustar-resilient", charset="UTF-8"',
  });
}
