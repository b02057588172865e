import type { Request, Response } from "express";
import type { Submission } from "../../src/core/lookup.js";
import { parseArtifact } from "../artifact-schema.js";
import { createJsonTextReader } from "./json-text.js";
import { readMultipart } from "./multipart.js";
import type { PartLimits } from "./part-collector.js";

/**
 * Reads what the platform posts: multipart when the content type says form-data, else JSON, also with another content
 * type or none, as rc-cts took it.
 */
export function createSubmissionReader(
  limits: PartLimits,
): (req: Request, res: Response) => Promise<Submission> {
  const readJsonText = createJsonTextReader(limits.maxBodyBytes);
  return async (req, res) => {
    if (!/form-data/i.test(req.headers["content-type"] ?? "")) {
      const sourceText = await readJsonText(req, res);
      return { sourceText, artifact: parseArtifact(sourceText, "body") };
    }
    const { text, file } = await readMultipart(req, limits);
    return { sourceText: text, artifact: parseArtifact(text, "artifact"), file };
  };
}
