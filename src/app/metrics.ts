import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { LookupObserver } from "../../services/lookup/lookup-observer.js";
import type { UpstreamObserver } from "../../services/trustar/trustar-client.js";
import { artifactTypes } from "../config/artifact-types.js";
import { SECOND_MS } from "../core/time.js";

/** Numbers that are read when somebody looks. */
export interface Readings {
  readonly running: () => number;
  readonly queued: () => number;
  readonly cached: () => number;
  readonly waitingForBudget: () => number;
  /** undefined until TruSTAR has told. */
  readonly quotaLeft: () => number | undefined;
  /** Milliseconds since the epoch; undefined while it lasts, or is not known. */
  readonly quotaRunsOutAtMs: () => number | undefined;
  /** undefined until TruSTAR has told. */
  readonly unsearchableEnclaves: () => number | undefined;
}

export interface Metrics {
  readonly lookups: LookupObserver;
  readonly upstream: UpstreamObserver;
  watch(readings: Readings): void;
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/** Prometheus metrics of one running program, in a registry of its own. No label ever holds an artifact's value. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    lookups: observeLookups(registry),
    upstream: observeUpstream(registry),
    watch: (readings) => {
      watch(registry, readings);
    },
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

function observeLookups(registry: Registry): LookupObserver {
  const registers = [registry];
  const taken = new Counter({
    name: "trustar_lookups_taken_total",
    help: "Artifacts received, by how they were taken",
    labelNames: ["intake"],
    registers,
  });
  const kept = new Counter({
    name: "trustar_values_kept_inside_total",
    help: "Values that were not sent to TruSTAR, by reason",
    labelNames: ["reason"],
    registers,
  });
  const duration = new Histogram({
    name: "trustar_lookup_duration_seconds",
    help: "From an artifact's arrival to the end of its look-up, by outcome",
    labelNames: ["outcome"],
    buckets: durationBuckets,
    registers,
  });
  const notAsked = new Counter({
    name: "trustar_artifacts_not_asked_total",
    help: "Artifacts of which nothing was sent to TruSTAR, by type and reason",
    labelNames: ["type", "reason"],
    registers,
  });
  return {
    notAsked: (type, reason) => {
      // The label is bounded, whatever is posted.
      notAsked.inc({ type: artifactTypes.has(type) ? type : "other", reason });
    },
    taken: (intake) => {
      taken.inc({ intake });
    },
    kept: (reason) => {
      kept.inc({ reason });
    },
    ended: (outcome, durationMs) => {
      duration.observe({ outcome }, durationMs / SECOND_MS);
    },
  };
}

function observeUpstream(registry: Registry): UpstreamObserver {
  const duration = new Histogram({
    name: "trustar_upstream_call_duration_seconds",
    help: "Calls of the TruSTAR API by endpoint and status; status 0 = no answer",
    labelNames: ["endpoint", "status"],
    buckets: durationBuckets,
    registers: [registry],
  });
  return (endpoint, status, durationMs) => {
    duration.observe({ endpoint, status }, durationMs / SECOND_MS);
  };
}

function watch(registry: Registry, readings: Readings): void {
  const gauge = (name: string, help: string, read: () => number | undefined): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  gauge("trustar_lookups_running", "Look-ups that have not ended", readings.running);
  gauge("trustar_lookup_queue_depth", "Values that wait for a call to TruSTAR", readings.queued);
  gauge("trustar_cache_entries", "Finished look-ups in memory", readings.cached);
  gauge("trustar_calls_waiting", "Calls that wait for TruSTAR's rate limit", readings.waitingForBudget);
  gauge("trustar_quota_left", "Calls left of the day's quota; absent until known", readings.quotaLeft);
  gauge(
    "trustar_quota_runs_out_timestamp_seconds",
    "When the day's quota is spent at the present rate; absent while it lasts",
    () => inSeconds(readings.quotaRunsOutAtMs()),
  );
  gauge(
    "trustar_enclaves_unsearchable",
    "Configured enclaves that look-ups find nothing in: wrong id or no right to read; absent until known",
    readings.unsearchableEnclaves,
  );
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / SECOND_MS;
}
