import { z } from "zod";
import type { JsonValue } from "../../src/core/artifact.js";
import type { ArtifactRecord } from "../../src/core/incident.js";
import { listEach } from "../http/list-each.js";
import { oneOrMore, optional, text } from "./wire.js";

/** It comes out of JSON, so it is JSON: to look at each value of it would take long. */
const hit = z.object({ properties: z.custom<JsonValue>().nullish() });

export const artifact = z.object({
  id: z.number(),
  type: z.number(),
  value: z
    .string()
    .nullish()
    .transform((value) => value ?? ""),
  description: text,
  created: optional(z.number()),
  hits: optional(listEach(hit)),
});

/** All that the server split a value into. */
export const createdArtifacts = oneOrMore(artifact);

export const artifactPage = z.object({ data: listEach(artifact), recordsTotal: optional(z.number()) });

export function toArtifactRecord(wire: z.infer<typeof artifact>): ArtifactRecord {
  return {
    id: wire.id,
    typeId: wire.type,
    value: wire.value,
    description: wire.description,
    createdMs: wire.created,
    hits: (wire.hits ?? []).map(({ properties }) => ({ properties: properties ?? null })),
  };
}
