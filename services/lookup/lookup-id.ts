import { hash } from "node:crypto";
import type { FileDigests } from "../../src/core/artifact.js";
import type { LookupId } from "../../src/core/lookup.js";
import { toPythonJson } from "./python-json.js";

/** rc-cts's namespace: ids of existing installations must not change. */
const namespace = Buffer.from("18222d9cadf0409caa19beb27130ba12", "hex");

/**
 * The id rc-cts gives to a received body: `uuid5(namespace, json.dumps(json.loads(body)))`. rc-cts never read files:
 * with one, its digest is part of the name, or two files of one name would answer for each other.
 * @throws InvalidArtifactError the body isn't JSON
 */
export function lookupIdOf(sourceText: string, file?: FileDigests): LookupId {
  const name = file === undefined ? toPythonJson(sourceText) : `${toPythonJson(sourceText)}\n${file.sha256}`;
  const digest = hash("sha1", Buffer.concat([namespace, Buffer.from(name, "utf8")]), "buffer");
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    "-",
  ) as LookupId;
}
