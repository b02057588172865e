import { unwatchFile, watchFile } from "node:fs";
import https, { type Server, type ServerOptions } from "node:https";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { SECOND_MS } from "../core/time.js";
import { readServerCertificate } from "./server-certificate.js";

export interface TlsOptions {
  /** One PEM file with the private key and the certificate chain. */
  readonly certFile: string;
  /** How often it is looked at. */
  readonly checkEveryMs?: number | undefined;
  /** Until whoever connects must have agreed on the encryption. */
  readonly handshakeTimeoutMs?: number | undefined;
}

/**
 * A web server, TLS 1.2 and newer. A file that is renewed is shown to whoever connects from then on; connections that
 * are open stay as they are.
 * @throws ConfigError when the file can't be used
 */
export async function createTlsServer(
  { certFile, checkEveryMs = 10 * SECOND_MS, handshakeTimeoutMs = 10 * SECOND_MS }: TlsOptions,
  limits: ServerOptions,
  log: Log,
): Promise<Server> {
  const { secureContext, validTo, isExpired } = await readServerCertificate(certFile);
  if (isExpired) log.warn({ certFile, validTo }, "the web server's certificate has expired");
  const server = https.createServer({ ...limits, ...secureContext, handshakeTimeout: handshakeTimeoutMs });
  const renew = (): void => void takeRenewed(server, certFile, log);
  // By looking, not by being told: that also sees files that are swapped by a link, as Kubernetes does it, or remote.
  server.once("listening", () => {
    watchFile(certFile, { interval: checkEveryMs, persistent: false }, renew);
  });
  server.once("close", () => {
    unwatchFile(certFile, renew);
  });
  return server;
}

async function takeRenewed(server: Server, certFile: string, log: Log): Promise<void> {
  try {
    const { secureContext, validTo, fingerprint, isExpired } = await readServerCertificate(certFile);
    if (isExpired) throw new ConfigError([`[webserver] certfile ${certFile} has expired on ${validTo}`]);
    server.setSecureContext(secureContext);
    log.info({ certFile, validTo, fingerprint }, "the web server's certificate was renewed");
  } catch (error) {
    log.error(
      { err: error },
      "the renewed certificate can't be used; the web server goes on with the old one",
    );
  }
}
