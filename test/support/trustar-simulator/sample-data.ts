import { readFileSync } from "node:fs";
import { HOUR_MS } from "../../../src/core/time.js";
import { extractIndicators } from "./extract.js";
import type { NewSummary, SummaryAttribute } from "./model.js";
import { stableId } from "./stable-id.js";
import type { World } from "./world.js";

interface SampleSummary {
  readonly source: string;
  readonly in: string;
  readonly severityLevel?: number;
  readonly score?: { readonly name: string; readonly value: string };
  readonly createdHoursAgo?: number;
  readonly updatedHoursAgo?: number;
  readonly description?: string;
  readonly attributes?: readonly SummaryAttribute[];
}

interface SampleData {
  readonly indicators: readonly {
    readonly value: string;
    readonly in: readonly string[];
    readonly sightings: number;
    readonly firstSeenHoursAgo: number;
    readonly lastSeenHoursAgo: number;
    readonly tags?: readonly string[];
    readonly notes?: readonly string[];
    readonly summaries?: readonly SampleSummary[];
  }[];
  readonly reports: readonly {
    readonly title: string;
    readonly in: string;
    readonly externalTrackingId?: string;
    readonly body: string;
    readonly createdHoursAgo: number;
    readonly updatedHoursAgo: number;
    readonly tags: readonly string[];
  }[];
}

/** Ages in the file count back from the full hour of the simulator's start, so that "recent" stays recent. */
export function addSampleData(world: World): void {
  const data = JSON.parse(readFileSync(new URL("./sample-data.json", import.meta.url), "utf8")) as SampleData;
  const start = Math.floor(world.clock.now() / HOUR_MS) * HOUR_MS;
  const ago = (hours: number): number => start - hours * HOUR_MS;
  const enclaveNamed = (name: string): string =>
    world.enclaves.all.find((enclave) => enclave.name === name)?.id ?? world.enclaves.defaultFeed;

  for (const {
    in: names,
    firstSeenHoursAgo,
    lastSeenHoursAgo,
    summaries = [],
    ...indicator
  } of data.indicators) {
    world.catalogue.set({
      ...indicator,
      enclaveIds: names.map(enclaveNamed),
      firstSeen: ago(firstSeenHoursAgo),
      lastSeen: ago(lastSeenHoursAgo),
      summaries: summaries.map(({ in: name, createdHoursAgo, updatedHoursAgo, ...summary }): NewSummary => ({
        ...summary,
        enclaveId: enclaveNamed(name),
        ...(createdHoursAgo === undefined ? {} : { created: ago(createdHoursAgo) }),
        ...(updatedHoursAgo === undefined ? {} : { updated: ago(updatedHoursAgo) }),
      })),
    });
  }
  for (const { in: name, body, createdHoursAgo, updatedHoursAgo, ...report } of data.reports) {
    world.reports.put({
      ...report,
      id: stableId(`report ${report.title}`),
      reportBody: body,
      enclaveId: enclaveNamed(name),
      timeBegan: ago(createdHoursAgo + 1),
      created: ago(createdHoursAgo),
      updated: ago(updatedHoursAgo),
      processedAt: 0,
      submissionVersion: 1,
      indicators: extractIndicators(`${report.title}\n${body}`),
    });
  }
}
