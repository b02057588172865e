import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** ThreatServiceArtifactDTO, as it is posted. */
export interface WireArtifact {
  readonly type: string;
  readonly value: string;
}

const wireTypes: Readonly<Record<string, string>> = {
  md5: "hash.md5",
  sha1: "hash.sha1",
  sha256: "hash.sha256",
  ip: "net.ip",
  url: "net.uri",
  domain: "net.name",
  cve: "threat.report.cve",
  email: "email.header.sender_address",
};

/** Real indicators beside the project, where they are to be had (`type` TAB `value`, a header line first). */
const realData = fileURLToPath(new URL("../../../shared/data/indicators.tsv", import.meta.url));

/** `count` artifacts, no two alike; the same ones each time. */
export function distinctArtifacts(count: number, file = realData): readonly WireArtifact[] {
  const real = existsSync(file) ? readArtifacts(readFileSync(file, "utf8")) : [];
  const made = Array.from({ length: Math.max(0, count - real.length) }, (_, at) => generated(at));
  return [...real.slice(0, count), ...made];
}

function readArtifacts(text: string): WireArtifact[] {
  return text.split("\n").flatMap((line) => {
    const [kind = "", value = ""] = line.split("\t");
    const type = wireTypes[kind];
    // What isn't ASCII would make lengths in bytes and in characters differ.
    return type === undefined || /[^\x20-\x7e]/.test(value) ? [] : [{ type, value }];
  });
}

/** Hashes, addresses, names and URLs in equal parts. */
export function generated(at: number): WireArtifact {
  const digest = createHash("sha256").update(`artifact ${at}`).digest();
  const hex = digest.toString("hex");
  switch (at % 4) {
    case 0:
      return { type: "hash.sha256", value: hex };
    case 1:
      return {
        type: "net.ip",
        value: [20 + (digest[0] ?? 0) / 3, digest[1], digest[2], digest[3]].map(whole).join("."),
      };
    case 2:
      return { type: "net.name", value: `${hex.slice(0, 12)}.example.com` };
    default:
      return { type: "net.uri", value: `http://${hex.slice(0, 12)}.example.net/${hex.slice(12, 20)}` };
  }
}

function whole(number: number | undefined): number {
  return Math.floor(number ?? 0);
}

/** One in twenty is known to TruSTAR, with a severity that makes a hit. */
export function knownAmong(artifacts: readonly WireArtifact[]): readonly WireArtifact[] {
  return artifacts.filter((_, at) => at % 20 === 7);
}
