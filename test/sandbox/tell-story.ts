import { toPlainText } from "../support/resilient-simulator/rich-text.js";
import { asText, type Wire } from "../support/resilient-simulator/wire.js";
import type { SimulatedWorld } from "./simulated-world.js";
import type { Story } from "./story.js";

/** The story for a terminal. */
export function tellStory(story: Story, { soar, trustar }: SimulatedWorld): string {
  const typeName = ({ type }: Wire): string =>
    soar.resilient.world.artifactTypes.find(({ id }) => id === type)?.name ?? "?";
  const line = (artifact: Wire): string => `${typeName(artifact).padEnd(22)} ${asText(artifact["value"])}`;
  const enclaveName = (id: string): string =>
    trustar.enclaves.find((enclave) => enclave.id === id)?.name ?? id;
  return [
    section(
      `An analyst opened incident ${story.incidentId}, "${story.name}", with`,
      story.artifacts.map(line),
    ),
    "Its rule sent a message, and the product did the rest.\n",
    ...story.reports.map(({ externalTrackingId = "", enclaveId, tags, title, reportBody }) =>
      section(
        `Report ${externalTrackingId} in TruSTAR, enclave "${enclaveName(enclaveId)}", tags: ${tags.join(", ")}`,
        [title, ...reportBody.split("\n").slice(1)],
      ),
    ),
    section(
      "New artifacts of the incident, seen together with those in TruSTAR",
      story.newArtifacts.map(line),
    ),
    section(
      "Notes of the incident",
      story.notes.flatMap(({ text }) => ["-", ...toPlainText(asText(text)).split("\n")]),
    ),
    section(
      "Actions, Action Status",
      story.actions.map(
        ({ name, status, replies }) => `${status}  ${name}: ${replies.at(-1)?.message ?? ""}`,
      ),
    ),
  ].join("\n");
}

function section(heading: string, lines: readonly string[]): string {
  const shown = lines.filter((line) => line.trim() !== "");
  return `${heading}:\n${(shown.length > 0 ? shown : ["(none)"]).map((line) => `  ${line.replaceAll("\t", "  ")}\n`).join("")}`;
}
