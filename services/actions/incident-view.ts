import type { ArtifactRecord, Incident, Note } from "../../src/core/incident.js";
import { SECOND_MS } from "../../src/core/time.js";
import type { ActionContext } from "./context.js";
import { isCorrelatedArtifact } from "./report/correlated.js";

/** Artifacts read longer ago may lack what somebody added meanwhile. */
const freshForMs = 10 * SECOND_MS;

/** An incident during one run: what was read once is used again. */
export class IncidentView {
  readonly incident: Incident;
  readonly #context: ActionContext;
  #artifacts: { readonly atMs: number; readonly read: Promise<readonly ArtifactRecord[]> } | undefined;
  #notes: Promise<readonly Note[]> | undefined;

  private constructor(incident: Incident, context: ActionContext) {
    this.incident = incident;
    this.#context = context;
  }

  static async read(incidentId: number, context: ActionContext): Promise<IncidentView> {
    return new IncidentView(await context.incidents.getIncident(incidentId, context.signal), context);
  }

  get id(): number {
    return this.incident.id;
  }

  artifacts(): Promise<readonly ArtifactRecord[]> {
    const { incidents, clock, signal } = this.#context;
    const nowMs = clock.now();
    if (this.#artifacts === undefined || nowMs - this.#artifacts.atMs > freshForMs) {
      this.#artifacts = { atMs: nowMs, read: incidents.listArtifacts(this.id, signal) };
    }
    return this.#artifacts.read;
  }

  notes(): Promise<readonly Note[]> {
    return (this.#notes ??= this.#context.incidents.listNotes(this.id, this.#context.signal));
  }

  /** Whether enrichment brought this artifact in, also when an analyst has rewritten its description since. */
  isOurs(artifact: ArtifactRecord): boolean {
    return isCorrelatedArtifact(artifact) || this.#context.ledger.isOurArtifact(this.id, artifact.id);
  }
}
