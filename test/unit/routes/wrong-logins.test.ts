import { WrongLogins } from "../../../routes/middleware/wrong-logins.js";
import { createFakeClock } from "../../support/fake-clock.js";

function guess(logins: WrongLogins, times: number, ...addresses: readonly string[]): void {
  for (const address of addresses) for (let n = 0; n < times; n += 1) logins.count(address);
}

test("an address has so many guesses in a minute, and then so many more", () => {
  const clock = createFakeClock();
  const logins = new WrongLogins(3, clock);
  guess(logins, 2, "192.0.2.1");
  expect(logins.areTooMany("192.0.2.1")).toBe(false);
  clock.advance(30_000);
  guess(logins, 1, "192.0.2.1");
  expect(logins.areTooMany("192.0.2.1")).toBe(true);
  expect(logins.areTooMany("192.0.2.2")).toBe(false);
  clock.advance(30_001);
  expect(logins.areTooMany("192.0.2.1")).toBe(false);
});

test("0 means any number", () => {
  const logins = new WrongLogins(0, createFakeClock());
  guess(logins, 1_000, "192.0.2.1");
  expect(logins.areTooMany("192.0.2.1")).toBe(false);
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["::1", "::2", true],
  ["2001:db8::", "2001:db8:0:0:1::", true],
  ["::ffff:192.0.2.1", "192.0.2.1", true],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
  ["fe80::1%eth0", "fe80::2%eth1", true],
])("%s and %s are one guesser: %s", (one, other, same) => {
  const logins = new WrongLogins(1, createFakeClock());
  guess(logins, 1, one);
  expect(logins.areTooMany(other)).toBe(same);
});

test("a flood from many addresses takes no more memory than a limited one", () => {
  const logins = new WrongLogins(1, createFakeClock());
  for (let n = 0; n < 20_000; n += 1) logins.count(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  expect([logins.areTooMany("10.0.0.0"), logins.areTooMany("10.0.78.31")]).toEqual([false, true]);
});
