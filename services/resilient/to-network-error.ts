import { UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import {
  connectionTrouble,
  socketFailure,
  trustTrouble,
  type SocketFailure,
} from "../http/network-trouble.js";

/**
 * Why no (whole) answer came. Axios errors end here: they carry the request with its Authorization header, so only
 * code, system call and text of the failure go on.
 */
export function toNetworkError(cause: unknown, what: string, peer: string): UpstreamError {
  const ofProxy = proxyError(cause);
  if (ofProxy !== undefined) {
    return new UpstreamError(
      ofProxy.code,
      `Could not ${what}: ${ofProxy.message}`,
      {},
      { cause: ofProxy.cause },
    );
  }
  const failure = socketFailure(cause);
  const broken = nonHttp(failure);
  if (broken !== undefined) {
    return networkError(broken.code, `${broken.what} when asked to ${what} at ${peer}`, failure, false);
  }
  const distrust = trustTrouble(failure.code);
  if (distrust !== undefined) {
    const advice =
      failure.code === "EPROTO"
        ? ""
        : ". Put the CA (or the certificate itself) into the file that cafile names and use the name in it";
    return networkError(
      "upstream_unreachable",
      `Resilient at ${peer} can't be trusted: ${distrust} (${failure.code})${advice}`,
      failure,
      true,
    );
  }
  const meaning = connectionTrouble(failure.code);
  const why = meaning === undefined ? failure.message : `${meaning} (${failure.code})`;
  return networkError(
    "upstream_unreachable",
    `Could not ${what}: Resilient at ${peer}: ${why}`,
    failure,
    false,
  );
}

/** What the proxy did is told already; it stands below axios's own error. */
function proxyError(error: unknown): UpstreamError | undefined {
  const below = error instanceof Error ? error.cause : undefined;
  return below instanceof UpstreamError ? below : undefined;
}

function nonHttp({
  code,
  message,
}: SocketFailure): { readonly code: UpstreamErrorCode; readonly what: string } | undefined {
  if (code.startsWith("HPE_")) {
    return { code: "upstream_invalid_answer", what: "Something that does not speak HTTP answered" };
  }
  const limit = /^maxContentLength size of (\d+)/.exec(message)?.[1];
  if (limit !== undefined) {
    return { code: "upstream_too_large", what: `Resilient sent more than we accept (${limit} bytes)` };
  }
  return undefined;
}

function networkError(
  code: UpstreamErrorCode,
  message: string,
  failure: SocketFailure,
  isUntrusted: boolean,
): UpstreamError {
  const cause = Object.assign(new Error(failure.message), {
    code: failure.code,
    syscall: failure.syscall,
    untrusted: isUntrusted,
  });
  return new UpstreamError(code, message, {}, { cause });
}
