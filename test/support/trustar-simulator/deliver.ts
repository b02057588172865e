import type { ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { errorBody, reasonOf } from "./api-error.js";
import type { Fault } from "./faults.js";
import { tooManyRequests } from "./limits.js";
import type { PendingTimers } from "./pending-timers.js";
import { html, json, text, type Reply } from "./reply.js";
import { tokenRefusal } from "./tokens.js";

const WRONG_SHAPE = { data: { result: [42], ok: true } };

/** The answer that a fault gives in place of the service's; undefined when it spoils the delivery instead. */
export function faultReply(fault: Fault, path: string, nowMs: number): Reply | undefined {
  switch (fault.kind) {
    case "status":
      return statusReply(fault, path, nowMs);
    case "rate-limit":
      return tooManyRequests(fault.waitTimeMs === undefined ? 1000 : fault.waitTimeMs);
    case "wrong-shape":
      return json(fault.body === undefined ? WRONG_SHAPE : fault.body);
    case "garbage":
      return { ...json(null), body: '{"items":[{"value":"203.0.113.\u0000\ufffd<<' };
    case "expired-token":
      return tokenRefusal(fault.description ?? "Expired oauth2 access token");
    case "redirect":
      return { ...text("", 302), headers: { Location: fault.location ?? "/maintenance" } };
    case "latency":
    case "hang":
    case "reset":
    case "half-body":
    case "drip":
      return undefined;
  }
}

function statusReply(fault: Fault & { kind: "status" }, path: string, nowMs: number): Reply {
  const { status, message = `Simulated ${status}` } = fault;
  const format = fault.format ?? (status >= 502 && status <= 504 ? "html" : "json");
  if (format === "html") return html(`${status} ${reasonOf(status)}`, status);
  return { ...json(null, status), body: errorBody(status, message, path, nowMs) };
}

/** True when the service never gets to see the call: nothing is stored, counted against a limit or looked up. */
export function stopsEarly(fault: Fault): boolean {
  if (fault.kind === "half-body" || fault.kind === "drip") return false;
  return !("stage" in fault && fault.stage === "after");
}

/** Writes the answer whole, or spoiled as the fault says. */
export async function deliver(
  res: ServerResponse,
  reply: Reply,
  traceId: string,
  spoil: Fault | undefined,
  timers: PendingTimers,
): Promise<void> {
  const body = Buffer.from(reply.body);
  const headers = {
    "Content-Type": reply.contentType,
    "Content-Length": body.length,
    "Trace-Id": traceId,
    ...reply.headers,
  };
  if (spoil?.kind === "hang") return;
  if (spoil?.kind === "reset") {
    reset(res);
  } else if (spoil?.kind === "half-body") {
    res.writeHead(reply.status, { ...headers, "Content-Length": Math.max(body.length, 64) });
    res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.socket?.destroy());
  } else if (spoil?.kind === "drip") {
    res.writeHead(reply.status, headers);
    await drip(res, body, spoil.everyMs, spoil.chunkBytes ?? 1, timers);
  } else {
    res.writeHead(reply.status, headers);
    res.end(body);
  }
}

/** A TLS socket can't send a TCP reset itself; closing it abruptly looks the same to the client. */
function reset(res: ServerResponse): void {
  const { socket } = res;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

async function drip(
  res: ServerResponse,
  body: Buffer,
  everyMs: number,
  chunkBytes: number,
  timers: PendingTimers,
): Promise<void> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (res.destroyed || !(await timers.wait(everyMs))) return;
    res.write(body.subarray(at, at + chunkBytes));
  }
  res.end();
}
