import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import type { ArtifactSnapshot, IncidentSnapshot } from "../decode-message.js";

export interface RuleRequest {
  readonly incident: IncidentSnapshot;
  readonly artifact: ArtifactSnapshot | undefined;
  readonly operation: string | undefined;
}

/** Does what a rule asks. @returns what was done, as one sentence for the analyst */
export type RuleHandler = (context: ActionContext, request: RuleRequest) => Promise<string>;

/** @throws ActionError the message is not about an artifact, or about one without a value: a file */
export function artifactOf({ artifact }: RuleRequest): ArtifactSnapshot {
  if (artifact === undefined) {
    throw new ActionError("The rule sent no artifact; it must be a menu item rule on artifacts.");
  }
  if (artifact.value.trim() === "") {
    throw new ActionError("The artifact has no value that TruSTAR could know; it is a file.");
  }
  return artifact;
}
