/** Scripts of the workflows, in Python 3 as Resilient runs it since version 38.2. */

export const incidentInputs = "inputs.trustar_incident_id = incident.id";
export const valueInput = "inputs.trustar_artifact_value = artifact.value";
export const artifactInputs = `${incidentInputs}\n${valueInput}`;
export const typedArtifactInputs = `${artifactInputs}\ninputs.trustar_artifact_type = artifact.type`;

/**
 * A note in the incident. The heading keeps it out of later reports; plain text, because values must not act as HTML.
 * @param success lines that set `text`
 */
function note(results: string, success: string): string {
  return `# On success results holds ${results}; on failure only error, a sentence that says what to do.
error = results.get("error")
if error:
    text = "Not done: {}".format(error)
else:
${success.replace(/^(?=.)/gm, "    ")}
incident.addNote(helper.createPlainText("TruSTAR Enrichment\\n" + text))`;
}

const listIndicators = (found: string, none: string): string => `indicators = results.get("indicators") or []
if indicators:
    lines = ["{}: {}".format(one["type"], one["value"]) for one in indicators]
    text = "${found}\\n" + "\\n".join(lines)
else:
    text = "${none}"`;

export const submitted = note(
  "id, title, reportBody, externalTrackingId, externalUrl, enclaveIds, created, updated, timeBegan, distributionType",
  `text = "Report {} is up to date in TruSTAR; its id is {}.".format(results["externalTrackingId"], results["id"])`,
);

export const deleted = note("status", `text = "The report of this incident is no longer in TruSTAR."`);

export const correlated = note(
  "indicators, a list of type and value",
  listIndicators("Correlated indicators", "No correlated indicators."),
);

export const priority = note(
  "priorityLevel (LOW, MEDIUM, HIGH or NOT_FOUND)",
  `text = "Priority of {} is {}.".format(artifact.value, results["priorityLevel"])`,
);

export const whitelisted = note(
  "indicators, a list of type and value",
  listIndicators("Whitelisted in TruSTAR", "Nothing was whitelisted."),
);

export const whitelistUndone = note(
  "status",
  `text = "{} is no longer on TruSTAR's whitelist.".format(artifact.value)`,
);
