import { outlastOutage } from "../../services/http/retry-policy.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { Examiner } from "../../services/lookup/examiner.js";
import { QueueForecast } from "../../services/lookup/forecast.js";
import { IntelligenceDesk } from "../../services/lookup/intelligence.js";
import { LookupEngine } from "../../services/lookup/lookup-engine.js";
import { LookupStore } from "../../services/lookup/lookup-store.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import { paceOf } from "../../src/app/threat-source.js";
import type { IndicatorSource } from "../../src/core/ports.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/time.js";
import { metadataOf, silentLog, submissionOf, summaryOf } from "./lookup-fixtures.js";
import type { Seeded } from "./seeded.js";
import { startVirtualTime, type VirtualTime } from "./virtual-time.js";

export interface WorkingDay {
  /** Hours after the quota's reset at which its bursts begin. */
  readonly startHour: number;
  readonly hours: number;
  readonly artifacts: number;
  readonly bursts: number;
  /** Share of the artifacts that TruSTAR knows. */
  readonly known: number;
  /** How busy each part of the day is, all parts equally long; [1] = evenly. */
  readonly shape: readonly number[];
  /** So many of the artifacts come in one burst in the middle of the day. */
  readonly giant?: number;
}

export interface DayOutcome {
  readonly answered: number;
  /** Told as 503. */
  readonly failed: number;
  /** To TruSTAR, when each was made. */
  readonly callsAtMs: readonly number[];
  readonly polls: number;
  /** From each POST to its answer, in milliseconds, by the time of the POST. */
  readonly waits: readonly { readonly atMs: number; readonly ms: number }[];
}

export interface DaysOptions {
  readonly perDay: number;
  readonly seeded: Seeded;
}

const polling = { firstRetrySecs: 5, laterRetrySecs: 60, maxRetries: 60 };
const latencyMs = 300;
/** The platform posts from a pool of threads. */
const threadGapMs = 3;

/** Lives through the days one after the other, with the product's own parts and settings between POST and upstream call. */
export async function liveThrough(
  days: readonly WorkingDay[],
  { perDay, seeded }: DaysOptions,
): Promise<readonly DayOutcome[]> {
  const beginMs = Date.UTC(2024, 0, 1);
  using time = startVirtualTime(beginMs);
  const callsAtMs: number[] = [];
  const { engine, gate } = buildEngineAndGate(time, callsAtMs);
  gate.setQuota({ maxRequests: perDay, usedRequests: 0, resetAtMs: beginMs + DAY_MS });
  const random = (): number => seeded.between(0, 2 ** 31 - 1) / 2 ** 31;
  let values = 0;
  const outcomes: DayOutcome[] = [];
  for (const [index, day] of days.entries()) {
    const dayMs = beginMs + index * DAY_MS;
    await time.runUntil(dayMs);
    const callsBefore = callsAtMs.length;
    const waits: { atMs: number; ms: number }[] = [];
    let [failed, polls] = [0, 0];
    const lookUp = async (value: string): Promise<void> => {
      const atMs = time.now();
      let answer = await engine.submit(submissionOf("net.name", value));
      while (answer.state === "pending") {
        const { id, retrySecs } = answer;
        await pause(retrySecs * SECOND_MS);
        polls += 1;
        answer = engine.poll(id);
      }
      if (answer.state === "failed") failed += 1;
      else waits.push({ atMs: atMs - dayMs, ms: time.now() - atMs });
    };
    for (const { atMs, size } of burstsOf(day, random)) {
      for (let at = 0; at < size; at += 1) {
        const value = `${random() < day.known ? known : "other"}${(values += 1)}.example.com`;
        setTimeout(() => void lookUp(value), dayMs + atMs + at * threadGapMs - time.now());
      }
    }
    await time.runUntil(dayMs + DAY_MS - 1);
    outcomes.push({
      answered: waits.length,
      failed,
      callsAtMs: callsAtMs.slice(callsBefore).map((ms) => ms - dayMs),
      polls,
      waits,
    });
  }
  engine.close();
  gate.close();
  return outcomes;
}

const known = "known";

function buildEngineAndGate(
  time: VirtualTime,
  callsAtMs: number[],
): { readonly engine: LookupEngine; readonly gate: BudgetGate } {
  const gate = new BudgetGate(time, createAddressWindow());
  const call = async (signal: AbortSignal): Promise<void> => {
    await gate.pass("lookup", true, signal);
    callsAtMs.push(time.now());
    await pause(latencyMs);
    forecast.noteCall(latencyMs);
  };
  const source: IndicatorSource = {
    metadata: async (values, signal) => {
      await call(signal);
      return values.filter((value) => value.startsWith(known)).map((value) => metadataOf(value));
    },
    summaries: async (values, signal) => {
      await call(signal);
      return values.map((value) => summaryOf(value, 3));
    },
    correlatedReports: () => Promise.resolve([]),
    reportLink: () => "",
    indicatorLink: () => "",
  };
  const maxHeldBytes = 64 * 1024 * 1024;
  const batching = { batchSize: 100, batchWindowMs: 10, concurrency: 2 };
  const desk: IntelligenceDesk = new IntelligenceDesk({
    ...batching,
    source,
    retry: outlastOutage,
    isAwaited: () => engine.isAwaited,
    pace: paceOf(polling, gate, time),
    onStray: () => undefined,
    onTrouble: () => undefined,
  });
  const forecast = new QueueForecast({
    ...batching,
    newValues: desk.newValues,
    knownValues: desk.knownValues,
    waitForCallsMs: (calls) => gate.waitForCallsMs(calls),
  });
  const store = new LookupStore({
    cacheSize: 10_000,
    cacheTtlMs: 10 * MINUTE_MS,
    missTtlMs: 10 * MINUTE_MS,
    deliverWithinMs: 3 * MINUTE_MS,
    maxBytes: maxHeldBytes,
    maxUndelivered: 50_000,
    isRunning: (key) => engine.isRunning(key),
    clock: time,
  });
  const engine: LookupEngine = new LookupEngine({
    ...polling,
    examiner: new Examiner({
      desk,
      links: source,
      log: silentLog,
      minPriority: "MEDIUM",
      hitDetail: "summaries",
    }),
    store,
    policy: new EgressPolicy([]),
    clock: time,
    log: silentLog,
    observer: {
      taken: () => undefined,
      kept: () => undefined,
      notAsked: () => undefined,
      ended: () => undefined,
    },
    record: () => undefined,
    answerWithinMs: SECOND_MS,
    maxRunning: 50_000,
    maxWaitingBytes: maxHeldBytes,
    forecast,
    whyHeld: () => gate.whyHeld(),
    isQuotaSpent: () => gate.quota.isSpentFor("lookup"),
  });
  return { engine, gate };
}

interface Burst {
  readonly atMs: number;
  readonly size: number;
}

/** Bursts of very different sizes, at random moments. */
function burstsOf(day: WorkingDay, random: () => number): readonly Burst[] {
  const { startHour, hours, artifacts, bursts, shape, giant = 0 } = day;
  const at = (share: number): number => (startHour + hours * share) * HOUR_MS;
  const weights = Array.from({ length: bursts }, () => -Math.log(1 - random()));
  const perWeight = (artifacts - giant - bursts) / weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  const small = weights.map((weight) => {
    const from = Math.round(before);
    before += weight * perWeight;
    return { atMs: at(moment(shape, random)), size: 1 + Math.round(before) - from };
  });
  return giant > 0 ? [...small, { atMs: at(0.5), size: giant }] : small;
}

/** A random moment of the day, as a share of it. */
function moment(shape: readonly number[], random: () => number): number {
  let left = random() * shape.reduce((sum, weight) => sum + weight, 0);
  for (const [part, weight] of shape.entries()) {
    if (left < weight) return (part + left / weight) / shape.length;
    left -= weight;
  }
  return 1;
}

/** Not from node:timers/promises: virtual time has this one. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
