import { ApiError, notFound } from "./api-error.js";
import type { ArtifactDto } from "./artifact-store.js";
import type { ServerContext } from "./context.js";
import type { Cause } from "./incident-store.js";
import { fieldHandle, patchStatus, sameValue, unwrapValue } from "./patch-wire.js";
import { formatRichText, toHtml, type TextFormat } from "./rich-text.js";
import { asList, asText, asWire, type Wire } from "./wire.js";
import type { IncidentRecord } from "./world.js";

export function artifactOf(record: IncidentRecord, id: number): ArtifactDto {
  const artifact = record.artifacts.find((one) => one.id === id);
  if (artifact === undefined) throw notFound("artifact", id);
  return artifact;
}

/** Type and value are for ever; what else is not known here is left alone. */
export function changeArtifact(
  context: ServerContext,
  record: IncidentRecord,
  before: ArtifactDto,
  input: Wire,
  cause: Cause,
): ArtifactDto {
  const { description = before["description"], relating = before["relating"] } = input;
  const after = {
    ...before,
    description: toHtml(description),
    relating,
    last_modified_time: context.clock.now(),
  };
  record.artifacts = record.artifacts.map((one) => (one.id === before.id ? after : one));
  fire(context, record, { operation: "modified", object: after, before, ...cause });
  return after;
}

/** An artifact has no version, so every old value is compared. */
export function patchArtifact(
  context: ServerContext,
  record: IncidentRecord,
  artifact: ArtifactDto,
  body: Wire,
  cause: Cause,
): Wire {
  const changes = asList(body["changes"])
    .map(asWire)
    .map((change) => {
      const field = asText(fieldHandle(change["field"]));
      if (!["description", "relating"].includes(field)) {
        throw new ApiError(400, `The field ${field} of an artifact can't be changed.`, [field]);
      }
      const sentFrom = unwrapValue(change["old_value"]);
      const from = field === "description" ? toHtml(sentFrom) : sentFrom;
      return { field, sentFrom, from, current: artifact[field], to: unwrapValue(change["new_value"]) };
    });
  const failures = changes.filter(({ current, from }) => !sameValue(current, from));
  if (failures.length === 0) {
    const input: Wire = Object.fromEntries(changes.map(({ field, to }) => [field, to]));
    changeArtifact(context, record, artifact, input, cause);
  }
  return patchStatus(failures);
}

export function removeArtifact(
  context: ServerContext,
  record: IncidentRecord,
  gone: ArtifactDto,
  cause: Cause,
): void {
  record.artifacts = record.artifacts.filter((one) => one.id !== gone.id);
  fire(context, record, { operation: "deleted", object: gone, ...cause });
}

export function showArtifact(artifact: ArtifactDto, format: TextFormat): Wire {
  return { ...artifact, description: formatRichText(artifact["description"], format, false) };
}

type Change = Cause & {
  readonly operation: "modified" | "deleted";
  readonly object: ArtifactDto;
  readonly before?: ArtifactDto;
};

function fire({ platform }: ServerContext, { dto }: IncidentRecord, change: Change): void {
  platform.fire({ objectType: "artifact", incident: dto, ...change });
}
