import { z } from "zod";
import type { JsonObject } from "../../src/core/action.js";
import type { JsonValue } from "../../src/core/artifact.js";
import { UpstreamError } from "../../src/core/errors.js";
import type { Send } from "./transport.js";
import { listOf } from "./wire.js";

export interface CustomizationLists {
  /** As a configuration export holds them, as far as they could be read. */
  readonly lists: JsonObject;
  /** Names of the lists that this account may not read, or that this server does not have. */
  readonly unreadable: ReadonlySet<string>;
}

export interface CustomizationListOperations {
  /**
   * The organization's rules, workflows, functions and what they need. An export would say the same, but needs the
   * right to administer, and leaves an entry behind.
   */
  readCustomizations(signal: AbortSignal): Promise<CustomizationLists>;
}

/** Name in an export → where it is read. */
const paths = {
  message_destinations: "/message_destinations",
  fields: "/types/__function/fields",
  functions: "/functions",
  incident_artifact_types: "/artifact_types",
  workflows: "/workflows",
  actions: "/actions",
} as const;

/** It comes out of JSON, so its values are JSON. */
const objects = listOf(z.record(z.string(), z.custom<JsonValue>()));

export function createCustomizationListOperations(send: Send): CustomizationListOperations {
  const read = async (path: string, signal: AbortSignal): Promise<readonly JsonObject[] | undefined> => {
    try {
      const query = { handle_format: "names" };
      return await send(
        { method: "GET", path, query, answer: objects, what: `list ${path.slice(1)}` },
        signal,
      );
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (error.code === "upstream_forbidden" || error.code === "upstream_not_found") return undefined;
      throw error;
    }
  };
  return {
    readCustomizations: async (signal) => {
      const found = await Promise.all(
        Object.entries(paths).map(async ([name, path]) => [name, await read(path, signal)] as const),
      );
      const lists = found.flatMap(([name, list]) =>
        list === undefined ? [] : [[name, list.map((body) => asExported(name, body))] as const],
      );
      const unreadable = found.flatMap(([name, list]) => (list === undefined ? [name] : []));
      return { lists: Object.fromEntries(lists), unreadable: new Set(unreadable) };
    },
  };
}

/** Fields of several types stand in one list of an export, each with its type. */
function asExported(list: string, body: JsonObject): JsonObject {
  if (list !== "fields") return body;
  const { name } = body;
  return { ...body, export_key: typeof name === "string" ? `__function/${name}` : "" };
}
