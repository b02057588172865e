import { UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "the host name is unknown to DNS",
  EAI_AGAIN: "DNS does not answer",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ETIMEDOUT: "the connection timed out",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
};

const untrusted: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed and not in cafile",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from a CA that is not in cafile",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from a CA that is not in cafile",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate comes from a CA that is not in cafile",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from a CA that is not in cafile",
  EPROTO: "it does not speak TLS on that port, or refuses our certificate",
};

interface SocketFailure {
  readonly code: string;
  readonly syscall: string | undefined;
  readonly message: string;
}

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
    return networkError(
      "upstream_invalid_answer",
      `${broken} when asked to ${what} at ${peer}`,
      failure,
      false,
    );
  }
  const distrust = untrusted[failure.code];
  if (distrust !== undefined) {
    const advice =
      "Put the CA (or the certificate itself) into the file that cafile names and use the name in it";
    return networkError(
      "upstream_unreachable",
      `Resilient at ${peer} can't be trusted: ${distrust} (${failure.code}). ${advice}`,
      failure,
      true,
    );
  }
  const why = meanings[failure.code] ?? failure.message;
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

function nonHttp({ code, message }: SocketFailure): string | undefined {
  if (code.startsWith("HPE_")) return "Something that does not speak HTTP answered";
  if (message.includes("maxContentLength")) return "Resilient sent more than we accept";
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

function socketFailure(cause: unknown): SocketFailure {
  if (!(cause instanceof Error)) return { code: "", syscall: undefined, message: "unknown failure" };
  const facts: { code?: unknown; syscall?: unknown; cause?: unknown; errors?: unknown } = cause;
  const inner = Array.isArray(facts.errors) ? (facts.errors as unknown[])[0] : facts.cause;
  const below = inner instanceof Error ? socketFailure(inner) : undefined;
  return {
    code: typeof facts.code === "string" ? facts.code : (below?.code ?? ""),
    syscall: typeof facts.syscall === "string" ? facts.syscall : below?.syscall,
    message: (cause.message === "" ? below?.message : cause.message) ?? cause.name,
  };
}
