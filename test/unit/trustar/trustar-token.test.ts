import { UpstreamError } from "../../../src/core/errors.js";
import { TrustarToken, type FreshToken } from "../../../services/trustar/trustar-token.js";
import { createFakeClock } from "../../support/fake-clock.js";

function build(answers?: () => Promise<FreshToken>) {
  const clock = createFakeClock();
  let calls = 0;
  const token = new TrustarToken(clock, () => {
    calls += 1;
    return answers?.() ?? Promise.resolve({ value: `token ${calls}`, expiresInMs: 599_000 });
  });
  return { token, clock, calls: () => calls };
}

it("is fetched once however many ask for it, and not before", async () => {
  const { token, calls } = build();
  expect(calls()).toBe(0);
  const all = await Promise.all(Array.from({ length: 50 }, () => token.get()));
  expect(new Set(all)).toEqual(new Set(["token 1"]));
  expect(await token.get()).toBe("token 1");
  expect(calls()).toBe(1);
});

it("is renewed before it ends, so that no call starts with one that dies on the way", async () => {
  const { token, clock, calls } = build();
  await token.get();
  clock.advance(538_999);
  expect(await token.get()).toBe("token 1");
  clock.advance(1);
  expect(await token.get()).toBe("token 2");
  expect(calls()).toBe(2);
});

it("that the server refuses is fetched anew once, for all who held it", async () => {
  const { token, calls } = build();
  const held = await Promise.all([token.get(), token.get(), token.get()]);
  for (const value of held) token.discard(value);
  await Promise.all(held.map(() => token.get()));
  token.discard("token 1");
  expect(await token.get()).toBe("token 2");
  expect(calls()).toBe(2);
});

it("with refused credentials is not asked for again for a minute", async () => {
  const refused = new UpstreamError("upstream_unauthorized", "refused");
  const { token, clock, calls } = build(() => Promise.reject(refused));
  for (let at = 0; at < 20; at += 1) await expect(token.get()).rejects.toBe(refused);
  clock.advance(59_999);
  await expect(token.get()).rejects.toBe(refused);
  expect(calls()).toBe(1);
  clock.advance(1);
  await expect(token.get()).rejects.toBe(refused);
  expect(calls()).toBe(2);
});

it("is asked for again when the clock was set back since it was refused", async () => {
  const refused = new UpstreamError("upstream_unauthorized", "refused");
  const { token, clock, calls } = build(() => Promise.reject(refused));
  await expect(token.get()).rejects.toBe(refused);
  clock.advance(-3_600_000);
  await expect(token.get()).rejects.toBe(refused);
  expect(calls()).toBe(2);
});

it("that could not be fetched because of an outage is asked for by the next caller", async () => {
  let healthy = false;
  const { token, calls } = build(() =>
    healthy
      ? Promise.resolve({ value: "t", expiresInMs: 599_000 })
      : Promise.reject(new UpstreamError("upstream_failed", "503")),
  );
  await expect(token.get()).rejects.toThrow("503");
  healthy = true;
  expect(await token.get()).toBe("t");
  expect(calls()).toBe(2);
});

it("that the server hands out again shortly before its end is not asked for with every single call", async () => {
  const endsAtMs = Date.UTC(2024, 0, 1) + 599_000;
  const { token, clock, calls } = build(() =>
    Promise.resolve({ value: "same", expiresInMs: endsAtMs - clock.now() }),
  );
  await token.get();
  clock.advance(545_000);
  for (let call = 0; call < 30; call += 1) {
    await token.get();
    clock.advance(1_000);
  }
  expect(calls()).toBeLessThanOrEqual(4);
});
