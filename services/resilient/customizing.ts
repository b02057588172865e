import { z } from "zod";
import type { ArtifactType } from "../../src/core/incident.js";
import { rereadOnConflict } from "./conflict.js";
import { artifactType, type MessageDestination } from "./lists.js";
import type { Principal, Session } from "./session.js";
import type { Send } from "./transport.js";
import { anything } from "./wire.js";

export interface CustomizingOperations {
  /** @throws UpstreamError `upstream_forbidden` when the account may not administer customizations */
  createArtifactType(label: string, signal: AbortSignal): Promise<ArtifactType>;
  /** Lets the account that we log in with listen on a destination; an import does not carry that over. */
  listenOn(destinationId: number, signal: AbortSignal): Promise<void>;
  /** Whether the account that we log in with may listen on the destination. */
  isListener(destination: MessageDestination, signal: AbortSignal): Promise<boolean>;
}

const wholeDestination = z.looseObject({ id: z.number() });

export function createCustomizingOperations(
  send: Send,
  session: (signal: AbortSignal) => Promise<Session>,
): CustomizingOperations {
  return {
    createArtifactType: (label, signal) =>
      send(
        {
          method: "POST",
          path: "/artifact_types",
          body: newArtifactType(label),
          answer: artifactType,
          what: `create the artifact type "${label}"`,
          repeatable: false,
        },
        signal,
      ),

    listenOn: async (destinationId, signal) => {
      const { principal } = await session(signal);
      const what = `listen on message destination ${destinationId}`;
      const path = `/message_destinations/${destinationId}`;
      await rereadOnConflict(async () => {
        const current = await send({ method: "GET", path, answer: wholeDestination, what }, signal);
        const body = withListener(current, principal);
        if (body !== undefined) await send({ method: "PUT", path, body, answer: anything, what }, signal);
      }, what);
    },

    isListener: async ({ apiKeyIds, userIds }, signal) => {
      const { principal } = await session(signal);
      if (principal.id === undefined) return true; // nothing that could be listed: the broker will tell
      return (principal.kind === "api-key" ? apiKeyIds : userIds).includes(principal.id);
    },
  };
}

/** As the Python app made them, so that its types and ours are the same ones. */
function newArtifactType(label: string): object {
  return {
    name: label,
    programmatic_name: label.toLowerCase().replace(/\W+/g, "_"),
    desc: "TruSTAR Indicator Type.",
    enabled: true,
    file: false,
    multi_aware: false,
    use_for_relationships: true,
  };
}

function withListener(destination: Record<string, unknown>, { kind, id }: Principal): object | undefined {
  const key = kind === "api-key" ? "api_keys" : "users";
  const listed = destination[key];
  const before: unknown[] = Array.isArray(listed) ? listed : [];
  return id === undefined || before.includes(id) ? undefined : { ...destination, [key]: [...before, id] };
}
