import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startHttpProxy } from "../support/http-proxy.js";
import { runProgram } from "../support/product.js";
import { lines, setUpSelftest } from "../support/selftest-setup.js";
import { openSlowDoor } from "../support/slow-door.js";

// Every name has a second address where nothing listens. A way takes a second, and Node alone would give up the first
// address after a quarter of one.
const twoAddresses = `
  import dns from "node:dns";
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  dns.lookup = (name, ...others) => {
    const done = others.pop();
    others[0]?.all ? done(null, addresses) : done(null, addresses[0].address, 4);
  };
`;
const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(twoAddresses)}` };

test("Resilient, its broker and TruSTAR are reached over a slow way, although their names have a dead address", async () => {
  await using setup = await setUpSelftest();
  const { resilient, broker } = setup.soar;
  await using rest = await openSlowDoor(resilient.port);
  await using stomp = await openSlowDoor(broker.tlsPort);
  await using trustar = await openSlowDoor(Number(new URL(setup.trustar.url).port));
  const ended = await selftest(setup, (config) =>
    config
      .replace(`port = ${resilient.port}`, `port = ${rest.port}`)
      .replace(`stomp_port = ${broker.tlsPort}`, `stomp_port = ${stomp.port}`)
      .replaceAll(`url = ${setup.trustar.url}`, `url = https://localhost:${trustar.port}`),
  );
  expect(lines(ended, "✗")).toEqual([]);
  expect(ended.code).toBe(0);
  await Promise.all([rest.knocked, stomp.knocked, trustar.knocked]);
});

test("so is a proxy", async () => {
  await using setup = await setUpSelftest();
  const proxy = await startHttpProxy();
  await using door = await openSlowDoor(proxy.port);
  const ended = await selftest(setup, (config) =>
    config.replace(
      "queue = trustar\n",
      `queue = trustar\nproxy = true\nproxy_url = localhost:${door.port}\n`,
    ),
  );
  await proxy.close();
  expect(lines(ended, "✗")).toEqual([]);
  await door.knocked;
});

test("so is the program itself by the image's health check", async () => {
  const server = http.createServer((_, res) => res.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using door = await openSlowDoor((server.address() as AddressInfo).port);
  const program = fileURLToPath(new URL("../../dist/src/health-check.js", import.meta.url));
  const HEALTH_URL = `http://localhost:${door.port}/health`;
  const child = spawn(process.execPath, [program], { env: { ...env, HEALTH_URL }, stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([0, null]);
  await door.knocked;
  server.close();
  server.closeAllConnections();
});

async function selftest(
  { folder, configPath }: Awaited<ReturnType<typeof setUpSelftest>>,
  edit: (config: string) => string,
): ReturnType<typeof runProgram> {
  const config = await folder.write("slow.config", edit(await readFile(configPath, "utf8")));
  return runProgram(["selftest", "--config", config], {
    ...env,
    NODE_EXTRA_CA_CERTS: join(folder.path, "extra.pem"),
  });
}
