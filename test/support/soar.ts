import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platformUser, type BrokerUser } from "./broker-users.js";
import type { PlatformClient } from "./platform-client.js";
import { ReplyLog } from "./reply-log.js";
import { createCertificate, type Certificate } from "./resilient-simulator/certificate.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "./resilient-simulator/resilient-simulator.js";
import { newDestination } from "./resilient-simulator/seed-rules.js";
import { Postbox } from "./postbox.js";
import { startTestBroker, type TestBroker } from "./test-broker.js";

export type LoginKind = "api-key" | "user";

/**
 * Resilient and its message broker, wired as the platform wires them: rules post messages, answers become the statuses
 * of their actions.
 */
export interface Soar extends AsyncDisposable {
  readonly resilient: ResilientSimulator;
  /** What Resilient shows. */
  readonly certificate: Certificate;
  readonly broker: TestBroker;
  /** The connection of now; `replies` goes on over all of them. */
  readonly platform: PlatformClient;
  readonly replies: ReplyLog;
  /** `actions.<org>.trustar`. */
  readonly queue: string;
  /** As somebody who isn't the platform: a message that no rule of ours sends. */
  post(message: { readonly body: unknown; readonly correlationId: string }): Promise<void>;
  /** Resolves when everything that was fired so far, and what that fired, has its final answer. */
  answered(withinMs?: number): Promise<void>;
  /** As by a power cut, with no message half posted. */
  killBroker(): Promise<void>;
  restartBroker(): Promise<void>;
  /** The [resilient] section of an app.config for it; CA files are written to `folder`. */
  section(folder: string, login?: LoginKind): Promise<string>;
}

export interface SoarOptions {
  /** What the broker thinks of our account, other than the platform does. */
  readonly brokerUser?: Partial<BrokerUser>;
  /** The name in the certificates and in the section; another than localhost needs somebody to resolve it. */
  readonly host?: string;
  /** Programmatic names of further message destinations, which the organization has beside trustar. */
  readonly queues?: readonly string[];
}

export async function startSoar({
  brokerUser = {},
  host = "localhost",
  queues = [],
}: SoarOptions = {}): Promise<Soar> {
  const postbox = new Postbox();
  const replies = new ReplyLog();
  const certificate = await createCertificate([{ type: 2, value: host }]);
  const resilient = await startResilientSimulator({
    tls: certificate,
    publish: ({ destination, headers, body }) =>
      postbox.post({
        queue: destination.replace(/^\/queue\//, ""),
        body,
        correlationId: headers["correlation-id"] ?? "",
        payloadClass: headers["Co3MessagePayload"],
        contextToken: headers["Co3ContextToken"],
      }),
  });
  const { destinations } = resilient.world;
  for (const name of queues)
    destinations.push(newDestination(resilient.world.nextId(), name, { api_keys: [4] }));
  const queue = `actions.${resilient.org.id}.trustar`;
  const users = [platformUser, ...workerUsers(resilient, brokerUser)];
  const broker = await startTestBroker({ users, host });
  const connect = async (): Promise<PlatformClient> => {
    const client = await broker.platform(
      ["trustar", ...queues].map((name) => `acks.${resilient.org.id}.${name}`),
      replies,
    );
    postbox.open(client);
    return client;
  };
  replies.onReply(({ correlationId = "", complete, messageType, message, results }) => {
    const body = { message_type: messageType, message, complete, results };
    resilient.recordReply(correlationId, body, complete);
  });
  let platform = await connect();
  return {
    resilient,
    certificate,
    broker,
    get platform() {
      return platform;
    },
    replies,
    queue,
    post: (message) => postbox.post({ queue, ...message }),
    answered: (withinMs) => answered(resilient, replies, withinMs),
    killBroker: async () => {
      await postbox.close();
      await broker.kill();
    },
    restartBroker: async () => {
      await broker.restart();
      platform = await connect();
    },
    section: (folder, login = "api-key") => section(folder, login, host, resilient, broker),
    [Symbol.asyncDispose]: async () => {
      await broker.close();
      await resilient.close();
    },
  };
}

/** Both ways to log in, each with the rights that a message destination gives. */
function workerUsers({ apiKey, account }: ResilientSimulator, own: Partial<BrokerUser>) {
  const rights = { read: ["actions.>"], write: ["acks.>"] };
  return [
    { login: apiKey.id, passcode: apiKey.secret, ...rights, ...own },
    { login: account.email, passcode: account.password, ...rights, ...own },
  ];
}

async function answered(resilient: ResilientSimulator, replies: ReplyLog, withinMs?: number): Promise<void> {
  const isPending = ({ replies: own }: { replies: readonly { complete: boolean }[] }): boolean =>
    !own.some(({ complete }) => complete);
  do {
    await resilient.settled();
    await replies.until(() => !resilient.invocations.some(isPending), withinMs);
    await resilient.settled();
  } while (resilient.invocations.some(isPending));
}

async function section(
  folder: string,
  login: LoginKind,
  host: string,
  { port, org, apiKey, account, caPem = "" }: ResilientSimulator,
  broker: TestBroker,
): Promise<string> {
  const [restCa, stompCa] = [join(folder, "resilient-ca.pem"), join(folder, "broker-ca.pem")];
  await writeFile(restCa, caPem);
  await writeFile(stompCa, broker.ca);
  const credentials =
    login === "api-key"
      ? `api_key_id = ${apiKey.id}\napi_key_secret = ${apiKey.secret}`
      : `email = ${account.email}\npassword = ${account.password}`;
  return `[resilient]
host = ${host}
port = ${port}
org = ${org.name}
${credentials}
cafile = ${restCa}
stomp_host = ${host}
stomp_port = ${broker.tlsPort}
stomp_cafile = ${stompCa}
`;
}
