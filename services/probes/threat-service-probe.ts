import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Secret } from "../../src/core/secret.js";

export interface ThreatServiceProbeOptions {
  /** The root that is registered with `resutil threatserviceedit -resturl`. */
  readonly url: string;
  readonly credentials?: { readonly user: string; readonly password: Secret } | undefined;
}

export interface ThreatServiceAnswer {
  readonly status: number;
  /** At most `maxBytes` of it. */
  readonly body: string;
}

const maxBytes = 64 * 1024;
const boundary = "trustar-resilient-selftest";

/** What `resutil threatservicetest` sends; every threat service answers it at once, and asks nobody. */
const artifact = { type: "net.name", value: "localhost" };

/** The part with the artifact, in the platform's own form. */
const body = [
  `--${boundary}`,
  'Content-Disposition: form-data; name="artifact"',
  "Content-Type: application/json; charset=UTF-8",
  "Content-Transfer-Encoding: 8bit",
  "",
  JSON.stringify(artifact),
  `--${boundary}--`,
  "",
].join("\r\n");

/** Posts an artifact as Resilient does. @throws the socket's own error */
export function probeThreatService(
  { url, credentials }: ThreatServiceProbeOptions,
  signal: AbortSignal,
): Promise<ThreatServiceAnswer> {
  const options = {
    method: "POST",
    signal,
    headers: {
      "Content-Type": `multipart/form-data; boundary=${boundary}`,
      ...(credentials === undefined ? {} : { Authorization: basic(credentials) }),
    },
    // It is this program's own address; its certificate is looked at apart from the answer.
    rejectUnauthorized: false,
    agent: false as const,
  };
  const start = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxBytes) response.destroy();
      });
      response.once("error", reject);
      response.once("close", () => {
        resolve({ status: response.statusCode ?? 0, body: text });
      });
    });
    request.once("error", reject);
    // Not said how long it is: the platform sends it in chunks, too.
    request.end(body);
  });
}

function basic({ user, password }: NonNullable<ThreatServiceProbeOptions["credentials"]>): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`, "utf8").toString("base64")}`;
}
