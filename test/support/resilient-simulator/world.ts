import { seedFunctions, seedWorkflows } from "./seed-functions.js";
import { seedArtifactTypes, type ArtifactTypeRecord } from "./seed-artifact-types.js";
import {
  incidentTypes,
  phases,
  seedFunctionFields,
  seedIncidentFields,
  workspaces,
  type FieldRecord,
} from "./seed-fields.js";
import {
  newDestination,
  seedRules,
  type DestinationRecord,
  type FunctionRecord,
  type RuleRecord,
  type WorkflowRecord,
} from "./seed-rules.js";
import { stableUuid } from "./stable-uuid.js";
import type { Wire } from "./wire.js";

export const everyPermission = [
  "read_data",
  "read_function",
  "read_all_incidents",
  "create_incident",
  "delete_all_incidents",
  "edit_all_incidents_fields",
  "edit_all_incidents_status",
  "edit_all_incident_notes",
  "edit_data",
] as const;
export type Permission = (typeof everyPermission)[number];

/** Who may log in: an API key (`login` is its id) or a user (`login` is the e-mail address). */
export interface PrincipalRecord {
  readonly kind: "api-key" | "user";
  readonly id: number;
  readonly login: string;
  readonly secret: string;
  readonly displayName: string;
  readonly orgIds: readonly number[];
  readonly permissions: Set<Permission>;
}

export interface OrgRecord {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  readonly cloudAccount: string | null;
  readonly enabled: boolean;
}

export interface IncidentRecord {
  /** FullIncidentDTO without what hangs below it. */
  dto: Wire & { id: number };
  artifacts: (Wire & { id: number })[];
  /** Flat; `parent_id` makes the tree. */
  comments: (Wire & { id: number })[];
  attachments: (Wire & { id: number })[];
}

/** An uploaded file, kept under the id of its attachment. */
export interface StoredFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Everything one server knows. */
export interface World {
  readonly orgs: readonly OrgRecord[];
  readonly principals: PrincipalRecord[];
  readonly incidents: Map<number, IncidentRecord>;
  readonly files: Map<number, StoredFile>;
  readonly artifactTypes: ArtifactTypeRecord[];
  readonly workspaces: (Wire & { id: number })[];
  readonly phases: (Wire & { id: number })[];
  readonly incidentTypes: (Wire & { id: number })[];
  /** By type name. */
  readonly fields: Map<string, FieldRecord[]>;
  readonly destinations: DestinationRecord[];
  readonly rules: RuleRecord[];
  readonly functions: FunctionRecord[];
  readonly workflows: WorkflowRecord[];
  readonly imports: Map<number, Wire>;
  /** The org that the seeded data is in. */
  readonly orgId: number;
  nextId(): number;
}

export function createWorld(): World {
  let lastId = 2094;
  const functionFields = seedFunctionFields();
  const destination = newDestination(9, "trustar", { users: [1], api_keys: [4] });
  const fields = new Map([
    ["incident", seedIncidentFields()],
    ["__function", functionFields],
    ["actioninvocation", []],
    ["artifact", []],
    ["note", []],
    ["task", []],
  ]);
  [...fields.values()].flat().forEach((field, index) => (field.id = index + 1));
  return {
    orgs: seedOrgs(),
    principals: seedPrincipals(),
    incidents: new Map(),
    files: new Map(),
    artifactTypes: seedArtifactTypes(),
    workspaces: workspaces.map((one) => ({
      ...one,
      description: "",
      uuid: stableUuid(`workspace ${one.name}`),
      export_key: one.name,
      version: 1,
      tags: [],
    })),
    phases: phases.map(([id, name], order) => ({
      id: Number(id),
      name,
      export_key: name,
      uuid: stableUuid(`phase ${name}`),
      order,
      enabled: true,
      perms: null,
      tags: [],
    })),
    incidentTypes: incidentTypes.map(([id, name]) => newIncidentType(Number(id), name)),
    fields,
    destinations: [destination],
    rules: seedRules(destination.id),
    functions: seedFunctions(functionFields),
    workflows: seedWorkflows(),
    imports: new Map(),
    orgId: 201,
    nextId: () => ++lastId,
  };
}

export function newIncidentType(id: number, name: string): Wire & { id: number } {
  const uuid = stableUuid(`incident type ${name}`);
  const dates = { create_date: 1_296_778_427_539, update_date: null };
  return {
    id,
    name,
    description: null,
    parent_id: null,
    enabled: true,
    hidden: false,
    system: true,
    uuid,
    ...dates,
  };
}

function seedOrgs(): OrgRecord[] {
  const org = (
    id: number,
    name: string,
    enabled: boolean,
    cloudAccount: string | null = null,
  ): OrgRecord => ({
    id,
    name,
    uuid: stableUuid(`org ${name}`),
    cloudAccount,
    enabled,
  });
  return [
    org(201, "Test Organization", true, "73c78395-470f-46a8-af7d-5e7d999a5707"),
    org(202, "Other Organization", true),
    org(404, "Closed Organization", false),
  ];
}

function seedPrincipals(): PrincipalRecord[] {
  const permissions = (): Set<Permission> => new Set(everyPermission);
  const orgIds = [201, 404];
  return [
    {
      kind: "user",
      id: 1,
      login: "analyst@example.com",
      secret: "correct horse battery staple",
      displayName: "Ana Lyst",
      orgIds,
      permissions: permissions(),
    },
    {
      kind: "api-key",
      id: 4,
      login: "ad261c1f-f1cc-4115-bbce-a151f88bac5e",
      secret: "s3cret-of-the-api-key",
      displayName: "Integration Server",
      orgIds,
      permissions: permissions(),
    },
  ];
}
