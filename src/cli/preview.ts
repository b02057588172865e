import { createTwoFilesPatch } from "diff";
import { isMasked, previewIncident, type Preview } from "../app/preview.js";
import type { AppConfig } from "../config/app-config.js";
import { TrustarResilientError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { exitCodes, type Output } from "./command.js";

export interface PreviewArguments {
  readonly incidentId: number;
  readonly json: boolean;
  readonly config: AppConfig;
  readonly log: Log;
  readonly version: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

type PreviewedReport = Preview["publication"]["reports"][number];

/** `preview`: what "Send To TruSTAR" would send, enclave by enclave, and what it would change there. */
export async function preview({
  incidentId,
  json,
  config,
  output,
  ...deps
}: PreviewArguments): Promise<number> {
  let seen: Preview;
  try {
    seen = await previewIncident(config, incidentId, deps);
  } catch (error) {
    // What an analyst would be told, instead of a report that is sent.
    if (!(error instanceof TrustarResilientError) || error.code !== "action_impossible") throw error;
    output.err(`Nothing would be sent: ${error.message}\n`);
    return exitCodes.failed;
  }
  output.out(json ? `${JSON.stringify(toJson(seen), undefined, 2)}\n` : render(seen));
  return seen.publication.failures.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function render(seen: Preview): string {
  const { incident, policy, publication } = seen;
  const { failures, reports } = publication;
  return [
    `Preview of incident ${incident.id} for account [${policy.name}]. Nothing has been sent.`,
    ...facts(seen),
    ...reports.map(renderReport),
    ...failures.map((failure) => `Not known: ${failure}`),
    "",
  ].join("\n");
}

function facts({ policy, publication }: Preview): readonly string[] {
  const { masked, omittedArtifacts, omittedNotes, omittedTexts } = publication;
  const { terms, addresses, domains } = masked;
  const by = policy.autoSubmission ? "by itself and by" : "only by";
  return [
    `Sent ${by} "Send To TruSTAR" (auto_submission = ${policy.autoSubmission ? "enable" : "disable"}).`,
    `Masked: ${terms} of redact_terms, ${addresses} private addresses, ${domains} own domains; * marks their lines.`,
    ...(policy.leakGuard.redactWithTrustar
      ? [
          "TruSTAR's own redaction (redact = trustar) comes on top. It is not shown: that would mean sending the text.",
        ]
      : []),
    ...(omittedArtifacts + omittedNotes + omittedTexts > 0
      ? [
          `Left out, because TruSTAR found the report too large: ${omittedArtifacts} artifacts, ${omittedNotes} notes, ` +
            `${omittedTexts} texts.`,
        ]
      : []),
    ...(policy.tags.length > 0 ? [`Tags that a new report gets: ${policy.tags.join(", ")}`] : []),
    "",
  ];
}

function renderReport(report: PreviewedReport): string {
  const { draft } = report;
  const ms = beganMs(report);
  const began = ms === undefined ? "" : new Date(ms).toISOString();
  return [
    `=== ${draft.externalId} in enclave ${draft.enclaveId}: ${intention(report)}`,
    `${isMasked(draft.title) ? "* " : ""}Title: ${printable(draft.title)}`,
    `Time began: ${began}`,
    "Body:",
    ...withMarks(draft.body),
    ...changes(report),
    "",
  ].join("\n");
}

/** A report that is there keeps its time. */
function beganMs({ draft, existing }: Pick<PreviewedReport, "draft" | "existing">): number | undefined {
  const kept = new Date(existing?.timeBegan ?? Number.NaN).getTime();
  return Number.isNaN(kept) ? draft.timeBeganMs : kept;
}

function intention({ outcome, existing }: PreviewedReport): string {
  switch (outcome) {
    case "submitted":
      return "new, it would be submitted";
    case "updated":
      return `there (${existing?.id ?? ""}), it would be updated`;
    case "unchanged":
      return `there (${existing?.id ?? ""}) and the same, nothing would be sent`;
  }
}

/** The text as it would be sent, behind two columns of ours. */
function withMarks(text: string): readonly string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line) => (line === "" ? "" : `${isMasked(line) ? "*" : " "} ${printable(line)}`));
}

function changes({ outcome, existing, draft }: PreviewedReport): readonly string[] {
  if (outcome !== "updated" || existing === undefined) return [];
  const before = `${existing.title}\n\n${existing.body}`;
  const after = `${draft.title}\n\n${draft.body}`;
  const patch = createTwoFilesPatch("in TruSTAR", "would be sent", before, after, "", "", {
    context: 3,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
    stripTrailingCr: true,
  });
  return ["Change against the report that is there (title, then body):", printable(patch.trimEnd())];
}

/** What an incident says must not act on the terminal; its lines and tabs stay. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\ufffd");
}

function toJson({ incident, policy, publication }: Preview): object {
  return {
    incident: incident.id,
    account: policy.name,
    masked: publication.masked,
    omittedArtifacts: publication.omittedArtifacts,
    omittedNotes: publication.omittedNotes,
    omittedTexts: publication.omittedTexts,
    reports: publication.reports.map(({ outcome, draft, existing }) => ({
      intention: { submitted: "submit", updated: "update", unchanged: "nothing" }[outcome],
      ...draft,
      timeBeganMs: beganMs({ draft, existing }),
      existing:
        existing === undefined ? null : { id: existing.id, title: existing.title, body: existing.body },
    })),
    failures: publication.failures,
  };
}
