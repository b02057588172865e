import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { cuts } from "./mangled.js";
import { changed, type Json } from "./odd-json.js";

/** How an answer differs from the right one. */
export interface Twist {
  /** undefined = what was right. */
  readonly status: number | undefined;
  readonly body: (right: Json) => Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Of all that goes over the wire, head included; undefined = as it is. */
  readonly edit: ((bytes: Uint8Array | string) => Buffer) | undefined;
}

const statuses = [
  undefined,
  undefined,
  undefined,
  201,
  204,
  301,
  302,
  304,
  400,
  401,
  403,
  404,
  408,
  409,
  413,
  418,
  429,
  500,
  502,
  503,
  599,
];
const headers: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  {},
  { "content-type": "text/html" },
  { "content-type": "application/json; charset=utf-16" },
  { location: "https://elsewhere.example/" },
  { "retry-after": "0" },
  { "retry-after": "99999999999" },
  { "retry-after": "-1" },
  { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" },
  { "retry-after": "soon" },
  { "trace-id": "x".repeat(2_000) },
  { "set-cookie": "__proto__=x; Path=/" },
  { "content-encoding": "gzip" },
  { "content-encoding": "deflate" },
  { "content-encoding": "br" },
  { "content-encoding": "nonsense" },
];
const texts = [
  "",
  "null",
  "{}",
  "[]",
  '"',
  "<html><body>502 Bad Gateway</body></html>",
  "\u0000",
  "[".repeat(50_000),
  '{"a":'.repeat(20_000),
];

/** @param errors bodies that the upstream is known to send with a refusal */
export function twists(errors: readonly Json[]): fc.Arbitrary<Twist> {
  const change = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  const body = fc.oneof(
    // A sample of the changes of whatever is right, chosen by a seed: here nobody knows yet what that is.
    { weight: 5, arbitrary: change.map((seed) => (right: Json) => toBytes(sampleOf(changed(right), seed))) },
    { weight: 1, arbitrary: fc.constant(toBytes) },
    { weight: 1, arbitrary: fc.constantFrom(...texts).map((text) => () => Buffer.from(text)) },
    { weight: 1, arbitrary: cuts(2).map((edit) => (right: Json) => edit(JSON.stringify(right))) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...errors)
        .chain((one) => changed(one))
        .map((one) => () => toBytes(one)),
    },
    { weight: 1, arbitrary: fc.constant((right: Json) => gzipSync(toBytes(right))) },
  );
  return fc.record({
    status: fc.constantFrom(...statuses),
    body,
    headers: fc.constantFrom(...headers),
    edit: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: cuts(2) }),
  });
}

function toBytes(json: Json): Buffer {
  return Buffer.from(typeof json === "string" ? json : JSON.stringify(json));
}

function sampleOf<T>(arbitrary: fc.Arbitrary<T>, seed: number): T {
  const [one] = fc.sample(arbitrary, { numRuns: 1, seed });
  return one as T;
}

export interface FuzzedUpstream extends AsyncDisposable {
  readonly url: string;
  /** From now on only what `isTwisted` says of the path is answered in this way. */
  twist(twist: Twist, isTwisted: (path: string) => boolean): void;
}

/** Answers what is right for a path, but for the one answer that is being fuzzed. */
export async function startFuzzedUpstream(
  right: (method: string, path: string) => Json | undefined,
): Promise<FuzzedUpstream> {
  let current: Twist | undefined;
  let isTwisted: (path: string) => boolean = () => false;
  const server = createServer((request, response) => {
    request.resume();
    const path = (request.url ?? "/").split("?", 1)[0] ?? "";
    const json = right(request.method ?? "GET", path);
    if (current === undefined || !isTwisted(path)) {
      response.writeHead(json === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(json === undefined ? "" : toBytes(json));
      return;
    }
    const { status = 200, body, headers: more, edit } = current;
    const bytes = status === 204 || status === 304 ? Buffer.alloc(0) : body(json ?? null);
    const all = {
      "content-type": "application/json",
      "content-length": String(bytes.length),
      connection: "close",
      ...more,
    };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    const whole = Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status} Fuzzed\r\n${head.join("\r\n")}\r\n\r\n`),
      bytes,
    ]);
    // Ended, so that nobody waits for what was cut off, nor in vain for the server to read the next request.
    request.socket.end(edit === undefined ? whole : edit(whole));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    twist: (twist, fits) => {
      current = twist;
      isTwisted = fits;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
