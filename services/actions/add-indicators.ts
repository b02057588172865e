import { UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import type { ArtifactRecord } from "../../src/core/incident.js";
import type { IndicatorRef } from "../../src/core/report.js";
import { comparable } from "../core/indicator-value.js";
import type { ActionContext } from "./context.js";
import { inParallel } from "./in-parallel.js";
import type { IncidentView } from "./incident-view.js";
import { makeOnce } from "./make-once.js";
import { correlatedDescription, isCorrelatedArtifact } from "./report/correlated.js";
import { artifactLabel, fallbackLabel } from "./trustar-types.js";

export interface AddedIndicators {
  readonly added: readonly IndicatorRef[];
  /** Resilient would not have these. */
  readonly refused: number;
}

/** Calls to Resilient at once. */
const width = 6;

/** Adds those indicators as artifacts that aren't in the incident and that nobody took out of it after we had added them. */
export async function addIndicators(
  context: ActionContext,
  view: IncidentView,
  indicators: readonly IndicatorRef[],
): Promise<AddedIndicators> {
  if (indicators.length === 0) return { added: [], refused: 0 };
  const present = new Set((await view.artifacts()).map(({ value }) => comparable(value)));
  const missing = indicators.filter(
    ({ value }) => !present.has(comparable(value)) && !context.ledger.hasAdded(view.id, value),
  );
  const adding = new Adding(context, view.id);
  let done = 0;
  await inParallel(missing, width, async (indicator) => {
    context.stage(`Adding correlated indicators as artifacts: ${done} of ${missing.length}.`);
    await adding.add(indicator);
    done += 1;
  });
  return { added: missing.filter((indicator) => adding.added.has(indicator)), refused: adding.refused };
}

class Adding {
  readonly added = new Set<IndicatorRef>();
  refused = 0;
  readonly #context: ActionContext;
  readonly #incidentId: number;
  /** Ids of artifact types by label: each is asked for, or made, once. */
  readonly #typeIds = new Map<string, Promise<number | undefined>>();

  constructor(context: ActionContext, incidentId: number) {
    this.#context = context;
    this.#incidentId = incidentId;
  }

  async add(indicator: IndicatorRef): Promise<void> {
    const label = artifactLabel(indicator);
    const records =
      (await this.#create(label, indicator.value)) ??
      (await this.#create(fallbackLabel(label), indicator.value));
    if (records === undefined) {
      this.refused += 1;
      return;
    }
    // The server answers with the old artifact when the value was there: then it is an analyst's.
    const ours = records.filter(isCorrelatedArtifact);
    await this.#context.ledger.recordArtifacts(this.#incidentId, ours);
    if (ours.length > 0) this.added.add(indicator);
  }

  /** @returns undefined when Resilient does not take it under this type */
  async #create(label: string | undefined, value: string): Promise<readonly ArtifactRecord[] | undefined> {
    if (label === undefined) return undefined;
    const { incidents, signal } = this.#context;
    const typeId = await this.#typeId(label);
    if (typeId === undefined) return undefined;
    const artifact = { typeId, value, description: correlatedDescription };
    return this.#unlessRefused(label, ["upstream_rejected"], () =>
      makeOnce(this.#context, {
        make: () => incidents.createArtifact(this.#incidentId, artifact, signal),
        find: async () => {
          const present = await incidents.listArtifacts(this.#incidentId, signal);
          const same = present.filter((one) => comparable(one.value) === comparable(value));
          return same.length === 0 ? undefined : same;
        },
      }),
    );
  }

  #typeId(label: string): Promise<number | undefined> {
    const id = this.#typeIds.get(label) ?? this.#askTypeId(label);
    this.#typeIds.set(label, id);
    return id;
  }

  /** An API key that may not make types can still add everything else. */
  #askTypeId(label: string): Promise<number | undefined> {
    const { catalog, signal } = this.#context;
    return this.#unlessRefused(label, ["upstream_rejected", "upstream_forbidden"], async () => {
      const known = await catalog.artifactTypeByName(label, signal);
      return (known ?? (await catalog.ensureArtifactType(label, signal))).id;
    });
  }

  async #unlessRefused<T>(
    type: string,
    codes: readonly UpstreamErrorCode[],
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UpstreamError && codes.includes(error.code))) throw error;
      const facts = { incidentId: this.#incidentId, type, reason: error.message };
      this.#context.log.warn(facts, "Resilient refused a correlated indicator, or its type");
      return undefined;
    }
  }
}
