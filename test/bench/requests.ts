import type { WireArtifact } from "./artifacts.js";

export const servicePath = "/cts/trustar";

export function getRequest(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`;
}

/** Values of this bench are ASCII: characters are bytes. */
export function postRequest(artifact: WireArtifact, path = servicePath): string {
  const body = JSON.stringify(artifact);
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const boundary = "----bench-boundary";

/** The way the platform itself posts. */
export function multipartRequest(artifact: WireArtifact): string {
  const part = `Content-Disposition: form-data; name="artifact"\r\nContent-Type: application/json; charset=UTF-8`;
  const body = `--${boundary}\r\n${part}\r\n\r\n${JSON.stringify(artifact)}\r\n--${boundary}--\r\n`;
  const type = `Content-Type: multipart/form-data; boundary=${boundary}`;
  return `POST ${servicePath} HTTP/1.1\r\nHost: 127.0.0.1\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
