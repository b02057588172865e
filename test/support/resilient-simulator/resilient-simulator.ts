import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { systemClock, type Clock } from "../../../src/core/time.js";
import { Calls } from "./calls.js";
import { createCertificate, type Certificate } from "./certificate.js";
import { addComment } from "./comment-store.js";
import type { ServerContext } from "./context.js";
import { Faults } from "./faults.js";
import { createIncident, incidentRecord, updateIncident } from "./incident-store.js";
import type { Invocation } from "./invocations.js";
import type { PlatformMessage } from "./messages.js";
import { Platform } from "./platform.js";
import { createApp } from "./server.js";
import { Sessions } from "./sessions.js";
import type { Wire } from "./wire.js";
import {
  createWorld,
  type IncidentRecord,
  type Permission,
  type PrincipalRecord,
  type World,
} from "./world.js";

export interface SimulatorOptions {
  /** `true`: a certificate is made; absent: plain HTTP. */
  readonly tls?: boolean | Certificate | undefined;
  /** Absent = a free one. */
  readonly port?: number | undefined;
  /** What stands before `/rest`, as on Cloud Pak. */
  readonly prefix?: string | undefined;
  /** Hands a message to the broker; without it messages are only collected in `published`. */
  readonly publish?: ((message: PlatformMessage) => void | Promise<void>) | undefined;
  readonly clock?: Clock | undefined;
}

/** A small Resilient on a real socket. What it knows is in `world`, what was asked of it in `calls`. */
export interface ResilientSimulator extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What `cafile` has to hold; undefined on plain HTTP. */
  readonly caPem: string | undefined;
  readonly world: World;
  readonly calls: Calls;
  readonly faults: Faults;
  readonly org: { readonly id: number; readonly name: string };
  readonly apiKey: { readonly id: string; readonly secret: string };
  readonly account: { readonly email: string; readonly password: string };
  readonly published: readonly PlatformMessage[];
  readonly invocations: readonly Invocation[];
  /** An incident that is simply there: no rule fires. Wire names; `name` and `discovered_date` have defaults. */
  seedIncident(input?: Wire): IncidentRecord;
  /** The same by the hand of an analyst: rules fire. */
  createIncident(input?: Wire): IncidentRecord;
  updateIncident(id: number, input: Wire): IncidentRecord;
  incident(id: number): IncidentRecord;
  /** A click on a menu item. */
  invokeRule(name: string, incidentId: number, artifactId?: number): Invocation[];
  invokeFunction(name: string, inputs: Wire): Invocation;
  /** What the app answered, as it came from the broker. */
  recordReply(correlationId: string, body: string | Wire, complete?: boolean): void;
  /** Resolves when everything that was fired has been published. */
  settled(): Promise<void>;
  dropSessions(): void;
  /** Takes a permission from the API key and the user. */
  revoke(permission: Permission): void;
  close(): Promise<void>;
}

export async function startResilientSimulator(options: SimulatorOptions = {}): Promise<ResilientSimulator> {
  const world = createWorld();
  const clock = options.clock ?? systemClock;
  const published: PlatformMessage[] = [];
  const publish = async (message: PlatformMessage): Promise<void> => {
    published.push(message);
    await options.publish?.(message);
  };
  const platform = new Platform({ world, clock, publish });
  const sessions = new Sessions(world);
  const context: ServerContext = {
    world,
    platform,
    clock,
    sessions,
    faults: new Faults(),
    calls: new Calls(),
  };
  platform.addNote = (incidentId, text, by) => {
    const record = world.incidents.get(incidentId);
    if (record !== undefined)
      addComment(context, record, { text: { format: "text", content: text } }, { by, mutedRules: [] });
  };
  const certificate = options.tls === true ? await createCertificate() : options.tls || undefined;
  const prefix = options.prefix ?? "";
  const app = createApp(context, {
    secure: certificate !== undefined,
    prefix,
    analyst: () => principal(world, "user"),
  });
  const server: Server =
    certificate === undefined
      ? createHttpServer(app)
      : createHttpsServer({ cert: certificate.certPem, key: certificate.keyPem }, app);
  const port = await listen(server, options.port ?? 0);
  const url = certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
  return {
    ...handle(context, published),
    url,
    port,
    caPem: certificate?.certPem,
    close: () => stop(server),
    [Symbol.asyncDispose]: () => stop(server),
  };
}

type Handle = Omit<ResilientSimulator, "url" | "port" | "caPem" | "close" | typeof Symbol.asyncDispose>;

function handle(context: ServerContext, published: readonly PlatformMessage[]): Handle {
  const { world, platform, clock, sessions, faults, calls } = context;
  const analyst = principal(world, "user");
  const key = principal(world, "api-key");
  const cause = { by: analyst, mutedRules: [] };
  const withDefaults = (input: Wire = {}): Wire => ({
    name: "Phish",
    discovered_date: clock.now(),
    ...input,
  });
  const org = world.orgs.find(({ id }) => id === world.orgId) ?? { id: 0, name: "" };
  return {
    world,
    calls,
    faults,
    org: { id: org.id, name: org.name },
    apiKey: { id: key.login, secret: key.secret },
    account: { email: analyst.login, password: analyst.secret },
    published,
    invocations: platform.invocations.all,
    seedIncident: (input) => seedIncident(context, withDefaults(input), analyst),
    createIncident: (input) => createIncident(context, withDefaults(input), cause),
    updateIncident: (id, input) => updateIncident(context, id, input, cause),
    incident: (id) => incidentRecord(context, id),
    invokeRule: (name, incidentId, artifactId) => platform.invokeRule(name, incidentId, artifactId, analyst),
    invokeFunction: (name, inputs) => platform.invokeFunction(name, inputs, analyst),
    recordReply: (correlationId, body, complete) => {
      platform.recordReply(correlationId, body, complete);
    },
    settled: () => platform.settled(),
    dropSessions: () => {
      sessions.dropAll();
    },
    revoke: (permission) => {
      for (const one of world.principals) one.permissions.delete(permission);
    },
  };
}

// What only the server sets, and a test still wants to choose.
const serverFields = ["phase_id", "create_date"] as const;

function seedIncident(context: ServerContext, input: Wire, by: PrincipalRecord): IncidentRecord {
  const mutedRules = context.world.rules.map(({ id }) => id);
  const record = createIncident(context, input, { by, mutedRules });
  for (const name of serverFields) if (name in input) record.dto[name] = input[name];
  return record;
}

function principal(world: World, kind: PrincipalRecord["kind"]): PrincipalRecord {
  const found = world.principals.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`the simulator has no ${kind}`);
  return found;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
