import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import https, { type Server, type ServerOptions } from "node:https";
import { isNativeError } from "node:util/types";
import { reasonOf } from "../config/error-reason.js";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { SECOND_MS } from "../core/time.js";

/**
 * A web server with the key and the certificate chain of one PEM file, TLS 1.2 and newer.
 * @throws ConfigError when the file can't be used
 */
export async function createTlsServer(certFile: string, limits: ServerOptions, log: Log): Promise<Server> {
  const pem = await readFile(certFile).catch((cause: unknown) => {
    throw new ConfigError([`[webserver] certfile ${certFile} can't be read (${reasonOf(cause)})`], { cause });
  });
  try {
    const { validTo } = new X509Certificate(pem);
    if (Date.parse(validTo) < Date.now())
      log.warn({ certFile, validTo }, "the web server's certificate has expired");
    const handshakeTimeout = 10 * SECOND_MS;
    return https.createServer({ ...limits, key: pem, cert: pem, minVersion: "TLSv1.2", handshakeTimeout });
  } catch (cause) {
    const reason = isNativeError(cause) ? cause.message : "unreadable";
    throw new ConfigError(
      [
        `[webserver] certfile ${certFile} must hold a private key (not encrypted) and its certificate as PEM: ${reason}`,
      ],
      { cause },
    );
  }
}
