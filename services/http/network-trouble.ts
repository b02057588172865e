/** What is known of a failure below HTTP. */
export interface SocketFailure {
  /** "ECONNREFUSED", "CERT_HAS_EXPIRED"; empty when there is none. */
  readonly code: string;
  /** "connect", "getaddrinfo", "read". */
  readonly syscall: string | undefined;
  readonly message: string;
}

const noConnection: Readonly<Record<string, string>> = {
  ENOTFOUND: "its host name is not known here; check it and DNS",
  EAI_AGAIN: "DNS gave no answer",
  ECONNREFUSED: "nothing listens at that address",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  HPE_INVALID_CONSTANT: "what answers there does not speak http; check the port",
};

const noTrust: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority that is not trusted here",
  CERT_SIGNATURE_FAILURE: "its certificate is signed by an authority that is not trusted here",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
  EPROTO:
    "it seems to speak http there, or only a TLS older than 1.2, or refuses our certificate; check scheme and port",
};

/** Why there was no connection, or none any more, for a person; undefined for codes that are not about that. */
export function connectionTrouble(code: string): string | undefined {
  return noConnection[code];
}

/** Why TLS refused to go on, for a person; undefined for codes that are not about that. */
export function trustTrouble(code: string): string | undefined {
  return noTrust[code];
}

/** Whether naming one more authority would help. */
export function isUnknownAuthority(code: string): boolean {
  return /SELF_SIGNED_CERT|CERT_SIGNATURE_FAILURE|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code);
}

/** Looks below axios's error, and into the list that trying several addresses of one name leaves. */
export function socketFailure(error: unknown): SocketFailure {
  if (!(error instanceof Error)) return { code: "", syscall: undefined, message: "unknown failure" };
  const facts: { code?: unknown; syscall?: unknown; cause?: unknown; errors?: unknown } = error;
  const inner = Array.isArray(facts.errors) ? (facts.errors as unknown[])[0] : facts.cause;
  const below = inner instanceof Error ? socketFailure(inner) : undefined;
  return {
    code: typeof facts.code === "string" ? facts.code : (below?.code ?? ""),
    syscall: typeof facts.syscall === "string" ? facts.syscall : below?.syscall,
    message: (error.message === "" ? below?.message : error.message) ?? error.name,
  };
}
