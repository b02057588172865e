import { submitNewIncident, updateIncident } from "./automatic.js";
import { deleteReports } from "./incident-deleted.js";
import type { RuleHandler } from "./rule-request.js";
import { sendToTrustar } from "./send-to-trustar.js";
import { undoWhitelistArtifact, whitelistArtifact } from "./whitelist.js";

/** By normalised name. */
export const rules: ReadonlyMap<string, RuleHandler> = new Map([
  ["casecreated", submitNewIncident],
  ["updateincident", updateIncident],
  ["artifactcreated", updateIncident],
  ["incident_deleted", deleteReports],
  ["send_to_trustar", sendToTrustar],
  ["whitelist_in_trustar", whitelistArtifact],
  ["undo_whitelist_in_trustar", undoWhitelistArtifact],
]);

/** As they stand in Resilient, for messages to people. */
export const ruleNames =
  "CaseCreated, UpdateIncident, ArtifactCreated, Incident Deleted, Send To TruSTAR, Whitelist in TruSTAR and " +
  "Undo Whitelist in TruSTAR";
