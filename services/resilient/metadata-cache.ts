import { UpstreamError } from "../../src/core/errors.js";
import type { ArtifactType, IncidentCatalog, Workspace } from "../../src/core/incident.js";
import { unlessAborted } from "../http/signals.js";
import { CachedTable, type CachedTableOptions } from "./cached-table.js";
import type { FieldDefinition, ListOperations, Named } from "./lists.js";

export interface MetadataSource extends Pick<
  ListOperations,
  "listArtifactTypes" | "listIncidentFields" | "listIncidentTypes" | "listPhases" | "listWorkspaces"
> {
  createArtifactType(label: string, signal: AbortSignal): Promise<ArtifactType>;
}

// Shared reads belong to no caller; the client ends them with its own time-outs, or when it is closed.
const nobody = new AbortController().signal;

/**
 * The names of this server's ids. The definition of an incident's fields has most of them in one answer; phases and
 * incident types have lists of their own, asked when that answer lacks an id (hidden and disabled ones).
 */
export class ResilientMetadata implements IncidentCatalog {
  readonly #source: MetadataSource;
  readonly #artifactTypes: CachedTable<ArtifactType>;
  readonly #fields: CachedTable<FieldDefinition>;
  readonly #incidentTypes: CachedTable<Named>;
  readonly #phases: CachedTable<Named>;
  readonly #workspaces: CachedTable<Workspace>;
  readonly #creating = new Map<string, Promise<ArtifactType>>();

  constructor(source: MetadataSource, options: CachedTableOptions) {
    this.#source = source;
    this.#artifactTypes = new CachedTable("artifact types", () => source.listArtifactTypes(nobody), options);
    this.#fields = new CachedTable("incident fields", () => source.listIncidentFields(nobody), options);
    this.#incidentTypes = new CachedTable("incident types", () => source.listIncidentTypes(nobody), options);
    this.#phases = new CachedTable("phases", () => source.listPhases(nobody), options);
    this.#workspaces = new CachedTable("workspaces", () => source.listWorkspaces(nobody), options);
  }

  artifactTypeById(id: number, signal: AbortSignal): Promise<ArtifactType | undefined> {
    return this.#artifactTypes.find((type) => type.id === id, signal);
  }

  artifactTypeByName(name: string, signal: AbortSignal): Promise<ArtifactType | undefined> {
    return this.#artifactTypes.find((type) => type.label === name || type.programmaticName === name, signal);
  }

  async ensureArtifactType(label: string, signal: AbortSignal): Promise<ArtifactType> {
    const known = await this.artifactTypeByName(label, signal);
    if (known !== undefined) return known;
    const creating = this.#creating.get(label) ?? this.#create(label);
    return unlessAborted(creating, signal);
  }

  async phase(id: number, signal: AbortSignal): Promise<string | undefined> {
    return (await this.fieldLabel("phase_id", id, signal)) ?? nameOf(this.#phases, id, signal);
  }

  async incidentType(id: number, signal: AbortSignal): Promise<string | undefined> {
    return (
      (await this.fieldLabel("incident_type_ids", id, signal)) ?? nameOf(this.#incidentTypes, id, signal)
    );
  }

  severity(id: number, signal: AbortSignal): Promise<string | undefined> {
    return this.fieldLabel("severity_code", id, signal);
  }

  resolution(id: number, signal: AbortSignal): Promise<string | undefined> {
    return this.fieldLabel("resolution_id", id, signal);
  }

  /** Without it an incident has no account: so one that was made a moment ago is worth a wait of seconds. */
  workspace(id: number, signal: AbortSignal): Promise<Workspace | undefined> {
    return this.#workspaces.findNew((workspace) => workspace.id === id, signal);
  }

  async fieldLabel(name: string, value: number | string, signal: AbortSignal): Promise<string | undefined> {
    const labelIn = (field: FieldDefinition): string | undefined =>
      field.name === name ? field.values.find((one) => one.value === value)?.label : undefined;
    const field = await this.#fields.find((one) => labelIn(one) !== undefined, signal);
    return field === undefined ? undefined : labelIn(field);
  }

  async hasCustomField(name: string, signal: AbortSignal): Promise<boolean> {
    const isIt = (field: FieldDefinition): boolean => field.name === name && field.prefix === "properties";
    return (await this.#fields.find(isIt, signal)) !== undefined;
  }

  #create(label: string): Promise<ArtifactType> {
    const creation = this.#createOrFind(label).finally(() => this.#creating.delete(label));
    this.#creating.set(label, creation);
    return creation;
  }

  async #createOrFind(label: string): Promise<ArtifactType> {
    try {
      const created = await this.#source.createArtifactType(label, nobody);
      this.#artifactTypes.add(created);
      return created;
    } catch (error) {
      if (!mayExistNow(error)) throw error;
      const types = await this.#source.listArtifactTypes(nobody);
      const found = types.find((type) => type.label === label);
      if (found === undefined) throw error;
      this.#artifactTypes.add(found);
      return found;
    }
  }
}

/** Another process was faster, or our own creation went through and only its answer was lost. */
function mayExistNow(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  return error.code !== "upstream_forbidden" && error.code !== "upstream_unauthorized";
}

async function nameOf(
  table: CachedTable<Named>,
  id: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await table.find((row) => row.id === id, signal))?.name;
}
