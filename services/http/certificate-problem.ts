const untrusted = "is signed by an authority that is not trusted here";

const meanings: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another host name",
};

/** "its certificate …": what is wrong with a peer's certificate; undefined when it is something else. */
export function certificateProblem(code: string): string | undefined {
  const meaning = meanings[code];
  return meaning === undefined ? undefined : `its certificate ${meaning}`;
}

/** Whether the peer could not be trusted, for whatever reason. */
export function isDistrust(code: string): boolean {
  return code in meanings;
}

/** Whether naming one more authority would help. */
export function isUnknownAuthority(code: string): boolean {
  return meanings[code] === untrusted || code === "DEPTH_ZERO_SELF_SIGNED_CERT";
}
