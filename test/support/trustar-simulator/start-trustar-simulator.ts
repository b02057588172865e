import { API_PATH, TOKEN_PATH } from "./api.js";
import type { CallCounts, LoggedRequest } from "./call-log.js";
import type { ExtractedIndicator } from "./extract.js";
import type { Faults } from "./faults.js";
import type { Limits } from "./limits.js";
import type { Credentials, Enclave, KnownIndicator, KnownRule, NewIndicator } from "./model.js";
import type { TrustarSimulatorOptions } from "./options.js";
import type { Report } from "./report-store.js";
import type { SimulatorClock } from "./simulator-clock.js";
import { SimulatorServer } from "./simulator-server.js";
import { World } from "./world.js";

export type { CallCounts, LoggedRequest } from "./call-log.js";
export type { Fault, Faults } from "./faults.js";
export type { Limits } from "./limits.js";
export type {
  Account,
  Credentials,
  Enclave,
  IndicatorType,
  KnownRule,
  NewIndicator,
  NewSummary,
} from "./model.js";
export type { TrustarSimulatorOptions } from "./options.js";
export type { Report } from "./report-store.js";
export type { SimulatorClock } from "./simulator-clock.js";

export interface TrustarSimulator extends AsyncDisposable {
  /** Scheme, host and port. */
  readonly url: string;
  /** The base of API 1.3 below it. */
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly credentials: Credentials;
  readonly enclaves: readonly Enclave[];
  /** The simulator's time: token expiry, limits, extraction, search windows. */
  readonly clock: SimulatorClock;
  readonly faults: Faults;
  readonly addIndicator: (indicator: NewIndicator) => KnownIndicator;
  readonly addRule: (rule: KnownRule) => void;
  readonly setLimits: (limits: Limits) => void;
  readonly setExtractionDelay: (ms: number) => void;
  /** Every token is answered as expired from now on. */
  readonly revokeTokens: () => void;
  /** Every token that it has given out. */
  readonly issuedTokens: () => readonly string[];
  readonly reports: () => readonly Report[];
  readonly whitelist: () => readonly ExtractedIndicator[];
  readonly calls: () => CallCounts;
  /** The last 500 calls, without credentials. */
  readonly requests: () => readonly LoggedRequest[];
  readonly resetCalls: () => void;
  readonly close: () => Promise<void>;
}

export async function startTrustarSimulator(
  options: TrustarSimulatorOptions = {},
): Promise<TrustarSimulator> {
  const world = new World(options);
  const server = new SimulatorServer(world, options.tls);
  const port = await server.listen(options.port ?? 0);
  const url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const [{ key, secret }] = world.accounts;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  return {
    url,
    apiUrl: url + API_PATH,
    authUrl: url + TOKEN_PATH,
    credentials: { key, secret },
    enclaves: world.enclaves.all,
    clock: world.clock,
    faults: world.faults,
    addIndicator: (indicator) => world.catalogue.set(indicator),
    addRule: (rule) => {
      world.catalogue.addRule(rule);
    },
    setLimits: (limits) => {
      world.limits.set(limits);
    },
    setExtractionDelay: (ms) => {
      world.extractionDelayMs = ms;
    },
    revokeTokens: () => {
      world.tokens.revoke();
    },
    issuedTokens: () => world.tokens.issued(),
    reports: () => world.reports.all(),
    whitelist: () => world.whitelist.all(),
    calls: () => world.calls.counts(),
    requests: () => world.calls.requests(),
    resetCalls: () => {
      world.calls.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
