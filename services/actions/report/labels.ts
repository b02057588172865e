import type { IncidentCatalog } from "../../../src/core/incident.js";
import { oneLine } from "./plain-text.js";

/** Asks the catalog for the words that a report prints; an id that the server doesn't know stays a number. */
export class Labels {
  readonly #catalog: IncidentCatalog;
  readonly #signal: AbortSignal;

  constructor(catalog: IncidentCatalog, signal: AbortSignal) {
    this.#catalog = catalog;
    this.#signal = signal;
  }

  phase(id: number | undefined): Promise<string> {
    return orId(id, (known) => this.#catalog.phase(known, this.#signal));
  }

  severity(id: number | undefined): Promise<string> {
    return orId(id, (known) => this.#catalog.severity(known, this.#signal));
  }

  resolution(id: number | undefined): Promise<string> {
    return orId(id, (known) => this.#catalog.resolution(known, this.#signal));
  }

  ofField(name: string, id: number | undefined): Promise<string> {
    return orId(id, (known) => this.#catalog.fieldLabel(name, known, this.#signal));
  }

  async ofValues(name: string, ids: readonly number[]): Promise<string> {
    const sorted = [...ids].sort((a, b) => a - b);
    return (await Promise.all(sorted.map((id) => this.ofField(name, id)))).join(", ");
  }

  /** Labels of artifact types by id. */
  async artifactTypes(ids: Iterable<number>): Promise<ReadonlyMap<number, string>> {
    const label = async (id: number): Promise<string | undefined> =>
      (await this.#catalog.artifactTypeById(id, this.#signal))?.label;
    const entries = [...new Set(ids)].map(async (id) => [id, await orId(id, label)] as const);
    return new Map(await Promise.all(entries));
  }
}

async function orId(
  id: number | undefined,
  label: (id: number) => Promise<string | undefined>,
): Promise<string> {
  return id === undefined ? "" : oneLine((await label(id)) ?? String(id));
}
