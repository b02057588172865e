import type { JsonValue } from "./artifact.js";

export type IncidentStatus = "active" | "closed";

/** What the incident's privacy tab says. Select values are ids; `IncidentCatalog.fieldLabel` has their labels. */
export interface IncidentPrivacy {
  readonly dataCompromised: boolean | undefined;
  readonly dataEncrypted: boolean | undefined;
  readonly dataFormatId: number | undefined;
  readonly dataSourceIds: readonly number[];
  readonly exposure: number | undefined;
  readonly harmStatusId: number | undefined;
  /** The GDPR assessment; null on servers without that module. */
  readonly harmRiskId: number | undefined;
}

/** An incident (a "case" on newer servers). Ids as on this server, times in milliseconds since the epoch. */
export interface Incident {
  readonly id: number;
  readonly name: string;
  /** Plain text: the server has already taken its markup away, so `<ok>` in it is what somebody typed. */
  readonly description: string;
  readonly status: IncidentStatus;
  readonly phaseId: number | undefined;
  readonly severityId: number | undefined;
  readonly resolutionId: number | undefined;
  /** Plain text. */
  readonly resolutionSummary: string;
  readonly workspaceId: number | undefined;
  readonly incidentTypeIds: readonly number[];
  readonly createdMs: number | undefined;
  readonly discoveredMs: number | undefined;
  /** When the incident itself started ("Incident Start"), not when it was noticed. */
  readonly incidentStartMs: number | undefined;
  readonly privacy: IncidentPrivacy;
  /** Custom fields by API name, as the server gives them: a select is an id. */
  readonly customFields: Readonly<Record<string, JsonValue>>;
  /** Grows with every change; what a conflicting write is recognised by. */
  readonly version: number | undefined;
}

/** What a threat source said of an artifact, in the server's own words. */
export interface ArtifactHit {
  readonly properties: JsonValue;
}

/** An artifact as it is kept on an incident. (`Artifact` is the one that a look-up is asked for.) */
export interface ArtifactRecord {
  readonly id: number;
  readonly typeId: number;
  readonly value: string;
  readonly description: string;
  readonly createdMs: number | undefined;
  readonly hits: readonly ArtifactHit[];
}

export interface NewArtifact {
  readonly typeId: number;
  readonly value: string;
  readonly description: string;
}

export interface Note {
  readonly id: number;
  /** The note that this one answers. */
  readonly parentId: number | undefined;
  /** Plain text when listed, see `Incident.description`. */
  readonly text: string;
  readonly createdMs: number | undefined;
}

/** What may be changed of an incident; what is left out stays as it is. */
export interface IncidentEdit {
  readonly name?: string;
  readonly description?: string;
  readonly severityId?: number;
  readonly incidentTypeIds?: readonly number[];
  readonly status?: IncidentStatus;
  readonly resolutionId?: number;
  readonly resolutionSummary?: string;
  readonly customFields?: Readonly<Record<string, JsonValue>>;
}

/**
 * Where incidents are read; Resilient in production. Every method rejects with an UpstreamError or a RateLimitedError;
 * `upstream_not_found` = no such object, or one that this account may not see.
 */
export interface IncidentSource {
  getIncident(incidentId: number, signal: AbortSignal): Promise<Incident>;
  listArtifacts(incidentId: number, signal: AbortSignal): Promise<readonly ArtifactRecord[]>;
  getArtifact(incidentId: number, artifactId: number, signal: AbortSignal): Promise<ArtifactRecord>;
  /** Answers to notes included, oldest branch first. */
  listNotes(incidentId: number, signal: AbortSignal): Promise<readonly Note[]>;
  /** A note with its markup, which the list leaves out; undefined when it is gone. */
  noteHtml(incidentId: number, noteId: number, signal: AbortSignal): Promise<string | undefined>;
}

/** Where incidents are written. What can't be repeated without harm (a new note) is sent once. */
export interface IncidentWriter {
  /**
   * @returns what the server made of it: several artifacts when it split the value, the old one when it was there.
   * @throws UpstreamError `upstream_rejected` when the value does not fit the type
   */
  createArtifact(
    incidentId: number,
    artifact: NewArtifact,
    signal: AbortSignal,
  ): Promise<readonly ArtifactRecord[]>;
  /** @param html is shown as it is: the caller has escaped what is not its own. */
  createNote(incidentId: number, html: string, signal: AbortSignal): Promise<Note>;
  updateNote(incidentId: number, noteId: number, html: string, signal: AbortSignal): Promise<void>;
  /** A note that is gone already is no error. */
  deleteNote(incidentId: number, noteId: number, signal: AbortSignal): Promise<void>;
  /**
   * Reads, lets `edit` say what to change, writes; starts over when somebody else was faster, a few times.
   * @param edit may answer undefined: nothing to do.
   */
  updateIncident(
    incidentId: number,
    edit: (incident: Incident) => IncidentEdit | undefined,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface ArtifactType {
  readonly id: number;
  /** What an analyst sees: "IP Address". */
  readonly label: string;
  /** What rules and exports say; the label for built-in types, `url_string` for custom ones. */
  readonly programmaticName: string;
}

export interface Workspace {
  readonly id: number;
  readonly name: string;
  /** What an analyst sees, and what `workspace =` in app.config names. */
  readonly displayName: string;
}

/** Names of this server's ids; cached. Undefined = this server has no such id. */
export interface IncidentCatalog {
  artifactTypeById(id: number, signal: AbortSignal): Promise<ArtifactType | undefined>;
  /** @param name a label or a programmatic name. */
  artifactTypeByName(name: string, signal: AbortSignal): Promise<ArtifactType | undefined>;
  /** The type of that label, created when there is none. */
  ensureArtifactType(label: string, signal: AbortSignal): Promise<ArtifactType>;
  phase(id: number, signal: AbortSignal): Promise<string | undefined>;
  severity(id: number, signal: AbortSignal): Promise<string | undefined>;
  resolution(id: number, signal: AbortSignal): Promise<string | undefined>;
  incidentType(id: number, signal: AbortSignal): Promise<string | undefined>;
  workspace(id: number, signal: AbortSignal): Promise<Workspace | undefined>;
  /** Label of one value of a select field of incidents, custom ones included. */
  fieldLabel(field: string, value: number | string, signal: AbortSignal): Promise<string | undefined>;
  /** Whether incidents of this server have a custom field of that API name. */
  hasCustomField(name: string, signal: AbortSignal): Promise<boolean>;
}
