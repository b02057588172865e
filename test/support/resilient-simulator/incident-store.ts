import { ApiError, notFound } from "./api-error.js";
import { addArtifacts } from "./artifact-store.js";
import { addComment } from "./comment-store.js";
import type { ChangeEvent } from "./conditions.js";
import type { ServerContext } from "./context.js";
import { applyInput, newIncidentDto, type IncidentDto } from "./incident-dto.js";
import { asList, asWire, type Wire } from "./wire.js";
import type { IncidentRecord } from "./world.js";

export type Cause = Pick<ChangeEvent, "by" | "mutedRules">;

export function incidentRecord({ world }: ServerContext, id: number): IncidentRecord {
  const record = world.incidents.get(id);
  if (record === undefined) throw notFound("incident", id);
  return record;
}

/** Artifacts and notes may come along; they are created, and fire rules, like any other. */
export function createIncident(context: ServerContext, input: Wire, cause: Cause): IncidentRecord {
  const { world, platform, clock } = context;
  const dto = newIncidentDto(world, input, cause.by, clock.now());
  const record: IncidentRecord = { dto, artifacts: [], comments: [], attachments: [] };
  world.incidents.set(dto.id, record);
  platform.fire({ objectType: "incident", operation: "created", incident: dto, object: dto, ...cause });
  for (const artifact of asList(input["artifacts"])) addArtifacts(context, record, asWire(artifact), cause);
  for (const comment of asList(input["comments"])) addComment(context, record, asWire(comment), cause);
  return record;
}

/** @throws ApiError 409 when somebody else changed it since the caller read it. */
export function updateIncident(
  context: ServerContext,
  id: number,
  input: Wire,
  cause: Cause,
): IncidentRecord {
  const record = incidentRecord(context, id);
  const vers = input["vers"];
  if (typeof vers === "number" && vers !== record.dto["vers"]) {
    throw new ApiError(409, "The incident was changed by another user. Your changes were not saved.");
  }
  replace(context, record, applyInput(context.world, record.dto, input), cause);
  return record;
}

export function replace(
  context: ServerContext,
  record: IncidentRecord,
  next: IncidentDto,
  cause: Cause,
): void {
  const before = record.dto;
  const nowMs = context.clock.now();
  const closing = next["plan_status"] === "C";
  const endDate = closing ? (before["end_date"] ?? nowMs) : null;
  record.dto = {
    ...next,
    vers: Number(before["vers"]) + 1,
    inc_last_modified_date: nowMs,
    end_date: endDate,
  };
  const object = record.dto;
  context.platform.fire({
    objectType: "incident",
    operation: "modified",
    incident: object,
    object,
    before,
    ...cause,
  });
}

export function deleteIncident(context: ServerContext, id: number, cause: Cause): void {
  const { dto } = incidentRecord(context, id);
  context.world.incidents.delete(id);
  context.platform.fire({
    objectType: "incident",
    operation: "deleted",
    incident: dto,
    object: dto,
    ...cause,
  });
}
