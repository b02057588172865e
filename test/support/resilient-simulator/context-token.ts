import { createHmac, timingSafeEqual } from "node:crypto";
import { asList, asWire } from "./wire.js";

const key = "context-token-key-of-the-simulator";
const dayMs = 86_400_000;

/** The JWT that travels with an action message: "what you do with this comes from these rules". */
export function issueContextToken(ruleIds: readonly number[], nowMs: number): string {
  const head = encode({ alg: "HS256" });
  const body = encode({ actions: ruleIds, expirationDate: nowMs + dayMs });
  return `${head}.${body}.${sign(`${head}.${body}`)}`;
}

/** The rules that must not be fired by a request with this token; none when the token is forged or old. */
export function rulesOfToken(token: string | undefined, nowMs: number): readonly number[] {
  const [head, body, signature] = (token ?? "").split(".");
  if (head === undefined || body === undefined || signature === undefined) return [];
  const expected = Buffer.from(sign(`${head}.${body}`));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return [];
  const claims = asWire(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  if (Number(claims["expirationDate"]) < nowMs) return [];
  return asList(claims["actions"]).map(Number);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function sign(text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
