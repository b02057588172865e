import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platformUser, type BrokerUser } from "./broker-users.js";
import type { PlatformClient } from "./platform-client.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "./resilient-simulator/resilient-simulator.js";
import { startTestBroker, type TestBroker } from "./test-broker.js";

/** Resilient and its message broker, wired as the platform wires them: rules post messages, answers become statuses. */
export interface Soar extends AsyncDisposable {
  readonly resilient: ResilientSimulator;
  readonly broker: TestBroker;
  readonly platform: PlatformClient;
  /** The [resilient] section of an app.config for it; CA files are written to `folder`. */
  section(folder: string): Promise<string>;
}

const orgQueue = (org: number): string => `actions.${org}.trustar`;

/** @param brokerUser what the broker thinks of our account, other than the platform does */
export async function startSoar(brokerUser: Partial<BrokerUser> = {}): Promise<Soar> {
  const wired: { platform?: PlatformClient } = {};
  const resilient = await startResilientSimulator({
    tls: true,
    publish: async ({ destination, headers, body }) => {
      await wired.platform?.post({
        queue: destination.replace(/^\/queue\//, ""),
        body,
        correlationId: headers["correlation-id"] ?? "",
        payloadClass: headers["Co3MessagePayload"],
        contextToken: headers["Co3ContextToken"],
      });
    },
  });
  const { id: login, secret: passcode } = resilient.apiKey;
  const worker = { login, passcode, read: ["actions.>"], write: ["acks.>"], ...brokerUser };
  const broker = await startTestBroker({ users: [platformUser, worker] });
  const platform = await broker.platform([orgQueue(resilient.org.id).replace(/^actions/, "acks")]);
  wired.platform = platform;
  return {
    resilient,
    broker,
    platform,
    section: async (folder) => {
      const [restCa, stompCa] = [join(folder, "resilient-ca.pem"), join(folder, "broker-ca.pem")];
      await writeFile(restCa, resilient.caPem ?? "");
      await writeFile(stompCa, broker.ca);
      return `[resilient]
host = localhost
port = ${resilient.port}
org = ${resilient.org.name}
api_key_id = ${login}
api_key_secret = ${passcode}
cafile = ${restCa}
stomp_host = localhost
stomp_port = ${broker.tlsPort}
stomp_cafile = ${stompCa}
`;
    },
    [Symbol.asyncDispose]: async () => {
      await broker.close();
      await resilient.close();
    },
  };
}
