import { ApiError } from "./api-error.js";
import type { FieldRecord } from "./seed-fields.js";
import { formatRichText, toHtml, type TextFormat } from "./rich-text.js";
import { asList, asText, asWire, isWire, type Wire } from "./wire.js";
import type { PrincipalRecord, World } from "./world.js";

export type IncidentDto = Wire & { id: number };

/** How a caller wants ids and rich text; from the query or the headers. */
export interface Format {
  readonly handles: "ids" | "names" | "objects";
  readonly text: TextFormat;
}

export const plainFormat: Format = { handles: "ids", text: "html" };

const richText = new Set(["description", "resolution_summary"]);

export function newIncidentDto(
  world: World,
  input: Wire,
  creator: PrincipalRecord,
  nowMs: number,
): IncidentDto {
  for (const required of ["name", "discovered_date"]) {
    if (input[required] === undefined || input[required] === null || input[required] === "") {
      throw new ApiError(400, `Field ${required.replaceAll("_", " ")} is required.`, ["field_defs"]);
    }
  }
  const dto = blankIncident(world, creator, nowMs);
  return applyInput(world, dto, input);
}

/** The incident with what the caller sent; everything else, and what only the server sets, stays. */
export function applyInput(world: World, dto: IncidentDto, input: Wire): IncidentDto {
  const next = structuredClone(dto);
  for (const field of world.fields.get("incident") ?? []) {
    if (field["read_only"] === true) continue;
    const holder = field.prefix === null ? input : asWire(input[field.prefix]);
    if (!(field.name in holder)) continue;
    const value = parseFieldValue(field, holder[field.name]);
    if (field.prefix === null) next[field.name] = value;
    else next[field.prefix] = { ...asWire(next[field.prefix]), [field.name]: value };
  }
  const declared = new Set((world.fields.get("incident") ?? []).map(({ name }) => name));
  const unknown = Object.entries(asWire(input["properties"])).filter(([name]) => !declared.has(name));
  next["properties"] = { ...asWire(next["properties"]), ...Object.fromEntries<unknown>(unknown) };
  requireClosingFields(next);
  return next;
}

function requireClosingFields(dto: IncidentDto): void {
  if (dto["plan_status"] !== "C") return;
  const missing = ["resolution_id", "resolution_summary"].filter((name) => !dto[name]);
  if (missing.length > 0) {
    throw new ApiError(
      400,
      `To close the incident the following fields are required: ${missing.join(", ")}.`,
      missing,
    );
  }
}

/** A select-like value may come as id, as label or as `{id}` / `{name}`, whatever the handle format. */
export function parseFieldValue(field: FieldRecord, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (richText.has(field.name)) return toHtml(value);
  if (field.input_type === "multiselect") return asList(value).map((one) => selectedValue(field, one));
  return field.input_type === "select" ? selectedValue(field, value) : value;
}

function selectedValue(field: FieldRecord, value: unknown): number | string {
  const handle = isWire(value) ? (value["id"] ?? value["name"]) : value;
  const found = field.values.find((one) => one.value === handle || one.label === handle);
  if (found === undefined)
    throw new ApiError(400, `Invalid value for the field ${field.name}.`, [field.name]);
  return found.value;
}

export function formatIncident(world: World, dto: IncidentDto, format: Format): Wire {
  const shown: Wire = structuredClone(dto);
  for (const name of richText) shown[name] = formatRichText(dto[name], format.text, false);
  if (format.handles === "ids") return shown;
  for (const field of world.fields.get("incident") ?? []) {
    if (field.values.length === 0 || field.name === "plan_status") continue;
    const holder = field.prefix === null ? shown : asWire(shown[field.prefix]);
    holder[field.name] = named(field, holder[field.name], format.handles);
  }
  return shown;
}

function named(field: FieldRecord, value: unknown, handles: "names" | "objects"): unknown {
  if (Array.isArray(value)) return value.map((one) => named(field, one, handles));
  const label = labelOf(field, value);
  if (label === undefined) return value;
  return handles === "names" ? label : { id: value, name: label };
}

export function labelOf(field: FieldRecord | undefined, value: unknown): string | undefined {
  return field?.values.find((one) => one.value === value)?.label;
}

function blankIncident(world: World, creator: PrincipalRecord, nowMs: number): IncidentDto {
  const [fname = "", lname = ""] = creator.displayName.split(" ");
  return {
    id: world.nextId(),
    name: "",
    description: null,
    org_id: world.orgId,
    org_handle: world.orgId,
    workspace: asWire(world.workspaces.find((one) => one["is_default"] === true))["id"],
    vers: 1,
    plan_status: "A",
    phase_id: 1003,
    severity_code: null,
    incident_type_ids: [],
    resolution_id: null,
    resolution_summary: null,
    create_date: nowMs,
    discovered_date: null,
    inc_start: null,
    start_date: null,
    end_date: null,
    due_date: null,
    inc_last_modified_date: nowMs,
    creator_id: creator.id,
    creator: { id: creator.id, fname, lname, email: asText(creator.login), status: "A" },
    creator_principal: principalDto(creator),
    owner_id: creator.id,
    members: [],
    exposure: 0,
    addr: null,
    city: null,
    state: null,
    data_compromised: null,
    pii: {
      data_compromised: null,
      data_encrypted: null,
      data_format: null,
      data_source_ids: [],
      exposure: 0,
      harmstatus_id: 2,
      gdpr_harm_risk: null,
    },
    gdpr: {},
    hipaa: {},
    regulators: { ids: [] },
    task_changes: { added: [], removed: [] },
    properties: { tlp: null },
    actions: [],
    perms: { read: true, write: true, comment: true, close: true, create_artifacts: true, delete: true },
    tasks: null,
    artifacts: null,
    comments: null,
    inc_training: false,
    is_scenario: false,
    draft: false,
    confirmed: false,
  };
}

export function principalDto(principal: PrincipalRecord): Wire {
  const type = principal.kind === "user" ? "user" : "apikey";
  return { id: principal.id, type, name: principal.login, display_name: principal.displayName };
}
