import { isIPv6 } from "node:net";
import { LRUCache } from "lru-cache";
import { MINUTE_MS, type Clock } from "../../src/core/time.js";

/** Addresses remembered; a flood from more of them guesses at most this much faster. */
const MAX_ADDRESSES = 10_000;
/** A household of IPv6 addresses: whoever has one has all of these. */
const IPV6_PREFIX_GROUPS = 4;

/** Counts wrong credentials by the address they came from, each for a minute from its first. */
export class WrongLogins {
  readonly #max: number;
  readonly #counts: LRUCache<string, number>;

  /** @param max in a minute; 0 = any number */
  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#counts = new LRUCache({
      max: MAX_ADDRESSES,
      ttl: MINUTE_MS,
      noUpdateTTL: true,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
  }

  count(address: string | undefined): void {
    const key = keyOf(address);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Whether this address has guessed so often that it may not for a while. */
  areTooMany(address: string | undefined): boolean {
    return this.#max > 0 && (this.#counts.get(keyOf(address)) ?? 0) >= this.#max;
  }
}

function keyOf(address = ""): string {
  const [plain = ""] = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%", 1);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  return [...groups, ...Array<string>(missing).fill("0")].slice(0, IPV6_PREFIX_GROUPS).join(":");
}
