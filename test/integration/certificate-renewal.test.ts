import { once } from "node:events";
import { mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { generate } from "selfsigned";
import { bindHttpServer, type HttpServer } from "../../src/app/http-server.js";
import { createAuthority, type Authority, type ServerCertificate } from "../support/certificates.js";
import { createLogCapture, type LogCapture } from "../support/log-capture.js";

let directory: string;
let certFile: string;
let authority: Authority;
let server: HttpServer;
let capture: LogCapture;

const pemOf = ({ key, cert }: ServerCertificate): string => `${key.trim()}\n${cert.trim()}\n`;

async function replace(text: string): Promise<void> {
  await writeFile(`${certFile}.new`, text);
  await rename(`${certFile}.new`, certFile);
}

/** The name in the certificate that a new connection is shown. */
async function nameShown(): Promise<string> {
  const socket = tls.connect({ port: server.port, ca: authority.ca, checkServerIdentity: () => undefined });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`did not come true: ${capture.text()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const complaints = (): number => capture.lines().filter(({ level }) => level === 50).length;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "renewal-"));
  certFile = join(directory, "server.pem");
  authority = await createAuthority();
  await writeFile(certFile, pemOf(await authority.issue("first.test")));
  capture = createLogCapture();
  server = await bindHttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: { certFile, checkEveryMs: 5 },
    log: capture.log,
  });
  server.serve((_req, res) => void res.end("hello"));
});

afterEach(async () => {
  await server.stop(0);
  await rm(directory, { recursive: true });
});

test("a renewed certificate is shown without a restart, and connections that are open stay", async () => {
  // Of the agent, not of each request: Node doesn't keep a connection that one request alone has looked at.
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, checkServerIdentity: () => undefined });
  const ports = new Set<number | undefined>();
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = https.get(server.url, { ca: authority.ca, agent }, (response) => {
        ports.add(response.socket.localPort);
        response.resume().once("end", resolve);
      });
      request.on("error", reject);
    });
  await ask();
  expect(await nameShown()).toBe("first.test");
  await replace(pemOf(await authority.issue("second.test")));
  await until(async () => (await nameShown()) === "second.test");
  await ask();
  expect(ports.size).toBe(1);
  agent.destroy();
  expect(capture.lines().map(({ msg }) => msg)).toEqual(["the web server's certificate was renewed"]);
  expect(capture.text()).not.toContain("PRIVATE KEY");
});

test.each([
  ["nonsense", () => Promise.resolve("nonsense")],
  [
    "the key of another certificate",
    async () => (await authority.issue("x.test")).key + (await authority.issue("y.test")).cert,
  ],
  [
    "a certificate that has expired",
    async () => {
      const made = await generate([{ name: "commonName", value: "old.test" }], {
        keyType: "ec",
        algorithm: "sha256",
        notBeforeDate: new Date(Date.now() - 2e9),
        notAfterDate: new Date(Date.now() - 1e9),
      });
      return pemOf({ key: made.private, cert: made.cert });
    },
  ],
])("%s is logged as an error and the old one stays, until a good one comes", async (_what, text) => {
  await replace(await text());
  await until(() => complaints() === 1);
  expect(capture.text()).toContain(`[webserver] certfile ${certFile}`);
  expect(await nameShown()).toBe("first.test");
  await replace(pemOf(await authority.issue("third.test")));
  await until(async () => (await nameShown()) === "third.test");
});

test("a file that is gone for a while, and one that is swapped by a link", async () => {
  await unlink(certFile);
  await until(() => complaints() === 1);
  expect(await nameShown()).toBe("first.test");
  await writeFile(join(directory, "v2.pem"), pemOf(await authority.issue("linked.test")));
  await symlink(join(directory, "v2.pem"), certFile);
  await until(async () => (await nameShown()) === "linked.test");
});

test("a new certificate is not shown below TLS 1.2, either", async () => {
  await replace(pemOf(await authority.issue("second.test")));
  await until(async () => (await nameShown()) === "second.test");
  const options = { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } as const;
  const refused = new Promise((resolve) => {
    https.get(server.url, { ...options, ca: authority.ca, agent: false }).on("error", (error) => {
      resolve(error.message);
    });
  });
  expect(await refused).toMatch(/version|alert/);
});
