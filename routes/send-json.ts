import type { ServerResponse } from "node:http";

/**
 * Answers with JSON. Not `res.json()`: that one turns a GET with `If-None-Match: *` into a 304, which the platform
 * would take for "ask again", and costs more than the rest of a poll.
 */
export function sendJson(res: ServerResponse, status: number, body: object): void {
  sendJsonText(res, status, JSON.stringify(body));
}

/** @param text JSON */
export function sendJsonText(res: ServerResponse, status: number, text: string): void {
  // Gone or answered already: a late result has nowhere to go.
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.end(text);
}
