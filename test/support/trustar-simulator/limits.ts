import { DAY_MS, MINUTE_MS } from "../../../src/core/time.js";
import { json, type Reply } from "./reply.js";
import type { SimulatorClock } from "./simulator-clock.js";
import { stableId } from "./stable-id.js";

/** Every rate is off until given; the sizes have the service's documented values. */
export interface Limits {
  readonly perMinutePerUser?: number;
  readonly perFiveMinutesPerAddress?: number;
  readonly perDayPerCompany?: number;
  /** Values in one metadata or summaries call; off until given. */
  readonly valuesPerCall?: number;
  readonly queryBytes?: number;
  readonly indicatorsPerReport?: number;
  readonly reportBytes?: number;
}

/** Shown by `/request-quotas` while no daily quota is enforced. */
const UNENFORCED_QUOTA = 1_000_000;

export function tooManyRequests(waitTimeMs: number | null): Reply {
  const wait = waitTimeMs ?? 1000;
  const message = `Request limit exceeded for the current time period. Please wait ${wait} milliseconds before making more requests.`;
  return json(waitTimeMs === null ? { message } : { message, waitTime: waitTimeMs }, 429);
}

/** Call times within one moving window. */
class Window {
  readonly #lengthMs: number;
  readonly #calls = new Map<string, number[]>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** 0 when there is room, else the milliseconds until there is. */
  waitMs(who: string, max: number, now: number): number {
    const calls = this.#calls.get(who) ?? [];
    while (calls.length > 0 && (calls[0] ?? 0) <= now - this.#lengthMs) calls.shift();
    return calls.length < max ? 0 : (calls[calls.length - max] ?? now) + this.#lengthMs - now;
  }

  add(who: string, now: number): void {
    const calls = this.#calls.get(who);
    if (calls === undefined) this.#calls.set(who, [now]);
    else calls.push(now);
  }
}

/** The three limits; a refused call uses up none of them. */
export class RateLimits {
  readonly #clock: SimulatorClock;
  readonly #minute = new Window(MINUTE_MS);
  readonly #fiveMinutes = new Window(5 * MINUTE_MS);
  #limits: Limits;
  #day = -1;
  #usedToday = 0;

  constructor(clock: SimulatorClock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get limits(): Limits {
    return this.#limits;
  }

  set(limits: Limits): void {
    this.#limits = limits;
  }

  /** The refusal, or undefined after the call was counted. */
  admit(user: string, address: string, countsAgainstQuota: boolean): Reply | undefined {
    const now = this.#clock.now();
    this.#turnDay(now);
    const { perMinutePerUser, perFiveMinutesPerAddress, perDayPerCompany } = this.#limits;
    const waits = [
      perFiveMinutesPerAddress === undefined
        ? 0
        : this.#fiveMinutes.waitMs(address, perFiveMinutesPerAddress, now),
      perMinutePerUser === undefined ? 0 : this.#minute.waitMs(user, perMinutePerUser, now),
      countsAgainstQuota && this.#usedToday >= (perDayPerCompany ?? Infinity) ? this.#nextReset() - now : 0,
    ];
    const wait = Math.max(...waits);
    if (wait > 0) return tooManyRequests(wait);
    if (perFiveMinutesPerAddress !== undefined) this.#fiveMinutes.add(address, now);
    if (perMinutePerUser !== undefined) this.#minute.add(user, now);
    if (countsAgainstQuota) this.#usedToday += 1;
    return undefined;
  }

  quotas(): unknown {
    this.#turnDay(this.#clock.now());
    return [
      {
        guid: stableId("daily company quota"),
        maxRequests: this.#limits.perDayPerCompany ?? UNENFORCED_QUOTA,
        usedRequests: this.#usedToday,
        timeWindow: DAY_MS,
        lastResetTime: this.#nextReset() - DAY_MS,
        nextResetTime: this.#nextReset(),
      },
    ];
  }

  /** Days are UTC days: the epoch began at 00:00 UTC. */
  #turnDay(now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day !== this.#day) this.#usedToday = 0;
    this.#day = day;
  }

  #nextReset(): number {
    return (this.#day + 1) * DAY_MS;
  }
}
