import { createServer } from "node:http";
import { Duplex } from "node:stream";
import { toDelivery } from "../../services/stomp/stomp-delivery.js";
import { StompSession } from "../../services/stomp/stomp-session.js";
import { BudgetGate } from "../../services/trustar/budget-gate.js";
import { SlidingWindow } from "../../services/trustar/sliding-window.js";
import { TrustarAccount } from "../../services/trustar/trustar-account.js";
import { TrustarClient } from "../../services/trustar/trustar-client.js";
import { TrustarIndicators } from "../../services/trustar/trustar-indicators.js";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { AccountPolicy } from "../../src/core/account.js";
import { Secret } from "../../src/core/secret.js";
import { createFakeClock } from "../support/fake-clock.js";
import { createTestApp } from "../support/http-fixture.js";
import { buildEngine, never, noRetry, silentLog } from "../support/lookup-fixtures.js";
import { WireReader, writeWire } from "../support/stomp-broker/wire.js";
import { OwnLinks } from "../../services/core/own-links.js";
import { openBench, type Bench } from "../unit/actions/world/bench.js";
import { workspaces } from "../unit/actions/world/fake-resilient.js";

// Whole ways through the program, in this process and without a network: the other end is ours.

/** A worker with one closed incident of which every text is this one. */
export async function inWorld(
  text: string,
  alpha: Partial<AccountPolicy>,
  use: (bench: Bench) => Promise<unknown>,
): Promise<void> {
  const bench = await openBench({ alpha });
  const texts = { name: text, description: text, resolutionSummary: text };
  bench.resilient.addIncident(7, { ...texts, status: "closed", workspaceId: workspaces.alpha });
  bench.resilient.addArtifact(7, text, { description: text, hits: [{ properties: text }] });
  await use(bench);
}

/** Asks TruSTAR everything about a value; whatever is asked, the answer is this text. */
export async function askTrustar(answer: string, value: string): Promise<void> {
  const clock = createFakeClock();
  const gate = new BudgetGate(clock, new SlidingWindow(1_000_000, 1), 1_000_000);
  const send = ({ url }: { readonly url: string }) => {
    const text = url.endsWith("/oauth/token") ? '{"access_token":"t"}' : answer;
    return Promise.resolve({ status: 200, headers: new Map([["trace-id", answer]]), text });
  };
  const client = new TrustarClient({
    url: "https://a.example",
    apiKey: new Secret("k"),
    apiSecret: new Secret("s"),
    version: "1",
    http: { send, close: () => undefined },
    gate,
    clock,
    observe: () => undefined,
  });
  const shared = { client, clock, stationUrl: "https://a.example", beforeCost: () => undefined };
  const pause = (): Promise<void> => Promise.resolve();
  const ownLinks = new OwnLinks([shared.stationUrl]);
  const account = new TrustarAccount(client, gate, clock);
  const indicators = new TrustarIndicators({ ...shared, enclaveIds: [value] });
  const reports = new TrustarReports({ ...shared, ownLinks, retry: noRetry, patienceMs: 5_000, pause });
  const draft = { title: value, body: value, externalId: "R7", enclaveId: "e", timeBeganMs: 1 };
  const times = { createdMs: 1, updatedMs: 1, timeBegan: value };
  const ref = { type: value, value };
  const signal = never();
  await Promise.allSettled([
    account.enclaves(signal),
    account.readQuota(signal),
    indicators.metadata([value], signal),
    indicators.summaries([value], signal),
    indicators.correlatedReports([value], signal),
    reports.find(value, signal),
    reports.submit(draft, signal),
    reports.update({ ...draft, ...times, id: "r", externalUrl: value, enclaveIds: [] }, draft, signal),
    reports.redact(value, value, signal),
    reports.related([ref], [value], 100, signal),
    reports.indicatorsOf(value, signal),
    reports.whitelist([value], signal),
    reports.removeFromWhitelist(ref, signal),
  ]);
}

/** The other end of a connection. */
class OtherEnd extends Duplex {
  readonly #onBytes: (bytes: Buffer, self: OtherEnd) => void;

  constructor(onBytes: (bytes: Buffer, self: OtherEnd) => void = () => undefined) {
    super();
    this.#onBytes = onBytes;
  }

  override _read(): void {
    // What is pushed is all there is.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#onBytes(chunk, this);
    done();
  }
}

/** A session with a broker that greets, takes the subscription, sends these bytes and hangs up. */
export async function meetBroker(
  sent: Buffer,
  greeting: Readonly<Record<string, string>> = {},
): Promise<void> {
  const reader = new WireReader();
  const broker = new OtherEnd((bytes, self) => {
    for (const frame of reader.push(bytes)) {
      if (frame === "beat") continue;
      if (frame.command === "CONNECT") self.push(writeWire("CONNECTED", { version: "1.2", ...greeting }));
      if (frame.command !== "SUBSCRIBE") continue;
      self.push(writeWire("RECEIPT", { "receipt-id": frame.headers["receipt"] ?? "" }));
      self.push(sent);
      self.push(null);
    }
  });
  const session = new StompSession(
    {
      endpoint: { host: "b", port: 1, tls: "off", openTunnel: () => Promise.resolve(broker) },
      credentials: { kind: "user", login: "jo", passcode: new Secret("pass.word") },
      destinations: ["actions.201.trustar"],
      prefetch: 1,
      heartbeatMs: 0,
      connectTimeoutMs: 1_000,
      log: silentLog,
      after: () => () => undefined,
    },
    {
      onReady: () => undefined,
      onMessage: (frame) => {
        toDelivery(frame, session)?.progress("working");
      },
    },
    false,
  );
  session.open();
  await session.ended;
}

const credentials = { user: "u", password: new Secret("p") };

/** One request to the service, in whose memory TruSTAR knows nothing; ends when the answer has gone and all is done. */
export async function request(head: string, body = "", isGuarded = false): Promise<void> {
  const { engine, idle } = buildEngine();
  const limits = { uploadFile: true, maxBodyBytes: 1_000_000 };
  const guard = isGuarded ? { credentials } : {};
  const server = createServer(createTestApp({ lookups: engine, ...limits, ...guard }, { urlBase: "/cts" }));
  server.on("clientError", (_error, socket) => socket.destroy());
  const bytes = Buffer.from(body);
  const common = `Host: a\r\nConnection: close\r\nContent-Length: ${bytes.length}`;
  await new Promise<void>((resolve) => {
    const client = new OtherEnd();
    client
      .on("error", () => undefined)
      .on("finish", () => client.destroy())
      .on("close", resolve);
    server.emit("connection", client);
    client.push(Buffer.from(`${head}\r\n${common}\r\n\r\n`, "latin1"));
    client.push(bytes);
  });
  await idle();
  engine.close();
}

/** What a header can hold of a text: Node's own parser refuses the rest, and more than 16 kB. */
export function asHeader(text: string): string {
  return text.replace(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "?").slice(0, 14_000);
}
