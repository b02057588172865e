import { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";
import type { ArtifactType, Workspace } from "../../src/core/incident.js";
import type { Log } from "../../src/core/ports.js";
import { listEach } from "../http/list-each.js";
import type { Send } from "./transport.js";
import { listOf, numbers, optional } from "./wire.js";

export interface Named {
  readonly id: number;
  readonly name: string;
}

/** A field of incidents with the values of a select. */
export interface FieldDefinition {
  readonly name: string;
  /** "properties" for a custom field. */
  readonly prefix?: string | null | undefined;
  readonly values: readonly { readonly value: number | string; readonly label: string }[];
}

export interface RuleInfo extends Named {
  readonly messageDestinationIds: readonly number[];
}

export interface MessageDestination extends Named {
  readonly programmaticName: string;
  readonly userIds: readonly number[];
  readonly apiKeyIds: readonly number[];
}

export interface FunctionInfo {
  readonly name: string;
  /** Programmatic name of its message destination, or its id; undefined when the server does not tell. */
  readonly destination: string | number | undefined;
}

export interface ListOperations {
  listArtifactTypes(signal: AbortSignal): Promise<readonly ArtifactType[]>;
  listWorkspaces(signal: AbortSignal): Promise<readonly Workspace[]>;
  listPhases(signal: AbortSignal): Promise<readonly Named[]>;
  listIncidentTypes(signal: AbortSignal): Promise<readonly Named[]>;
  listIncidentFields(signal: AbortSignal): Promise<readonly FieldDefinition[]>;
  /** Undefined when the account may not read rules: a missing permission that the stock client tolerates, too. */
  listRules(signal: AbortSignal): Promise<readonly RuleInfo[] | undefined>;
  listFunctions(signal: AbortSignal): Promise<readonly FunctionInfo[]>;
  listMessageDestinations(signal: AbortSignal): Promise<readonly MessageDestination[]>;
  /** Whether the org has the Action Module at all: without it there is nothing to listen to. */
  actionsEnabled(signal: AbortSignal): Promise<boolean>;
}

export const artifactType = z
  .object({ id: z.number(), name: z.string(), programmatic_name: z.string().nullish() })
  .transform(({ id, name, programmatic_name }) => ({
    id,
    label: name,
    programmaticName: programmatic_name ?? name,
  }));

const workspace = z
  .object({ id: z.number(), name: z.string(), display_name: z.string().nullish() })
  .transform(({ id, name, display_name }) => ({ id, name, displayName: display_name ?? name }));

const named = z.object({ id: z.number(), name: z.string() });

const field = z.object({
  name: z.string(),
  /** Where the value stands in an incident: "properties" for custom fields. */
  prefix: z.string().nullish(),
  values: listEach(z.object({ value: z.union([z.number(), z.string()]), label: z.string() }))
    .nullish()
    .transform((values) => values ?? []),
});

const ids = optional(numbers);

const rule = z
  .object({ id: z.number(), name: z.string(), message_destinations: ids })
  .transform(({ id, name, message_destinations }) => ({
    id,
    name,
    messageDestinationIds: message_destinations ?? [],
  }));

const functionInfo = z
  .object({ name: z.string(), destination_handle: optional(z.union([z.string(), z.number()])) })
  .transform(({ name, destination_handle }) => ({ name, destination: destination_handle }));

const destination = z
  .object({ id: z.number(), name: z.string(), programmatic_name: z.string(), users: ids, api_keys: ids })
  .transform(({ id, name, programmatic_name, users, api_keys }) => ({
    id,
    name,
    programmaticName: programmatic_name,
    userIds: users ?? [],
    apiKeyIds: api_keys ?? [],
  }));

type Query = Readonly<Record<string, string>>;

export function createListOperations(send: Send, log: Log): ListOperations {
  const list = <T>(path: string, item: z.ZodType<T>, what: string, query: Query = {}) => {
    return (signal: AbortSignal): Promise<T[]> =>
      send({ method: "GET", path, query, answer: listOf(item), what: `list the ${what}` }, signal);
  };
  const listRules = list("/actions", rule, "rules");
  return {
    listArtifactTypes: list("/artifact_types", artifactType, "artifact types"),
    listWorkspaces: list("/workspaces", workspace, "workspaces"),
    listPhases: list("/phases", named, "phases"),
    listIncidentTypes: list("/incident_types", named, "incident types"),
    listIncidentFields: list("/types/incident/fields", field, "fields of incidents"),
    listFunctions: list("/functions", functionInfo, "functions", { handle_format: "names" }),
    listMessageDestinations: list("/message_destinations", destination, "message destinations"),
    listRules: async (signal) => {
      try {
        return await listRules(signal);
      } catch (error) {
        if (!(error instanceof UpstreamError && error.code === "upstream_forbidden")) throw error;
        log.warn({ err: error.message }, "the rules can't be read, so their names are unknown");
        return undefined;
      }
    },
    actionsEnabled: async (signal) => {
      const answer = z.object({ actions_framework_enabled: z.boolean().nullish() });
      const org = await send({ method: "GET", path: "", answer, what: "read the organization" }, signal);
      return org.actions_framework_enabled === true;
    },
  };
}
