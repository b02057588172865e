import { ApiError } from "./api-error.js";
import type { ServerContext } from "./context.js";
import { principalDto } from "./incident-dto.js";
import type { Cause } from "./incident-store.js";
import { toHtml } from "./rich-text.js";
import type { ArtifactTypeRecord } from "./seed-artifact-types.js";
import { asText, isWire, type Wire } from "./wire.js";
import type { IncidentRecord, World } from "./world.js";

export type ArtifactDto = Wire & { id: number };

// max_artifacts of the constants.
const mostArtifacts = 500;
const url = 3;

/** The answer of a POST: one for each part of a multi-aware value, the old one where the value is there already. */
export function addArtifacts(
  context: ServerContext,
  record: IncidentRecord,
  input: Wire,
  cause: Cause,
): ArtifactDto[] {
  const type = typeOf(context.world, input["type"]);
  const value = asText(input["value"]);
  if (value.trim() === "" && !type.file) throw new ApiError(400, "Field value is required.", ["value"]);
  const parts = split(type, value);
  for (const part of parts) validate(type, part);
  return parts.map((part) => addOne(context, record, type, part, input, cause));
}

function addOne(
  context: ServerContext,
  record: IncidentRecord,
  type: ArtifactTypeRecord,
  value: string,
  input: Wire,
  cause: Cause,
): ArtifactDto {
  const known = record.artifacts.find(
    (one) => one["type"] === type.id && one["value"] === value && value !== "",
  );
  if (known !== undefined) return known;
  if (record.artifacts.length >= mostArtifacts) {
    throw new ApiError(400, `An incident can have at most ${mostArtifacts} artifacts.`);
  }
  const artifact = newArtifact(context, record, type, value, input, cause);
  record.artifacts.push(artifact);
  const incident = record.dto;
  context.platform.fire({
    objectType: "artifact",
    operation: "created",
    incident,
    object: artifact,
    ...cause,
  });
  return artifact;
}

function typeOf(world: World, handle: unknown): ArtifactTypeRecord {
  const key = isWire(handle) ? (handle["id"] ?? handle["name"]) : handle;
  const found = world.artifactTypes.find((type) =>
    [type.id, type.name, type.programmatic_name].includes(key as string),
  );
  if (found === undefined) throw new ApiError(400, "The artifact type is not valid.", ["type"]);
  return found;
}

function split(type: ArtifactTypeRecord, value: string): string[] {
  if (!type.multi_aware) return [value];
  return value
    .split(new RegExp(type.split_on ?? "[\\s,]+"))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** URLs are the one type whose values are known to be refused: without a scheme, or malformed. */
function validate(type: ArtifactTypeRecord, value: string): void {
  if (type.id !== url) return;
  if (!/^(?:https?|ftp|file|gopher):\/\/[^/\s]+/i.test(value) || !URL.canParse(value)) {
    throw new ApiError(400, "The specified URL is invalid.", ["value"]);
  }
}

function newArtifact(
  { world, clock }: ServerContext,
  { dto }: IncidentRecord,
  type: ArtifactTypeRecord,
  value: string,
  input: Wire,
  { by }: Cause,
): ArtifactDto {
  const nowMs = clock.now();
  return {
    id: world.nextId(),
    type: type.id,
    value,
    description: toHtml(input["description"]),
    attachment: null,
    parent_id: null,
    creator_principal: principalDto(by),
    inc_id: dto.id,
    inc_name: dto["name"],
    inc_owner: dto["owner_id"],
    created: nowMs,
    last_modified_time: nowMs,
    last_modified_by: principalDto(by),
    pending_sources: [],
    perms: { read: true, write: true, delete: true },
    properties: [],
    actions: [],
    hash: null,
    hits: [],
    relating: input["relating"] ?? null,
    ip: { source: null, destination: null },
  };
}
