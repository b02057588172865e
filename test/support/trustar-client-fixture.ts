import { inspect } from "node:util";
import { Secret } from "../../src/core/secret.js";
import { DAY_MS, systemClock, type Clock } from "../../src/core/time.js";
import { createHttp } from "../../services/http/create-http.js";
import { BudgetGate, createAddressWindow } from "../../services/trustar/budget-gate.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient } from "../../services/trustar/trustar-client.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./trustar-simulator/start-trustar-simulator.js";

/** Real time that a test can push forward, for what waits on real sockets and on long times both. */
export interface ShiftedClock extends Clock {
  advance(ms: number): void;
}

export function createShiftedClock(): ShiftedClock {
  let shiftMs = 0;
  return {
    now: () => systemClock.now() + shiftMs,
    advance: (ms) => {
      shiftMs += ms;
    },
  };
}

/** A clock for a simulator with a daily quota: noon, so that its reset is far away whenever the test runs. */
export function createNoonClock(): ShiftedClock {
  const clock = createShiftedClock();
  clock.advance(DAY_MS + DAY_MS / 2 - (clock.now() % DAY_MS));
  return clock;
}

export interface ClientSettings {
  readonly simulator?: TrustarSimulatorOptions;
  readonly apiSecret?: string;
  readonly timeoutMs?: number;
  readonly enclaveIds?: readonly string[];
}

export interface ClientParts extends AsyncDisposable {
  readonly simulator: TrustarSimulator;
  readonly client: TrustarClient;
  readonly indicators: TrustarIndicators;
  readonly account: TrustarAccount;
  readonly gate: BudgetGate;
  readonly clock: ShiftedClock;
  /** "endpoint status" of every call that reached the network. */
  readonly observed: string[];
}

/** A client and its simulator, connected by real sockets; both are closed when the test ends. */
export async function openClient(settings: ClientSettings = {}): Promise<ClientParts> {
  const simulator = await startTrustarSimulator(settings.simulator);
  const clock = createShiftedClock();
  const gate = new BudgetGate(clock, createAddressWindow());
  const observed: string[] = [];
  const client = new TrustarClient({
    url: simulator.url,
    apiKey: new Secret(simulator.credentials.key),
    apiSecret: new Secret(settings.apiSecret ?? simulator.credentials.secret),
    version: "9.9.9",
    http: createHttp({ upstream: "TruSTAR", timeoutMs: settings.timeoutMs ?? 20_000, maxSockets: 64 }),
    gate,
    clock,
    observe: (endpoint, status) => observed.push(`${endpoint} ${status}`),
  });
  const account = new TrustarAccount(client, gate, clock);
  const indicators = new TrustarIndicators({
    client,
    enclaveIds: settings.enclaveIds ?? [],
    stationUrl: "https://station.example",
    beforeCost: () => undefined,
  });
  return {
    simulator,
    client,
    indicators,
    account,
    gate,
    clock,
    observed,
    [Symbol.asyncDispose]: async () => {
      client.close();
      gate.close();
      await simulator.close();
    },
  };
}

/** The error of `work`, as deep as anybody could print it. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ readonly error: Error; readonly printed: string }> {
  const error: unknown = await work.then(
    () => new Error("it did not fail"),
    (caught: unknown) => caught,
  );
  return { error: error as Error, printed: inspect(error, { depth: null, showHidden: true, getters: true }) };
}
