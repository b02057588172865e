import { UpstreamError } from "../../../../src/core/errors.js";
import type {
  ArtifactRecord,
  ArtifactType,
  Incident,
  IncidentCatalog,
  IncidentSource,
  IncidentWriter,
  NewArtifact,
  Note,
} from "../../../../src/core/incident.js";
import type { Secret } from "../../../../src/core/secret.js";
import type { Calls } from "./calls.js";

interface Folder {
  incident: Incident;
  readonly artifacts: ArtifactRecord[];
  readonly notes: { id: number; html: string }[];
}

export interface FakeResilient {
  readonly folders: Map<number, Folder>;
  readonly artifactTypes: ArtifactType[];
  readonly catalog: IncidentCatalog;
  readonly tokens: (string | undefined)[];
  incidents(token: Secret | undefined): IncidentSource & IncidentWriter;
  addIncident(id: number, changes?: Partial<Incident>): Folder;
  addArtifact(incidentId: number, value: string, changes?: Partial<ArtifactRecord>): ArtifactRecord;
  editIncident(id: number, changes: Partial<Incident>): void;
}

export const typeIds = {
  ip: 1,
  dns: 2,
  url: 3,
  sender: 9,
  md5: 13,
  sha1: 14,
  registry: 24,
  file: 31,
  sha256: 38,
};
export const workspaces = { alpha: 100, beta: 200, orphan: 300 };

const builtIn: readonly (readonly [number, string])[] = [
  [1, "IP Address"],
  [2, "DNS Name"],
  [3, "URL"],
  [9, "Email Sender"],
  [13, "Malware MD5 Hash"],
  [14, "Malware SHA-1 Hash"],
  [24, "Registry Key"],
  [29, "String"],
  [31, "File Name"],
  [38, "Malware SHA-256 Hash"],
  [43, "Threat CVE ID"],
  [44, "Network CIDR Range"],
  [45, "Malware Family/Variant"],
  [1000, "URL String"],
];

export function createFakeResilient(calls: Calls): FakeResilient {
  const folders = new Map<number, Folder>();
  const artifactTypes = builtIn.map(([id, label]) => ({ id, label, programmaticName: label }));
  const tokens: (string | undefined)[] = [];
  const ids = { next: 5_000 };
  const folder = (id: number): Folder => {
    const found = folders.get(id);
    if (found !== undefined) return found;
    throw new UpstreamError("upstream_not_found", `Incident ${id} can't be found`);
  };
  const incidents: IncidentSource & IncidentWriter = {
    getIncident: (id) => calls.run("resilient.getIncident", () => folder(id).incident),
    listArtifacts: (id) => calls.run("resilient.listArtifacts", () => [...folder(id).artifacts]),
    getArtifact: (id, artifactId) =>
      calls.run("resilient.getArtifact", () => folder(id).artifacts.find((one) => one.id === artifactId)!),
    listNotes: (id) =>
      calls.run("resilient.listNotes", () =>
        folder(id).notes.map(({ id: noteId, html }) => toNote(noteId, toText(html))),
      ),
    createArtifact: (id, artifact) =>
      calls.run("resilient.createArtifact", () => addTo(folder(id), artifact, ids)),
    noteHtml: (id, noteId) =>
      calls.run("resilient.noteHtml", () => folder(id).notes.find((one) => one.id === noteId)?.html),
    createNote: (id, html) =>
      calls.run("resilient.createNote", () => {
        const note = { id: ids.next++, html };
        folder(id).notes.push(note);
        return toNote(note.id, toText(html));
      }),
    updateNote: (id, noteId, html) =>
      calls.run("resilient.updateNote", () => {
        const note = folder(id).notes.find((one) => one.id === noteId);
        if (note === undefined) throw new UpstreamError("upstream_not_found", "The note can't be found");
        note.html = html;
      }),
    deleteNote: () => calls.run("resilient.deleteNote", () => undefined),
    updateIncident: () => calls.run("resilient.updateIncident", () => undefined),
  };
  return {
    folders,
    artifactTypes,
    tokens,
    catalog: createCatalog(artifactTypes, calls),
    incidents: (token) => {
      tokens.push(token?.reveal());
      return incidents;
    },
    addIncident: (id, changes = {}) => {
      const made = { incident: anIncident(id, changes), artifacts: [], notes: [] };
      folders.set(id, made);
      return made;
    },
    addArtifact: (incidentId, value, changes = {}) => {
      const record = {
        id: ids.next++,
        typeId: 1,
        value,
        description: "",
        createdMs: 1,
        hits: [],
        ...changes,
      };
      folder(incidentId).artifacts.push(record);
      return record;
    },
    editIncident: (id, changes) => {
      folder(id).incident = { ...folder(id).incident, ...changes };
    },
  };
}

/** As newer servers do: a value that is there makes no second artifact; URLs must look like one. */
function addTo(folder: Folder, artifact: NewArtifact, ids: { next: number }): ArtifactRecord[] {
  const known = folder.artifacts.find(
    ({ typeId, value }) => typeId === artifact.typeId && value === artifact.value,
  );
  if (known !== undefined) return [known];
  if (artifact.typeId === typeIds.url && !/^https?:\/\/[a-z0-9.]+(?:\/|$)/i.test(artifact.value)) {
    throw new UpstreamError("upstream_rejected", "The specified URL is invalid.");
  }
  const record = { ...artifact, id: ids.next++, createdMs: 1, hits: [] };
  folder.artifacts.push(record);
  return [record];
}

function createCatalog(types: ArtifactType[], calls: Calls): IncidentCatalog {
  const names = new Map([
    [workspaces.alpha, "Alpha"],
    [workspaces.beta, "Beta"],
    [workspaces.orphan, "Orphan"],
  ]);
  const incidentTypes = new Map([
    [7, "Phishing"],
    [8, "Simulation"],
  ]);
  const named = (name: string) =>
    types.find(({ label, programmaticName }) => label === name || programmaticName === name);
  return {
    artifactTypeById: (id) => Promise.resolve(types.find((type) => type.id === id)),
    artifactTypeByName: (name) => Promise.resolve(named(name)),
    ensureArtifactType: (label) =>
      calls.run("catalog.ensureArtifactType", () => {
        const made = { id: 1_000 + types.length, label, programmaticName: label };
        types.push(made);
        return made;
      }),
    phase: () => Promise.resolve("Engage"),
    severity: () => Promise.resolve("Low"),
    resolution: () => Promise.resolve("Resolved"),
    incidentType: (id) => Promise.resolve(incidentTypes.get(id)),
    workspace: (id) => {
      const name = names.get(id);
      return Promise.resolve(name === undefined ? undefined : { id, name, displayName: name });
    },
    hasCustomField: (name) => Promise.resolve(name === "tlp"),
    fieldLabel: (_field, value) => Promise.resolve(String(value)),
  };
}

function anIncident(id: number, changes: Partial<Incident>): Incident {
  return {
    id,
    name: `Incident ${id}`,
    description: "seen in a mail",
    status: "active",
    phaseId: 1,
    severityId: 4,
    resolutionId: undefined,
    resolutionSummary: "",
    workspaceId: workspaces.alpha,
    incidentTypeIds: [7],
    createdMs: 1_700_000_000_000,
    discoveredMs: 1_700_000_000_000,
    incidentStartMs: undefined,
    privacy: {
      dataCompromised: undefined,
      dataEncrypted: undefined,
      dataFormatId: undefined,
      dataSourceIds: [],
      exposure: undefined,
      harmStatusId: undefined,
      harmRiskId: undefined,
    },
    customFields: {},
    version: 1,
    ...changes,
  };
}

function toNote(id: number, text: string): Note {
  return { id, parentId: undefined, text, createdMs: 1 };
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };

function toText(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/div)[^<>]*>/g, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name]!)
    .trim();
}
