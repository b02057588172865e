import { DAY_MS, HOUR_MS } from "../../../src/core/time.js";
import type { Enclaves } from "./enclaves.js";
import type {
  IndicatorTag,
  IndicatorType,
  IntelligenceSource,
  KnownIndicator,
  KnownRule,
  NewIndicator,
  NewSummary,
  Summary,
} from "./model.js";
import { recognise } from "./recognise.js";
import type { SimulatorClock } from "./simulator-clock.js";
import { stableId } from "./stable-id.js";

/** What feeds and indicator submissions know; reports are counted in by `Knowledge`. */
export class Catalogue {
  readonly #enclaves: Enclaves;
  readonly #clock: SimulatorClock;
  readonly #byValue = new Map<string, KnownIndicator[]>();
  readonly #rules: KnownRule[] = [];

  constructor(enclaves: Enclaves, clock: SimulatorClock) {
    this.#enclaves = enclaves;
    this.#clock = clock;
  }

  /** Replaces what was known of the same value and type. */
  set(indicator: NewIndicator): KnownIndicator {
    const built = this.#build(indicator, 0);
    this.#put(built);
    return built;
  }

  /** Adds to what was known of the same value and type. */
  add(indicator: NewIndicator, visibleAt: number): void {
    const added = this.#build(indicator, visibleAt);
    const known = this.#byValue.get(added.value)?.find(({ type }) => type === added.type);
    this.#put(known === undefined ? added : merge(known, added));
  }

  #put(indicator: KnownIndicator): void {
    const others = (this.#byValue.get(indicator.value) ?? []).filter(({ type }) => type !== indicator.type);
    this.#byValue.set(indicator.value, [...others, indicator]);
  }

  /** Also for a value known by rule or from reports only: it's listed from now on. */
  retag(
    value: string,
    type: IndicatorType,
    change: (tags: readonly IndicatorTag[]) => readonly IndicatorTag[],
  ): void {
    const known = this.find(value).find((candidate) => candidate.type === type);
    const base = known ?? this.#build({ value, type, enclaveIds: [] }, 0);
    this.#put({ ...base, tags: change(base.tags) });
  }

  addRule(rule: KnownRule): void {
    this.#rules.push(rule);
  }

  /** Exact match only. A value can be known as more than one type. */
  find(value: string): readonly KnownIndicator[] {
    const listed = this.#byValue.get(value);
    if (listed !== undefined) return listed.filter(({ visibleAt }) => visibleAt <= this.#clock.now());
    for (const rule of this.#rules) {
      const known = rule(value);
      if (known !== false) return [this.#build({ ...(known === true ? {} : known), value }, 0)];
    }
    return [];
  }

  /** The listed values; those known by rule can't be listed. */
  values(): IterableIterator<string> {
    return this.#byValue.keys();
  }

  #build(indicator: NewIndicator, visibleAt: number): KnownIndicator {
    const { value, sightings = 1, source = "", notes = [], priorityLevel = "NOT_FOUND" } = indicator;
    const enclaveIds = indicator.enclaveIds ?? [this.#enclaves.defaultFeed];
    const firstSeen = indicator.firstSeen ?? this.#clock.now() - 30 * DAY_MS;
    const lastSeen = indicator.lastSeen ?? this.#clock.now() - HOUR_MS;
    const first = enclaveIds[0] ?? this.#enclaves.defaultFeed;
    const summaries = indicator.summaries ?? levelOnly(indicator.severityLevel);
    return {
      value,
      type: indicator.type ?? recognise(value) ?? "URL",
      appearances: enclaveIds.map((enclaveId) => ({ enclaveId, sightings, firstSeen, lastSeen })),
      tags: (indicator.tags ?? []).map((name) => ({
        guid: stableId(`tag ${name} ${first}`),
        name: name.toLowerCase(),
        enclaveId: first,
      })),
      source,
      notes,
      priorityLevel,
      summaries: summaries.map((summary) => complete(summary, value, first, firstSeen, lastSeen)),
      visibleAt,
    };
  }
}

function merge(known: KnownIndicator, added: KnownIndicator): KnownIndicator {
  return {
    ...added,
    appearances: [...known.appearances, ...added.appearances],
    tags: [...new Map([...known.tags, ...added.tags].map((tag) => [tag.guid, tag])).values()],
    notes: [...known.notes, ...added.notes],
    summaries: [...known.summaries, ...added.summaries],
    visibleAt: Math.min(known.visibleAt, added.visibleAt),
  };
}

function levelOnly(severityLevel: number | undefined): readonly NewSummary[] {
  return severityLevel === undefined ? [] : [{ severityLevel }];
}

function complete(
  summary: NewSummary,
  value: string,
  enclaveId: string,
  firstSeen: number,
  lastSeen: number,
): Summary {
  const source = sourceOf(summary.source);
  const shorthand = Object.keys(summary).every((key) => key === "severityLevel");
  return {
    reportId: stableId(`summary ${source.key} ${value}`),
    enclaveId,
    ...(shorthand ? { created: firstSeen, updated: lastSeen } : {}),
    ...summary,
    source,
  };
}

function sourceOf(source: string | IntelligenceSource = "Threat Example"): IntelligenceSource {
  if (typeof source !== "string") return source;
  return { key: source.toLowerCase().replace(/[^a-z0-9]+/g, "_"), name: source };
}
