import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";

/**
 * When a balancer that promised to keep a connection closes it: right after its answer, when the next request's first
 * bytes come, when it has had a write done (once for each kind of write), or before it passes one on (likewise).
 */
export type Closing = "after-answer" | "on-next-bytes" | "after-doing" | "before-doing";

export interface ClosingBalancer extends AsyncDisposable {
  readonly port: number;
  /** Requests that got no answer. */
  readonly cut: number;
}

const writes = /\/(?:comments|artifacts|api\/1\.3\/reports)(?:\?|$)/;

/** @param tls what it shows to clients; absent = plain HTTP. Behind it any certificate will do. */
export async function startClosingBalancer(
  target: string,
  closing: Closing,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ClosingBalancer> {
  const used = new WeakSet<Socket>();
  const lost = new Set<string>();
  let cut = 0;
  const drop = (socket: Socket): void => {
    cut += 1;
    socket.destroy();
  };
  const handle = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const { method = "", url = "", socket } = req;
    if (closing === "on-next-bytes" && used.has(socket)) {
      drop(socket);
      return;
    }
    used.add(socket);
    const kind = method === "POST" ? writes.exec(url)?.[0] : undefined;
    const loses = kind !== undefined && !lost.has(kind);
    if (closing === "before-doing" && loses) {
      lost.add(kind);
      drop(socket);
      return;
    }
    const { status, headers, body } = await passOn(new URL(url, target), req);
    if (closing === "after-doing" && loses) {
      lost.add(kind);
      drop(socket);
      return;
    }
    res.writeHead(status, { ...headers, connection: "keep-alive" });
    res.end(body, () => {
      if (closing === "after-answer") socket.destroySoon();
    });
  };
  const listener = (req: http.IncomingMessage, res: http.ServerResponse): void => {
    handle(req, res).catch(() => req.socket.destroy());
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer({ ...tls }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get cut() {
      return cut;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answered {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

async function passOn(url: URL, req: http.IncomingMessage): Promise<Answered> {
  const { request } = url.protocol === "https:" ? https : http;
  const sent = request(url, {
    method: req.method,
    headers: { ...req.headers, connection: "close" },
    agent: false,
    rejectUnauthorized: false,
  });
  req.pipe(sent);
  const [answer] = (await once(sent, "response")) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const headers = { ...answer.headers };
  delete headers["transfer-encoding"];
  const body = Buffer.concat(chunks);
  return {
    status: answer.statusCode ?? 502,
    headers: { ...headers, "content-length": `${body.length}` },
    body,
  };
}
