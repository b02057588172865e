import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import type { ServerCertificate } from "./certificates.js";

/** A server that speaks nothing newer than TLS 1.1, and how it went. */
export interface OldServer {
  readonly port: number;
  /** Clients that went through with the handshake. */
  readonly greeted: number;
  /** Resolves with the first client that did not. */
  readonly refused: Promise<unknown>;
}

/**
 * Node.js lets no program speak TLS 1.1 by default, so a test of our own limit would pass without it: for as long as
 * `work` takes, Node.js would.
 */
export async function withOldServer(
  certificate: ServerCertificate,
  work: (server: OldServer) => Promise<void>,
): Promise<void> {
  const weak = { DEFAULT_MIN_VERSION: "TLSv1", DEFAULT_CIPHERS: "ALL:@SECLEVEL=0" } as const;
  const usual = { DEFAULT_MIN_VERSION: tls.DEFAULT_MIN_VERSION, DEFAULT_CIPHERS: tls.DEFAULT_CIPHERS };
  Object.assign(tls, weak);
  let greeted = 0;
  const server = tls.createServer({ ...certificate, maxVersion: "TLSv1.1" }, (socket) => {
    greeted += 1;
    socket.destroy();
  });
  try {
    const refused = once(server, "tlsClientError");
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await work({
      port,
      get greeted() {
        return greeted;
      },
      refused,
    });
  } finally {
    Object.assign(tls, usual);
    server.close();
  }
}
