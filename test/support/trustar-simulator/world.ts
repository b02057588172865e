import { CallLog } from "./call-log.js";
import { Catalogue } from "./catalogue.js";
import { Enclaves, SAMPLE_ENCLAVES } from "./enclaves.js";
import { Faults } from "./faults.js";
import { Knowledge } from "./knowledge.js";
import { RateLimits } from "./limits.js";
import type { Account, Credentials } from "./model.js";
import type { SimulatorSettings } from "./options.js";
import { ReportStore } from "./report-store.js";
import { addSampleData } from "./sample-data.js";
import { SimulatorClock } from "./simulator-clock.js";
import { stableId } from "./stable-id.js";
import { Tokens } from "./tokens.js";
import { Whitelist } from "./whitelist.js";

export const SAMPLE_CREDENTIALS: Credentials = {
  key: stableId("api key of the simulator"),
  secret: "simulator-secret",
};

/** Everything a running simulator remembers. Made once per simulator; the routes work on it. */
export class World {
  readonly clock: SimulatorClock;
  readonly enclaves: Enclaves;
  readonly accounts: readonly [Account, ...Account[]];
  readonly tokens: Tokens;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly calls = new CallLog();
  readonly reports = new ReportStore();
  readonly whitelist = new Whitelist();
  readonly catalogue: Catalogue;
  readonly knowledge: Knowledge;
  readonly redactions: Readonly<Record<string, string>>;
  readonly detailsWhileProcessing: boolean;
  readonly extractionFails: (report: { readonly title: string; readonly reportBody: string }) => boolean;
  extractionDelayMs: number;

  constructor(settings: SimulatorSettings) {
    this.clock = new SimulatorClock(settings.clock);
    this.enclaves = new Enclaves(settings.enclaves ?? SAMPLE_ENCLAVES);
    this.accounts = [settings.credentials ?? SAMPLE_CREDENTIALS, ...(settings.otherAccounts ?? [])];
    this.tokens = new Tokens(this.accounts, this.clock, settings.tokenLifetimeMs ?? 599_000);
    this.limits = new RateLimits(this.clock, settings.limits ?? {});
    this.faults = new Faults(settings.faultSeed ?? 1);
    this.catalogue = new Catalogue(this.enclaves, this.clock);
    this.knowledge = new Knowledge(this.catalogue, this.reports, this.clock);
    this.redactions = settings.redactions ?? { "Jane Doe": "<person>", "Acme Corp": "<company>" };
    this.detailsWhileProcessing = settings.detailsWhileProcessing ?? false;
    this.extractionFails = settings.extractionFails ?? (() => false);
    this.extractionDelayMs = settings.extractionDelayMs ?? 20;
    if (settings.sampleData ?? true) addSampleData(this);
    for (const indicator of settings.indicators ?? []) this.catalogue.set(indicator);
    if (settings.known !== undefined) this.catalogue.addRule(settings.known);
    if (settings.latencyMs !== undefined) this.faults.add({ kind: "latency", ms: settings.latencyMs });
  }
}
