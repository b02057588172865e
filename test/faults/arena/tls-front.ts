import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import type { ServerCertificate } from "../../support/certificates.js";

/** Speaks TLS for a server that doesn't, and can change its certificate while connections come and go. */
export interface TlsFront {
  readonly port: number;
  /** Handshakes that clients did not go through with. */
  readonly refusedByClients: number;
  /** For new connections; those there are get cut. */
  present(certificate: ServerCertificate): void;
  close(): Promise<void>;
}

export async function startTlsFront(targetPort: number, certificate: ServerCertificate): Promise<TlsFront> {
  const open = new Set<net.Socket>();
  let refusedByClients = 0;
  const server = tls.createServer(certificate, (client) => {
    join(client, net.connect(targetPort, "127.0.0.1"));
  });
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => (refusedByClients += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get refusedByClients() {
      return refusedByClients;
    },
    present: (another) => {
      server.setSecureContext(another);
      cut();
    },
    close: async () => {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

function join(one: net.Socket, other: net.Socket): void {
  one.pipe(other);
  other.pipe(one);
  for (const [socket, twin] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on("error", () => undefined);
    socket.once("close", () => twin.destroy());
  }
}
