import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { candidatesOf } from "../../services/lookup/candidates.js";
import { lookupIdOf } from "../../services/lookup/lookup-id.js";
import type { Hit } from "../../src/core/hit.js";
import type { TempFolder } from "../support/product.js";
import type { WireArtifact } from "./artifacts.js";
import { openService, type Simulator } from "./scene.js";

const fileName = "trustar-resilient.state";

/**
 * A state file as the service leaves it after it has looked all of these up: the only way to a hundred thousand results
 * that does not take TruSTAR's limit of a call a second.
 * @returns what puts it into a service's folder before the start
 */
export async function savedLookups(
  simulator: Simulator,
  artifacts: readonly WireArtifact[],
  checkedAtMs: number,
): Promise<(folder: TempFolder) => Promise<unknown>> {
  const header = await headerOf(simulator);
  const lines = artifacts.flatMap((artifact, at) => {
    const of = candidatesOf(artifact);
    if (of.length === 0) return [];
    const hits = at % 20 === 7 ? [aHit(artifact.value)] : [];
    const id = lookupIdOf(JSON.stringify(artifact));
    return [
      { is: "done", of, atMs: checkedAtMs, hits },
      { is: "id", id, of },
    ];
  });
  const text = [header, ...lines.map((line) => JSON.stringify(line)), ""].join("\n");
  return (folder) => writeFile(join(folder.path, fileName), text, { mode: 0o600 });
}

/** The first line names the configuration that the results belong to. */
async function headerOf(simulator: Simulator): Promise<string> {
  await using service = await openService(simulator);
  const text = await readFile(join(service.folder.path, fileName), "utf8");
  return text.slice(0, text.indexOf("\n"));
}

function aHit(value: string): Hit {
  return {
    props: [
      { type: "string", name: "Priority Level", value: "HIGH" },
      { type: "string", name: "Indicator", value },
      { type: "string", name: "First Seen", value: "2026-11-14 12:00:00 UTC" },
      { type: "uri", name: "Link to TruSTAR", value: "https://station.trustar.co/constellation/reports/x" },
    ],
  };
}
