import type { FileDigests } from "../../src/core/artifact.js";
import type { LookupId } from "../../src/core/lookup.js";
import { uuid5 } from "../../src/core/uuid5.js";
import { toPythonJson } from "./python-json.js";

/** rc-cts's namespace: ids of existing installations must not change. */
const namespace = Buffer.from("18222d9cadf0409caa19beb27130ba12", "hex");

/**
 * The id rc-cts gives to a received body: `uuid5(namespace, json.dumps(json.loads(body)))`. rc-cts never read files:
 * with one, its digest is part of the name, or two files of one name would answer for each other.
 * @param sourceText valid JSON
 * @throws InvalidArtifactError it is nested too deeply
 */
export function lookupIdOf(sourceText: string, file?: FileDigests): LookupId {
  const name = file === undefined ? toPythonJson(sourceText) : `${toPythonJson(sourceText)}\n${file.sha256}`;
  return uuid5(namespace, name) as LookupId;
}
