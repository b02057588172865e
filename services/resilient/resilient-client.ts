import type { Secret } from "../../src/core/secret.js";
import { createArtifactOperations, type ArtifactOperations } from "./artifacts.js";
import type { Org } from "./choose-org.js";
import { createConfigurationOperations, type ConfigurationOperations } from "./configuration.js";
import {
  createCustomizationListOperations,
  type CustomizationListOperations,
} from "./customization-lists.js";
import { createCustomizingOperations, type CustomizingOperations } from "./customizing.js";
import { createIncidentOperations, type IncidentOperations } from "./incidents.js";
import { createListOperations, type ListOperations } from "./lists.js";
import { createNoteOperations, type NoteOperations } from "./notes.js";
import type { ResilientOptions } from "./options.js";
import { createPermissionOperations, type PermissionOperations } from "./permissions.js";
import { createTransport, type Send } from "./transport.js";

/** What can be asked of Resilient on behalf of a message, or of nobody. */
export interface ResilientOperations
  extends
    IncidentOperations,
    ArtifactOperations,
    NoteOperations,
    ListOperations,
    CustomizingOperations,
    CustomizationListOperations,
    ConfigurationOperations,
    PermissionOperations {}

export interface ResilientClient extends ResilientOperations {
  /** Logs in if that has not been done: proves host, certificate, credentials and organization. */
  connect(signal: AbortSignal): Promise<Org>;
  /**
   * The same client for the work on one message. The token (header Co3ContextToken of the message) tells the server
   * which rule a change comes from, so that it does not fire that rule again.
   */
  forMessage(contextToken: Secret | undefined): ResilientOperations;
  /** Ends calls under way and closes the sockets. */
  readonly close: () => void;
}

export function createResilientClient(options: ResilientOptions): ResilientClient {
  const transport = createTransport(options);
  const operations = (send: Send): ResilientOperations => ({
    ...createIncidentOperations(send),
    ...createArtifactOperations(send),
    ...createNoteOperations(send),
    ...createListOperations(send, options.log),
    ...createCustomizingOperations(send, transport.session),
    ...createCustomizationListOperations(send),
    ...createConfigurationOperations(send),
    ...createPermissionOperations(send),
  });
  return {
    ...operations(transport.send),
    connect: async (signal) => (await transport.session(signal)).org,
    forMessage: (contextToken) => operations(withToken(transport.send, contextToken)),
    close: transport.close,
  };
}

function withToken(send: Send, contextToken: Secret | undefined): Send {
  const token = contextToken?.reveal();
  // The token comes from a message: what can't be a header value is no token of the platform's.
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) return send;
  return (request, signal) => {
    const headers = { ...request.headers, "X-Co3ContextToken": token };
    return send({ ...request, headers, secrets: [token] }, signal);
  };
}
