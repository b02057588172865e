import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { errorBody } from "../../routes/lookup-wire.js";
import { codeOf } from "../core/error-code.js";

/** What can't even be parsed. Slowness is no fault of the artifact: a timeout must not be a 4xx, which is final. */
export function answerBrokenRequest(error: Error, socket: Duplex): void {
  const code = codeOf(error);
  const isTimeout = code === "ERR_HTTP_REQUEST_TIMEOUT";
  // Who opens his pool of connections long before he posts would read the answer to nothing as that to his first request.
  const isUnasked = isTimeout && "bytesRead" in socket && socket.bytesRead === 0;
  if (!socket.writable || isUnasked || !(isTimeout || code.startsWith("HPE_"))) {
    socket.destroy();
    return;
  }
  const [status, text] = isTimeout
    ? ["503 Service Unavailable", "request: not complete in time"]
    : code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "headers: too large"]
      : ["400 Bad Request", "request: not valid HTTP"];
  endWith(socket, status, text);
}

/** Node closes the connection of whoever takes us for a proxy; nothing here has that method. */
export function answerConnect(_req: IncomingMessage, socket: Duplex): void {
  // Node has let go of it: an error that nobody hears would end the process.
  socket.on("error", () => undefined);
  const allow = "GET, OPTIONS, POST";
  const text = `method: CONNECT is not possible here, only ${allow}`;
  endWith(socket, "405 Method Not Allowed", text, [`Allow: ${allow}`]);
}

function endWith(socket: Duplex, status: string, text: string, more: readonly string[] = []): void {
  const body = JSON.stringify(errorBody(text));
  const headers = [
    ...more,
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${body.length}`,
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
