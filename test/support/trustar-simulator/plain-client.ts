import type { Credentials } from "./model.js";

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it's no JSON. */
  readonly body: unknown;
}

export interface PlainClient {
  readonly token: string;
  /** Path below the API base, e.g. "/indicators/metadata?enclaveIds=…". */
  readonly call: (method: string, path: string, body?: unknown, signal?: AbortSignal) => Promise<PlainAnswer>;
}

interface Address {
  readonly apiUrl: string;
  readonly authUrl: string;
}

/** A client without retries, refreshes or opinions: what a test needs to see the wire. */
export async function connectPlainly(
  at: Address & { readonly credentials: Credentials },
): Promise<PlainClient> {
  const granted = await requestToken(at, at.credentials);
  const token = String((granted.body as { access_token: unknown }).access_token);
  return {
    token,
    call: (method, path, body, signal) =>
      send(at.apiUrl + path, {
        method,
        redirect: "manual",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

export function requestToken(at: Address, { key, secret }: Credentials): Promise<PlainAnswer> {
  return send(at.authUrl, {
    method: "POST",
    headers: {
      Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
}

export async function send(url: string, init?: RequestInit): Promise<PlainAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
