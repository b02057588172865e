import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import { createLogger } from "../../../src/app/logger.js";
import { UpstreamError } from "../../../src/core/errors.js";
import { Secret } from "../../../src/core/secret.js";

function logged(facts: object): string {
  const lines: string[] = [];
  createLogger("debug", { write: (line) => void lines.push(line) }).error(facts, "it went wrong");
  expect(lines).toHaveLength(1);
  return lines.join("");
}

const secret = "hunter2";

test.each([
  ["authorization", { authorization: secret }],
  ["password", { password: secret }],
  ["secret", { secret }],
  ["authorization of a part", { request: { authorization: secret } }],
  ["password of a part", { account: { password: secret } }],
  ["secret of a part", { account: { secret } }],
  ["headers of a request", { request: { headers: { cookie: secret } } }],
  ["configuration of a call, as axios hangs it on its errors", { call: { config: { data: secret } } }],
  ["Secret under any name", { apiKey: new Secret(secret) }],
])("what is named like a credential is cut out: %s", (_name, facts) => {
  const line = logged(facts);
  expect(line).not.toContain(secret);
  expect(line).toContain("[secret]");
});

test("of a failure that we foresaw the words are told, not the stack, nor what its cause carries", () => {
  const cause = Object.assign(new Error("the socket hung up"), { config: { auth: secret } });
  const line = logged({ err: new UpstreamError("upstream_failed", "TruSTAR is down", {}, { cause }) });
  expect(JSON.parse(line)).toMatchObject({
    err: { code: "upstream_failed", message: "TruSTAR is down", cause: "the socket hung up" },
  });
  expect(line).not.toMatch(/hunter2|logger\.test/);
});

test("a Secret shows itself in no way of printing", () => {
  const kept = new Secret(secret);
  const printed = [String(kept), JSON.stringify({ kept }), inspect({ kept }, { showHidden: true })];
  expect(printed.join()).not.toContain(secret);
  expect(kept.reveal()).toBe(secret);
});
