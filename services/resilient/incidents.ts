import { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";
import type { Incident, IncidentEdit, IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import { rereadOnConflict } from "./conflict.js";
import { fromEdit, incidentAnswer, toIncident } from "./incident-wire.js";
import { patchUntilAccepted, type FieldChange } from "./patch.js";
import { withoutValues } from "../http/without-values.js";
import type { Send } from "./transport.js";
import { asText, written } from "./wire.js";
import { readShape } from "./read-shape.js";

export interface IncidentOperations
  extends Pick<IncidentSource, "getIncident">, Pick<IncidentWriter, "updateIncident"> {
  /** Changes single fields, whatever else changes meanwhile. @throws UpstreamError when one of them did, see patch.ts */
  patchIncident(incidentId: number, changes: readonly FieldChange[], signal: AbortSignal): Promise<void>;
}

const wholeIncident = z.looseObject({ id: z.number(), name: z.string() });

export function createIncidentOperations(send: Send): IncidentOperations {
  return {
    getIncident: async (incidentId, signal) => {
      const what = `read incident ${incidentId}`;
      const path = `/incidents/${incidentId}`;
      return toIncident(
        await send({ method: "GET", path, query: asText, answer: incidentAnswer, what }, signal),
      );
    },

    updateIncident: (incidentId, edit, signal) =>
      rereadOnConflict(() => editOnce(send, incidentId, edit, signal), `change incident ${incidentId}`),

    patchIncident: (incidentId, changes, signal) =>
      patchUntilAccepted(
        send,
        { path: `/incidents/${incidentId}`, what: `change incident ${incidentId}` },
        changes,
        signal,
      ),
  };
}

/** The PUT sends back everything that was read, so its rich text is read as the server keeps it, not as plain text. */
async function editOnce(
  send: Send,
  incidentId: number,
  edit: (incident: Incident) => IncidentEdit | undefined,
  signal: AbortSignal,
): Promise<void> {
  const path = `/incidents/${incidentId}`;
  const what = `change incident ${incidentId}`;
  const current = await send({ method: "GET", path, answer: wholeIncident, what }, signal);
  const readable = await readShape(incidentAnswer, current);
  if (!readable.ok)
    throw new UpstreamError("upstream_invalid_answer", `Could not ${what}: it is not readable`);
  const wanted = edit(toIncident(readable.value));
  if (wanted === undefined) return;
  const { properties, ...changed } = fromEdit(wanted);
  const body = {
    ...current,
    ...changed,
    ...(properties === undefined
      ? {}
      : { properties: { ...record(current["properties"]), ...record(properties) } }),
  };
  const answer = await send({ method: "PUT", path, body, answer: written, what }, signal);
  if (answer?.success === false) {
    throw new UpstreamError(
      "upstream_rejected",
      `Resilient refused to ${what}: ${withoutValues(answer.message ?? "no reason given", {})}`,
    );
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
