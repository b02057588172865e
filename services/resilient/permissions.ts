import { UpstreamError } from "../../src/core/errors.js";
import type { ResilientRequest, Send } from "./transport.js";
import { anything, asText } from "./wire.js";

export interface PermissionOperations {
  /** Which of the platform's permissions to read the account lacks, in the words of its settings. */
  missingPermissions(signal: AbortSignal): Promise<readonly string[]>;
}

interface Probe {
  readonly permission: string;
  readonly request: Pick<ResilientRequest<unknown>, "method" | "path" | "query" | "body">;
}

/** One question for each permission; none of them changes anything. */
const probes: readonly Probe[] = [
  { permission: "Org Data: Read", request: { method: "GET", path: "/message_destinations" } },
  { permission: "Functions: Read", request: { method: "GET", path: "/functions" } },
  {
    permission: "Incidents: Read",
    request: {
      method: "POST",
      path: "/incidents/query_paged",
      query: { return_level: "partial", ...asText },
      body: { filters: [], start: 0, length: 1 },
    },
  },
];

export function createPermissionOperations(send: Send): PermissionOperations {
  const isMissing = async ({ permission, request }: Probe, signal: AbortSignal): Promise<boolean> => {
    try {
      const what = `find out about the permission "${permission}"`;
      await send({ ...request, answer: anything, what, repeatable: true }, signal);
      return false;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === "upstream_forbidden") return true;
      throw error;
    }
  };
  return {
    missingPermissions: async (signal) => {
      const missing = await Promise.all(probes.map((probe) => isMissing(probe, signal)));
      return probes.filter((_, index) => missing[index] === true).map(({ permission }) => permission);
    },
  };
}
