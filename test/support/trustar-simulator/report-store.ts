import type { ExtractedIndicator } from "./extract.js";

export interface Report {
  readonly id: string;
  readonly externalTrackingId?: string;
  readonly externalUrl?: string;
  readonly title: string;
  readonly reportBody: string;
  readonly timeBegan: number;
  readonly enclaveId: string;
  readonly created: number;
  readonly updated: number;
  /** Extraction is done from this moment on. */
  readonly processedAt: number;
  /** Extraction ends without a result. */
  readonly failed?: boolean;
  readonly submissionVersion: number;
  readonly tags: readonly string[];
  readonly indicators: readonly ExtractedIndicator[];
}

/** Reports by id and by the indicators in them. */
export class ReportStore {
  readonly #reports = new Map<string, Report>();
  readonly #byValue = new Map<string, Set<string>>();

  put(report: Report): void {
    this.delete(report.id);
    this.#reports.set(report.id, report);
    for (const { value } of report.indicators) {
      const ids = this.#byValue.get(value);
      if (ids === undefined) this.#byValue.set(value, new Set([report.id]));
      else ids.add(report.id);
    }
  }

  delete(id: string): void {
    const report = this.#reports.get(id);
    this.#reports.delete(id);
    for (const { value } of report?.indicators ?? []) {
      const ids = this.#byValue.get(value);
      ids?.delete(id);
      if (ids?.size === 0) this.#byValue.delete(value);
    }
  }

  get(id: string): Report | undefined {
    return this.#reports.get(id);
  }

  /** The same tracking id may be used once in each enclave. */
  byExternalId(externalTrackingId: string): readonly Report[] {
    return this.all().filter((report) => report.externalTrackingId === externalTrackingId);
  }

  containing(value: string): readonly Report[] {
    const ids = this.#byValue.get(value);
    if (ids === undefined) return [];
    return [...ids].flatMap((id) => this.#reports.get(id) ?? []);
  }

  all(): readonly Report[] {
    return [...this.#reports.values()];
  }

  values(): IterableIterator<string> {
    return this.#byValue.keys();
  }
}
