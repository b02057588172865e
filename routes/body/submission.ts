import { setImmediate } from "node:timers/promises";
import type { Request, Response } from "express";
import type { Submission } from "../../src/core/lookup.js";
import { parseArtifact } from "../artifact-schema.js";
import { createJsonTextReader } from "./json-text.js";
import { readMultipart } from "./multipart.js";
import type { PartLimits } from "./part-collector.js";

/** To parse, identify and read a longer text takes tens of milliseconds: other requests get their turn in between. */
const LONG_CHARS = 64 * 1024;

/**
 * Reads what the platform posts: multipart when the content type says form-data, else JSON, also with another content
 * type or none, as rc-cts took it.
 */
export function createSubmissionReader(
  limits: PartLimits,
): (req: Request, res: Response) => Promise<Submission> {
  const readJsonText = createJsonTextReader(limits.maxBodyBytes);
  return async (req, res) => {
    const isForm = /form-data/i.test(req.headers["content-type"] ?? "");
    const { text, file } = isForm ? await readMultipart(req, limits) : { text: await readJsonText(req, res) };
    const artifact = await parseArtifact(text, isForm ? "artifact" : "body");
    if (text.length > LONG_CHARS) await setImmediate();
    return { sourceText: text, artifact, file };
  };
}
