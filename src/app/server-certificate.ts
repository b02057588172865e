import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { isNativeError } from "node:util/types";
import { reasonOf } from "../core/error-code.js";
import { ConfigError } from "../core/errors.js";

/** What a web server shows: the key and the certificate chain of one PEM file. */
export interface ServerCertificate {
  readonly secureContext: Readonly<Pick<SecureContextOptions, "key" | "cert" | "minVersion">>;
  /** As the certificate says it: "Nov 24 12:00:00 2027 GMT". */
  readonly validTo: string;
  readonly fingerprint: string;
  readonly isExpired: boolean;
}

/** @throws ConfigError when the file can't be used */
export async function readServerCertificate(certFile: string): Promise<ServerCertificate> {
  const pem = await readFile(certFile).catch((cause: unknown) => {
    throw new ConfigError([`[webserver] certfile ${certFile} can't be read (${reasonOf(cause)})`], { cause });
  });
  try {
    const { validTo, fingerprint256: fingerprint } = new X509Certificate(pem);
    const secureContext = { key: pem, cert: pem, minVersion: "TLSv1.2" } as const;
    createSecureContext(secureContext);
    return { secureContext, validTo, fingerprint, isExpired: Date.parse(validTo) < Date.now() };
  } catch (cause) {
    const reason = isNativeError(cause) ? cause.message : "unreadable";
    const needed = "must hold a private key (not encrypted) and its certificate as PEM";
    throw new ConfigError([`[webserver] certfile ${certFile} ${needed}: ${reason}`], { cause });
  }
}
