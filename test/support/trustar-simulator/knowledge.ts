import type { Catalogue } from "./catalogue.js";
import type { Appearance, IndicatorTag, IndicatorType, PriorityLevel, Summary } from "./model.js";
import type { Report, ReportStore } from "./report-store.js";
import type { SimulatorClock } from "./simulator-clock.js";

/** One indicator as seen over a set of enclaves. */
export interface Sighted {
  readonly value: string;
  readonly type: IndicatorType;
  readonly priorityLevel: PriorityLevel;
  readonly sightings: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly enclaveIds: readonly string[];
  readonly tags: readonly IndicatorTag[];
  readonly source: string;
  readonly notes: readonly string[];
  readonly summaries: readonly Summary[];
}

/** Feeds, submissions and processed reports, added up over the enclaves a call asks for: other enclaves, other values. */
export class Knowledge {
  readonly #catalogue: Catalogue;
  readonly #reports: ReportStore;
  readonly #clock: SimulatorClock;

  constructor(catalogue: Catalogue, reports: ReportStore, clock: SimulatorClock) {
    this.#catalogue = catalogue;
    this.#reports = reports;
    this.#clock = clock;
  }

  find(value: string, enclaves: ReadonlySet<string>): readonly Sighted[] {
    const known = this.#catalogue.find(value);
    const reports = this.reportsWith(value, enclaves);
    if (known.length === 0 && reports.length === 0) return [];
    const types = new Set(known.map(({ type }) => type));
    for (const { indicators } of reports) {
      for (const indicator of indicators) if (indicator.value === value) types.add(indicator.type);
    }
    return [...types].flatMap((type) => {
      const listed = known.find((candidate) => candidate.type === type);
      const mentions = reports.filter(({ indicators }) =>
        indicators.some((indicator) => indicator.value === value && indicator.type === type),
      );
      const appearances = [
        ...(listed?.appearances ?? []).filter(({ enclaveId }) => enclaves.has(enclaveId)),
        ...mentions.map(appearanceIn),
      ];
      if (appearances.length === 0) return [];
      return [
        {
          value,
          type,
          priorityLevel: listed?.priorityLevel ?? "NOT_FOUND",
          ...sum(appearances),
          tags: (listed?.tags ?? []).filter(({ enclaveId }) => enclaves.has(enclaveId)),
          source: listed?.source ?? "",
          notes: listed?.notes ?? [],
          summaries: (listed?.summaries ?? []).filter(({ enclaveId }) => enclaves.has(enclaveId)),
        },
      ];
    });
  }

  /** Every indicator that can be listed, plus the one asked for by name if a rule knows it. */
  browse(enclaves: ReadonlySet<string>, term?: string): readonly Sighted[] {
    const values = new Set([...this.#catalogue.values(), ...this.#reports.values()]);
    if (term !== undefined) values.add(term);
    const wanted = term?.toLowerCase();
    return [...values]
      .filter((value) => wanted === undefined || value.toLowerCase().includes(wanted))
      .flatMap((value) => this.find(value, enclaves));
  }

  /** Tags belong to an enclave of their own: the tagged indicator may have been seen in others only. */
  tagsIn(enclaves: ReadonlySet<string>): readonly IndicatorTag[] {
    return [...this.#catalogue.values()]
      .flatMap((value) => this.#catalogue.find(value))
      .flatMap(({ tags }) => tags)
      .filter(({ enclaveId }) => enclaves.has(enclaveId));
  }

  /** Processed reports only. */
  reportsWith(value: string, enclaves: ReadonlySet<string>): readonly Report[] {
    const now = this.#clock.now();
    return this.#reports
      .containing(value)
      .filter(
        (report) => report.processedAt <= now && report.failed !== true && enclaves.has(report.enclaveId),
      );
  }
}

function appearanceIn({ enclaveId, created, updated }: Report): Appearance {
  return { enclaveId, sightings: 1, firstSeen: created, lastSeen: updated };
}

function sum(appearances: readonly Appearance[]): Omit<Appearance, "enclaveId"> & { enclaveIds: string[] } {
  return {
    sightings: appearances.reduce((total, { sightings }) => total + sightings, 0),
    firstSeen: Math.min(...appearances.map(({ firstSeen }) => firstSeen)),
    lastSeen: Math.max(...appearances.map(({ lastSeen }) => lastSeen)),
    enclaveIds: [...new Set(appearances.map(({ enclaveId }) => enclaveId))],
  };
}
