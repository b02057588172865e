import { codeOf } from "../../src/core/error-code.js";
import { UpstreamError } from "../../src/core/errors.js";
import type { BrokerAddress } from "./link-options.js";

const untrusted: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
]);

/** Why the broker could not be reached, with what an administrator can do about it. */
export function describeSocketError(error: unknown, address: BrokerAddress): string {
  // What a proxy on the way did is told already.
  if (error instanceof UpstreamError) return `${error.message}.`;
  const where = `The message broker ${address.host}:${address.port}`;
  const code = codeOf(error) || "unknown reason";
  if (untrusted.has(code)) {
    return `${where} shows a certificate that is not trusted (${code}): set stomp_cafile or cafile in [resilient] to the file of its authority.`;
  }
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `${where} shows a certificate for another name: set host or stomp_host in [resilient] to the name in the certificate.`;
    case "CERT_HAS_EXPIRED":
      return `${where} shows a certificate that has expired: renew it on the server.`;
    case "ECONNREFUSED":
      return `${where} refuses connections: check stomp_host and stomp_port in [resilient], and that the platform's messaging runs.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${address.host} of the message broker can't be resolved (${code}): check host or stomp_host in [resilient].`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${where} can't be reached (${code}): check the network and the firewall for this port.`;
    default:
      return `The connection to ${address.host}:${address.port} failed: ${error instanceof Error && error.message !== "" ? error.message : code}.`;
  }
}
