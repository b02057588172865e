import express from "express";
import request from "supertest";
import { HttpProblem } from "../../../routes/http-problem.js";
import { basicAuth } from "../../../routes/middleware/basic-auth.js";
import { WrongLogins } from "../../../routes/middleware/wrong-logins.js";
import { Secret } from "../../../src/core/secret.js";
import { createFakeClock } from "../../support/fake-clock.js";

const basic = (pair: string | Buffer): string => `Basic ${Buffer.from(pair as string).toString("base64")}`;

async function statusFor(
  authorization: string | undefined,
  user = "soar",
  password = "s3cret",
): Promise<number> {
  const app = express();
  const wrongLogins = new WrongLogins(0, createFakeClock());
  app.use(basicAuth({ user, password: new Secret(password) }, wrongLogins), (_req, res) => {
    res.sendStatus(200);
  });
  app.use(((error, _req, res, next) => {
    if (error instanceof HttpProblem) res.set(error.headers).sendStatus(error.status);
    else next(error);
  }) satisfies express.ErrorRequestHandler);
  const call = request(app).get("/");
  return (await (authorization === undefined ? call : call.set("Authorization", authorization))).status;
}

test.each([
  ["right", basic("soar:s3cret")],
  ["right, scheme in other letters", basic("soar:s3cret").replace("Basic", "bASIC")],
  ["right, more blanks", basic("soar:s3cret").replace(" ", "   ")],
  ["right, without padding", basic("soar:s3cret").replace(/=+$/, "")],
])("lets %s credentials in", async (_kind, header) => {
  expect(await statusFor(header)).toBe(200);
});

test.each([
  ["none", undefined],
  ["a wrong user", basic("soaR:s3cret")],
  ["a wrong password", basic("soar:s3cret ")],
  ["a part of the password", basic("soar:s3cre")],
  ["no password", basic("soar:")],
  ["no colon", basic("soars3cret")],
  ["a colon in another place", basic("so:ars3cret")],
  ["a right user with another's password", basic("soar:soar")],
  ["nothing", basic("")],
  ["another scheme", "Bearer s3cret"],
  ["no base64", "Basic $$$"],
  ["the bare word", "Basic"],
])("refuses %s", async (_kind, header) => {
  expect(await statusFor(header)).toBe(401);
});

test("a password may contain colons", async () => {
  expect(await statusFor(basic("soar:a:b::c"), "soar", "a:b::c")).toBe(200);
  expect(await statusFor(basic("soar:a"), "soar", "a:b::c")).toBe(401);
});

test("a password beyond ASCII may come as UTF-8 or as Latin-1", async () => {
  expect(await statusFor(basic("jürgen:pässwörd"), "jürgen", "pässwörd")).toBe(200);
  expect(await statusFor(basic(Buffer.from("jürgen:pässwörd", "latin1")), "jürgen", "pässwörd")).toBe(200);
});

test("user and password are one text, in one spelling", async () => {
  const mixed = Buffer.concat([Buffer.from("jürgen:", "utf8"), Buffer.from("pässwörd", "latin1")]);
  expect(await statusFor(basic(mixed), "jürgen", "pässwörd")).toBe(401);
});

test("a password beyond Latin-1 has no second spelling", async () => {
  expect(await statusFor(basic("soar:Ā€"), "soar", "Ā€")).toBe(200);
  expect(await statusFor(basic(Buffer.from("soar:Ā€", "latin1")), "soar", "Ā€")).toBe(401);
});
