/**
 * The built program, with a proxy between it and everything: the servers' names can be resolved by nobody but the proxy,
 * so nothing can go around it. `npm test` runs this on a double; `npm run test:proxy` on Debian's squid and tinyproxy.
 */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority, type Authority } from "../support/certificates.js";
import {
  freePort,
  runProgram,
  startProduct,
  startWorker,
  tempFolder,
  type Product,
  type TempFolder,
} from "../support/product.js";
import { startSoar, type Soar } from "../support/soar.js";
import { proxyKinds, startTestProxy, type ProxyKind, type TestProxyOptions } from "../support/test-proxy.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

const trustarHost = "api.trustar.test";
const soarHost = "soar.test";
const hosts = [trustarHost, soarHost];
// tinyproxy's own configuration allows no more signs than these.
const passwords: Record<ProxyKind, string> = {
  double: 'p@ss:w/ör%d#?"',
  squid: "p@ss:w/ord%41#?\"'",
  tinyproxy: "p_ss-w.rd",
};

interface World extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly trustar: TrustarSimulator;
  readonly authority: Authority;
  readonly soar: Soar;
  readonly port: number;
  /** Of TruSTAR, Resilient and the broker, as the proxy gets to see them. */
  readonly targets: readonly string[];
  /** Lets the worker trust one more authority. */
  trustForSoar(pem: string): Promise<void>;
  config(lines: { readonly trustar: string; readonly resilient?: string }): Promise<string>;
}

async function aWorld(): Promise<World> {
  const folder = await tempFolder();
  const authority = await createAuthority("Private authority");
  const trustar = await startTrustarSimulator({ tls: await authority.issue(trustarHost) });
  const soar = await startSoar({ host: soarHost });
  const port = await freePort();
  const trustarPort = new URL(trustar.url).port;
  await folder.write("trustar-ca.pem", authority.ca);
  const { key, secret } = trustar.credentials;
  const login = `url = https://${trustarHost}:${trustarPort}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`;
  return {
    folder,
    trustar,
    authority,
    soar,
    port,
    targets: [
      `${trustarHost}:${trustarPort}`,
      `${soarHost}:${soar.resilient.port}`,
      `${soarHost}:${soar.broker.tlsPort}`,
    ],
    config: async (lines) =>
      folder.write(
        "app.config",
        `${await soar.section(folder.path)}${lines.resilient ?? ""}
[webserver]
port = ${port}
[trustar]
${lines.trustar}
[trustar_threat_source]
${login}
[trustar_account_1]
${login}
enclave_ids_for_submission = ${trustar.enclaves[0]!.id}
auto_submission = enable
workspace = Default workspace
`,
      ),
    trustForSoar: async (pem) => {
      for (const name of ["resilient-ca.pem", "broker-ca.pem"])
        await appendFile(join(folder.path, name), `\n${pem}`);
    },
    [Symbol.asyncDispose]: async () => {
      await soar[Symbol.asyncDispose]();
      await trustar.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function lookUp(url: string, value: string): Promise<{ status: number; text: string }> {
  const body = JSON.stringify({ type: "net.ip", value });
  for (;;) {
    const response = await fetch(`${url}/cts/trustar`, { method: "POST", body });
    if (response.status !== 303) return { status: response.status, text: await response.text() };
    await response.arrayBuffer();
  }
}

/** Look-ups before and after a token has died, and an incident that becomes a report. @returns the program's output */
async function wholeStory(world: World, config: string): Promise<string> {
  const { trustar, soar } = world;
  await using product = await startWorker(config, world.port);
  expect((await lookUp(product.url, "203.0.113.7")).text).toContain("HIGH");
  trustar.revokeTokens();
  expect((await lookUp(product.url, "198.51.100.23")).text).toContain("MEDIUM");
  expect(trustar.calls().byEndpoint["POST /oauth/token"]).toBeGreaterThanOrEqual(2);

  const artifact = { type: { name: "IP Address" }, value: "203.0.113.7", description: "seen" };
  const { id } = soar.resilient.createIncident({ workspace: 1, artifacts: [artifact] }).dto;
  await soar.platform.until((replies) => replies.some(({ complete }) => complete));
  expect(soar.platform.finalReplies[0]).toMatchObject({ messageType: 0 });
  expect(trustar.reports().map((report) => report.externalTrackingId)).toContain(`RESILIENT${id}`);
  expect(await product.terminate()).toBe(0);
  return product.output();
}

/** Why look-ups can't be made, as whoever watches the program is told. */
async function notReady({ url }: Product): Promise<string> {
  const ready = await fetch(`${url}/ready`);
  expect(ready.status).toBe(503);
  return ready.text();
}

/** Squid writes a tunnel down when it ends, a moment after the program has. */
async function seenBy(
  proxy: { targets(): Promise<readonly string[]> },
  count: number,
): Promise<readonly string[]> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const seen = [...new Set(await proxy.targets())].sort();
    if (seen.length >= count || Date.now() > endMs) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const caLine = (world: World): string => `cafile = ${join(world.folder.path, "trustar-ca.pem")}\n`;

describe.each(proxyKinds)("through %s", (kind) => {
  const password = passwords[kind];
  const login = `svc-soc:${password}`;
  const proxyLines = (port: number, scheme = ""): string =>
    `proxy = true\nproxy_url = ${scheme}127.0.0.1:${port}\nsecure_proxy = true\n` +
    `proxy_username = svc-soc\nproxy_password = ${password}\n`;
  const resilientLines = (port: number, scheme = ""): string =>
    `proxy_host = ${scheme}127.0.0.1\nproxy_port = ${port}\nproxy_user = svc-soc\nproxy_password = ${password}\n`;
  const aProxy = (options: Partial<TestProxyOptions> = {}) => startTestProxy(kind, { hosts, ...options });

  test("without log-in: look-ups, token, reports, REST and STOMP", async () => {
    await using world = await aWorld();
    await using proxy = await aProxy();
    const trustar = `proxy = true\nproxy_url = http://127.0.0.1:${proxy.port}/\n${caLine(world)}`;
    const resilient = `proxy_host = 127.0.0.1\nproxy_port = ${proxy.port}\n`;
    await wholeStory(world, await world.config({ trustar, resilient }));
    expect(await seenBy(proxy, 3)).toEqual([...world.targets].sort());
  }, 120_000);

  test("with a log-in: the same, and the password is nowhere in the output", async () => {
    await using world = await aWorld();
    await using proxy = await aProxy({ login });
    const trustar = proxyLines(proxy.port) + caLine(world);
    const output = await wholeStory(
      world,
      await world.config({ trustar, resilient: resilientLines(proxy.port) }),
    );
    expect(await seenBy(proxy, 3)).toEqual([...world.targets].sort());
    expect(output).toContain(`127.0.0.1:${proxy.port}`);
    for (const secret of [password, Buffer.from(login).toString("base64")])
      expect(output).not.toContain(secret);
  }, 120_000);

  test("by HTTPS_PROXY, with NO_PROXY for what is near", async () => {
    await using world = await aWorld();
    await using proxy = await aProxy({ login });
    const config = await world.config({ trustar: caLine(world) });
    const HTTPS_PROXY = `http://svc-soc:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`;
    const ask = (env: Record<string, string>) =>
      runProgram(["lookup", "203.0.113.7", "--config", config], env);
    expect(await ask({ HTTPS_PROXY })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("HIGH") as string,
    });
    await using around = await startProduct(config, world.port, { HTTPS_PROXY, NO_PROXY: "trustar.test" });
    expect(await notReady(around)).toMatch(/ENOTFOUND|EAI_AGAIN/);
  }, 120_000);

  test("a refused log-in and a proxy that is down are told as the proxy's", async () => {
    await using world = await aWorld();
    await using proxy = await aProxy({ login: "svc-soc:another" });
    const config = await world.config({ trustar: proxyLines(proxy.port) + caLine(world) });
    const at = `The proxy 127.0.0.1:${proxy.port} on the way to ${world.targets[0]!} `;
    const refused = await runProgram(["lookup", "203.0.113.7", "--config", config]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(
      `Could not ask TruSTAR: ${at}does not accept the user name and password (${kind === "tinyproxy" ? 401 : 407}): check`,
    );
    await proxy.stop();
    await using product = await startProduct(config, world.port);
    expect(await notReady(product)).toContain(`${at}refuses connections (ECONNREFUSED)`);
    for (const text of [refused.stderr, product.output()]) expect(text).not.toContain(password);
    expect(await product.terminate()).toBe(0);
    expect(world.trustar.calls().total).toBe(0);
  }, 120_000);

  if (kind === "tinyproxy") return; // It can do neither of these.

  test("that speaks TLS itself, behind the authorities of cafile", async () => {
    await using world = await aWorld();
    const certificate = await world.authority.issue("localhost", ["127.0.0.1"]);
    await using proxy = await aProxy({ login, certificate });
    const trustar = proxyLines(proxy.port, "https://") + caLine(world);
    const config = await world.config({ trustar, resilient: resilientLines(proxy.port, "https://") });
    await world.trustForSoar(world.authority.ca);
    await wholeStory(world, config);
    expect(await seenBy(proxy, 3)).toEqual([...world.targets].sort());
  }, 120_000);

  test("that inspects TLS: refused until its authority is in cafile, as PEM text, too", async () => {
    await using world = await aWorld();
    const authority = await createAuthority("Inspecting proxy");
    await using proxy = await aProxy({ login, inspect: { authority, names: [trustarHost] } });
    const resilient = resilientLines(proxy.port);
    const distrusting = await world.config({ trustar: proxyLines(proxy.port) + caLine(world), resilient });
    {
      await using product = await startProduct(distrusting, world.port);
      expect(await notReady(product)).toContain("if a proxy inspects TLS here");
    }
    expect(world.trustar.calls().total).toBe(0);
    const inline = `cafile = ${authority.ca.trim().replaceAll("\n", "\n  ")}\n`;
    await wholeStory(world, await world.config({ trustar: proxyLines(proxy.port) + inline, resilient }));
    expect(await seenBy(proxy, 3)).toEqual([...world.targets].sort());
  }, 180_000);
});
