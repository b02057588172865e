import { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, rootCertificates, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { codeOf } from "../../src/core/error-code.js";

export interface TlsProbeOptions {
  readonly host: string;
  readonly port: number;
  /** PEM of the authorities to trust; absent = the well-known ones. */
  readonly ca?: string | readonly string[] | undefined;
  /** A way to the peer that is open already: a proxy's tunnel. */
  readonly socket?: Socket | undefined;
}

/** The certificate that a peer shows, whether it is trusted or not. */
export interface ShownCertificate {
  readonly subject: string;
  /** Who signed it. */
  readonly issuer: string;
  /** The last authority of the chain, as far as it is known. */
  readonly root: string;
  /** Whether that authority is one of the well-known ones: then nobody on the way has made this certificate. */
  readonly isPublic: boolean;
  readonly isSelfSigned: boolean;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** OpenSSL's code when it is not to be trusted; undefined when it is. */
  readonly distrust: string | undefined;
  readonly certificate: X509Certificate;
}

/**
 * Shakes hands and looks at the certificate; sends nothing inside.
 * @throws the socket's own error when there is no TLS to be had
 */
export async function probeTls(
  { host, port, ca, socket }: TlsProbeOptions,
  signal: AbortSignal,
): Promise<ShownCertificate> {
  const tls = connect({
    host,
    port,
    socket,
    servername: isIP(host) === 0 ? host : "",
    ca: ca as string | string[] | undefined,
    minVersion: "TLSv1.2",
    // Looked at here, and nothing else is done on this connection.
    rejectUnauthorized: false,
  });
  try {
    await handshake(tls, signal);
    return look(tls);
  } finally {
    tls.destroy();
  }
}

function handshake(tls: TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      tls.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    tls.once("secureConnect", () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    // Stays for good: what is destroyed may complain once more.
    tls.on("error", reject);
    tls.once("close", () => {
      reject(
        Object.assign(new Error("the connection was closed during the handshake"), { code: "ECONNRESET" }),
      );
    });
  });
}

function look(tls: TLSSocket): ShownCertificate {
  const leaf = tls.getPeerCertificate(true);
  const last = endOfChain(leaf);
  const certificate = new X509Certificate(leaf.raw);
  return {
    subject: nameOf(leaf.subject),
    issuer: nameOf(leaf.issuer),
    root: nameOf(last.issuer),
    isPublic: isWellKnown(last),
    isSelfSigned: certificate.checkIssued(certificate),
    validFromMs: Date.parse(leaf.valid_from),
    validToMs: Date.parse(leaf.valid_to),
    distrust: tls.authorized ? undefined : distrustOf(tls.authorizationError),
    certificate,
  };
}

function endOfChain(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  // Typed as always there; it is not when the peer has sent less than the whole chain. A root is its own issuer.
  const issuer = certificate.issuerCertificate as DetailedPeerCertificate | undefined;
  const isLast = issuer === undefined || issuer.fingerprint256 === certificate.fingerprint256;
  return isLast ? certificate : endOfChain(issuer);
}

function isWellKnown({ fingerprint256, raw }: DetailedPeerCertificate): boolean {
  const last = new X509Certificate(raw);
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === fingerprint256 || last.checkIssued(root);
  });
}

/** Organization and common name, as far as they are there and not the same. */
function nameOf(name: { readonly O?: string | string[]; readonly CN?: string | string[] }): string {
  const parts = [name.CN, name.O].flat().filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? "(no name)" : [...new Set(parts)].join(", ");
}

/** Typed as an error, it is OpenSSL's code as a text. */
function distrustOf(error: unknown): string {
  return typeof error === "string" ? error : codeOf(error) || "untrusted";
}
