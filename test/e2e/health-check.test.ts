import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http, { type RequestListener, type Server } from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { makeCertificates } from "../support/certificates.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The Dockerfile's HEALTHCHECK at its word, on the built program. */
async function check(env: Record<string, string>): Promise<number | null> {
  const dockerfile = await readFile(`${root}Dockerfile`, "utf8");
  const [, command = "[]"] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [node, ...args] = JSON.parse(command) as string[];
  expect(node).toBe("node");
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

async function listenOn(server: net.Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return String((server.address() as AddressInfo).port);
}

const close = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};
const answer =
  (status: number): RequestListener =>
  (req, res) => {
    res.statusCode = req.url === "/health" ? status : 404;
    res.end();
  };

test("a server that speaks http is healthy", async () => {
  const server = http.createServer(answer(200));
  expect(await check({ HEALTH_PORT: await listenOn(server) })).toBe(0);
  close(server);
});

test("a server that speaks https with a private certificate is healthy", async () => {
  const server = https.createServer(await makeCertificates(), answer(200));
  const port = await listenOn(server);
  expect(await check({ HEALTH_PORT: port })).toBe(0);
  expect(await check({ HEALTH_URL: `https://127.0.0.1:${port}/health` })).toBe(0);
  close(server);
});

test.each([500, 303])("a server that answers %i is not", async (status) => {
  const server = http.createServer(answer(status));
  expect(await check({ HEALTH_PORT: await listenOn(server) })).toBe(1);
  close(server);
});

test("where nobody answers, nobody is healthy", async () => {
  const silent = net.createServer();
  const port = await listenOn(silent);
  silent.close();
  await once(silent, "close");
  expect(await check({ HEALTH_PORT: port })).toBe(1);
});
