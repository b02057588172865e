import { UpstreamError } from "../../src/core/errors.js";
import type { ArtifactRecord, IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import { artifact, artifactPage, createdArtifacts, toArtifactRecord } from "./artifact-wire.js";
import type { Send } from "./transport.js";
import { asText, listOf } from "./wire.js";

export interface ArtifactOperations
  extends Pick<IncidentSource, "listArtifacts" | "getArtifact">, Pick<IncidentWriter, "createArtifact"> {}

// The server's own limit (max_page_size of its constants).
const pageSize = 100;
/** The platform itself takes some hundreds; a list that has no end must have one. */
const maxArtifacts = 50_000;

export function createArtifactOperations(send: Send): ArtifactOperations {
  return {
    listArtifacts: async (incidentId, signal) => {
      try {
        return await listAtOnce(send, incidentId, signal);
      } catch (error) {
        if (!isGone(error) && !isTooLarge(error)) throw error;
        return await listByPages(send, incidentId, signal);
      }
    },

    getArtifact: async (incidentId, artifactId, signal) => {
      const path = `/incidents/${incidentId}/artifacts/${artifactId}`;
      const what = `read artifact ${artifactId} of incident ${incidentId}`;
      return toArtifactRecord(
        await send({ method: "GET", path, query: asText, answer: artifact, what }, signal),
      );
    },

    createArtifact: async (incidentId, { typeId, value, description }, signal) => {
      const created = await send(
        {
          method: "POST",
          path: `/incidents/${incidentId}/artifacts`,
          query: asText,
          body: { type: typeId, value, description },
          answer: createdArtifacts,
          what: `add an artifact to incident ${incidentId}`,
          values: [value],
          // Servers before 37.1 make a second artifact of the same value.
          repeatable: false,
        },
        signal,
      );
      return created.map(toArtifactRecord);
    },
  };
}

async function listAtOnce(send: Send, incidentId: number, signal: AbortSignal): Promise<ArtifactRecord[]> {
  const path = `/incidents/${incidentId}/artifacts`;
  const what = `list the artifacts of incident ${incidentId}`;
  return (await send({ method: "GET", path, query: asText, answer: listOf(artifact), what }, signal)).map(
    toArtifactRecord,
  );
}

/**
 * The newer way, for a server that has given up the old one, or whose list is too long for one answer. Ends with the
 * first page that is not full, or that has nothing new where the server tells how many there are.
 */
async function listByPages(send: Send, incidentId: number, signal: AbortSignal): Promise<ArtifactRecord[]> {
  const found = new Map<number, ArtifactRecord>();
  for (let start = 0; ;) {
    const { data, recordsTotal } = await send(
      {
        method: "POST",
        path: `/incidents/${incidentId}/artifacts/query_paged`,
        query: asText,
        body: { start, length: pageSize },
        answer: artifactPage,
        what: `list the artifacts of incident ${incidentId}`,
        repeatable: true,
      },
      signal,
    );
    const before = found.size;
    for (const one of data) found.set(one.id, toArtifactRecord(one));
    if (found.size > maxArtifacts) {
      const message = `Incident ${incidentId} has more than ${maxArtifacts} artifacts, by what Resilient answers`;
      throw new UpstreamError("upstream_too_large", message);
    }
    start += data.length;
    // A server may give fewer at once than it was asked for.
    const isAll = recordsTotal == null ? data.length < pageSize : found.size >= recordsTotal;
    // The second condition ends the loop on a server that ignores `start`.
    if (isAll || found.size === before) return [...found.values()];
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof UpstreamError && error.code === "upstream_too_large";
}

function isGone(error: unknown): boolean {
  return error instanceof UpstreamError && (error.status === 405 || error.status === 410);
}
