import { Releasers } from "../../../src/app/releasers.js";
import { createAuthority, type Authority, type ServerCertificate } from "../../support/certificates.js";
import { startFaultProxy, type FaultProxy } from "../../support/fault-proxy.js";
import { quietLog } from "../../support/link-harness.js";
import { freePort, tempFolder } from "../../support/product.js";
import { issueContextToken } from "../../support/resilient-simulator/context-token.js";
import { startSoar, type LoginKind, type Soar } from "../../support/soar.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../../support/trustar-simulator/start-trustar-simulator.js";
import { knownToTrustar } from "../load/artifacts.js";
import { appConfig, ctsLogin } from "./arena-config.js";
import { openProgramClock, type ProgramClock } from "./clock-lever.js";
import { brokerHost, openHouse, trustarHost, type House } from "./house.js";
import { openProxy, type ProxyLever } from "./proxy-lever.js";
import { Program } from "./program.js";
import { startTlsFront, type TlsFront } from "./tls-front.js";

/** A server with a wire that can be cut and, except for Resilient's own, a certificate that can be changed. */
export interface Way {
  readonly wire: FaultProxy;
  readonly front: TlsFront;
  /** The good one. */
  readonly certificate: ServerCertificate;
}

/** The built program, both halves, between a TruSTAR, a Resilient and a broker that can all be broken. */
export interface Arena extends AsyncDisposable {
  readonly program: Program;
  readonly trustar: TrustarSimulator;
  readonly soar: Soar;
  readonly house: House;
  readonly clock: ProgramClock;
  readonly trustarWay: Way;
  readonly brokerWay: Way;
  readonly resilientWire: FaultProxy;
  /** Between the program and everything, if the arena was opened with it. */
  readonly proxy: ProxyLever | undefined;
  /** The one that the program trusts. */
  readonly authority: Authority;
  /** What must be in no log: what was configured and what was issued since. */
  secrets(): readonly string[];
}

export interface ArenaOptions {
  /** Everything goes through an HTTP proxy. */
  readonly viaProxy?: boolean;
  /** How it logs in at Resilient and its broker. Default: with an API key, which has no session that could be lost. */
  readonly login?: LoginKind;
  /** Default: as good as no limit. */
  readonly callsPerMinute?: number;
  /** Look-ups that the program may have in memory, under way and finished. */
  readonly roomFor?: number;
}

export async function openArena({
  viaProxy = false,
  login = "api-key",
  callsPerMinute = 6_000,
  roomFor,
}: ArenaOptions = {}): Promise<Arena> {
  const releasers = new Releasers(quietLog);
  const folder = await tempFolder();
  releasers.add("folder", async () => {
    await folder[Symbol.asyncDispose]();
  });
  const house = await openHouse(folder.path);
  releasers.add("house", () => house.close());
  const clock = await openProgramClock(folder.path);
  const authority = await createAuthority("Authority of the arena");
  const trustar = await startTrustarSimulator({ known: knownToTrustar, extractionDelayMs: 50 });
  releasers.add("TruSTAR", () => trustar.close());
  const soar = await startSoar();
  releasers.add("SOAR", async () => {
    await soar[Symbol.asyncDispose]();
  });
  const trustarWay = await openWay(Number(new URL(trustar.url).port), trustarHost, authority, releasers);
  const brokerWay = await openWay(soar.broker.port, brokerHost, authority, releasers);
  const resilientWire = await openWire(soar.resilient.port, releasers);
  const proxy = viaProxy ? await openProxy(folder.path) : undefined;
  releasers.add("proxy", () => proxy?.stop());
  const port = await freePort();
  const facts = {
    folder: folder.path,
    disk: house.disk,
    port,
    trustar,
    trustarPort: trustarWay.front.port,
    soar,
    login,
    resilientPort: resilientWire.port,
    brokerPort: brokerWay.front.port,
    brokerCa: authority.ca,
    proxyPort: proxy?.port,
    callsPerMinute,
    roomFor,
  };
  const program = new Program({
    config: await folder.write("app.config", await appConfig(facts)),
    port,
    env: { NODE_EXTRA_CA_CERTS: await folder.write("authority.pem", authority.ca), ...clock.env },
    through: house.through,
  });
  releasers.add("program", () => program.close());
  await program.start();
  const ways = { trustarWay, brokerWay, resilientWire, proxy, authority };
  const configured = configuredSecrets(trustar, soar);
  return {
    ...ways,
    program,
    trustar,
    soar,
    house,
    clock,
    secrets: () => [...configured, ...trustar.issuedTokens()],
    [Symbol.asyncDispose]: () => releasers.close(),
  };
}

/** Context tokens all begin alike, and so do headers with credentials. */
function configuredSecrets({ credentials }: TrustarSimulator, { resilient }: Soar): readonly string[] {
  const { apiKey, account } = resilient;
  const pairs = [
    [credentials.key, credentials.secret],
    [apiKey.id, apiKey.secret],
    [account.email, account.password],
    [ctsLogin.user, ctsLogin.password],
  ] as const;
  return [
    ...pairs.flatMap(([name, secret]) => [secret, Buffer.from(`${name}:${secret}`).toString("base64")]),
    issueContextToken([], 0).split(".", 1).join(),
    ...["Bearer ", "Basic ", "JSESSIONID="],
  ];
}

async function openWire(targetPort: number, releasers: Releasers): Promise<FaultProxy> {
  const wire = await startFaultProxy(targetPort);
  releasers.add("wire", () => wire.close());
  return wire;
}

async function openWay(
  targetPort: number,
  host: string,
  authority: Authority,
  releasers: Releasers,
): Promise<Way> {
  const wire = await openWire(targetPort, releasers);
  const certificate = await authority.issue(host);
  const front = await startTlsFront(wire.port, certificate);
  releasers.add("front", () => front.close());
  return { wire, front, certificate };
}
