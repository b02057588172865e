import { once } from "node:events";
import http, { type Server } from "node:http";
import net, { type AddressInfo } from "node:net";
import type { Hit } from "../../src/core/hit.js";
import type { Answer, LookupId, LookupService, Submission } from "../../src/core/lookup.js";
import { createExchangeClasses } from "../../src/app/exchange-classes.js";
import { createHttpApp, type HttpAppDeps } from "../../src/app/http-app.js";
import { createFakeClock } from "./fake-clock.js";
import { createLogCapture } from "./log-capture.js";

export const lookupId = (text: string): LookupId => text as LookupId;

export const finished = (hits: readonly Hit[] = []): Answer => ({
  state: "finished",
  id: lookupId("id-1"),
  hits,
});

/** A look-up service that says what it is told to, and remembers what it was asked. */
export interface ScriptedLookups extends LookupService {
  readonly submissions: Submission[];
  readonly polls: string[];
}

export function scriptLookups(
  answers: { submit?: () => Answer | Promise<Answer>; poll?: (id: string) => Answer } = {},
): ScriptedLookups {
  const submissions: Submission[] = [];
  const polls: string[] = [];
  return {
    submissions,
    polls,
    async submit(submission) {
      submissions.push(submission);
      return (await answers.submit?.()) ?? finished();
    },
    poll(id) {
      polls.push(id);
      return answers.poll?.(id) ?? finished();
    },
  };
}

type ThreatService = NonNullable<HttpAppDeps["threatService"]>;

/** The whole app with a look-up service of the test's own. */
export function createTestApp(
  threatService: Partial<ThreatService> & Pick<ThreatService, "lookups">,
  more: Partial<Omit<HttpAppDeps, "threatService">> = {},
): http.RequestListener {
  return createHttpApp({
    log: createLogCapture().log,
    urlBase: "/cts",
    threatService: {
      uploadFile: false,
      maxBodyBytes: 1_000,
      maxUploadBytes: 100_000,
      maxWrongLogins: 30,
      clock: createFakeClock(),
      ...threatService,
    },
    health: {
      version: "2.0.0",
      clock: createFakeClock(),
      checks: [],
      shuttingDown: new AbortController().signal,
    },
    exchange: createExchangeClasses(),
    metrics: { render: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", body: "up 1\n" }) },
    ...more,
  });
}

export interface ListeningApp extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
}

/** The app on a real port, for what supertest can't send. */
export async function listenOn(app: http.RequestListener): Promise<ListeningApp> {
  const server = http.createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Writes the pieces one by one, each in its own packet, and reads until the other side closes; a reset is an end, too. */
export async function sendRaw(port: number, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const piece of pieces) {
    await new Promise<void>((resolve) => {
      socket.write(piece, () => {
        setImmediate(resolve);
      });
    });
  }
  await closed;
  return Buffer.concat(chunks).toString("utf8");
}

export interface Part {
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

export const BOUNDARY = "----test-boundary";

/** A multipart body, byte for byte. */
export function multipart(...parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ headers, body }) => [
    `--${BOUNDARY}\r\n${headers.map((header) => `${header}\r\n`).join("")}\r\n`,
    body,
    "\r\n",
  ]);
  return Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece as string)));
}

/** The two parts as the platform sends them. */
export function artifactPart(body: string | Buffer, name = "artifact"): Part {
  return {
    headers: [
      `Content-Disposition: form-data; name="${name}"`,
      "Content-Type: application/json; charset=UTF-8",
      "Content-Transfer-Encoding: 8bit",
    ],
    body,
  };
}

export function filePart(body: string | Buffer, disposition = 'name="file"; filename="sample.bin"'): Part {
  return {
    headers: [
      `Content-Disposition: form-data; ${disposition}`,
      "Content-Type: application/octet-stream",
      "Content-Transfer-Encoding: binary",
    ],
    body,
  };
}
