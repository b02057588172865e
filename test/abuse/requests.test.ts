import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { createResilientClient } from "../../services/resilient/resilient-client.js";
import { Secret } from "../../src/core/secret.js";
import { makeCertificates } from "../support/certificates.js";
import { never, silentLog, until } from "../support/lookup-fixtures.js";
import { freePort, runProgram, startProduct, tempFolder } from "../support/product.js";
import { send, statusOf } from "./attacker.js";
import { known, startTarget, type Target } from "./target.js";

const bodyOf = (answer: string): string => answer.split("\r\n\r\n").slice(1).join("\r\n\r\n");
const headOf = (answer: string): string => answer.split("\r\n\r\n", 1)[0] ?? "";

describe("paths, names and headers", () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  const get = (path: string, ...headers: readonly string[]): Promise<string> =>
    send(
      target.port,
      [`GET ${path} HTTP/1.1`, "Host: x", "Connection: close", ...headers, "", ""].join("\r\n"),
    );

  test.each([
    "/cts/trustar/../../app.config",
    "/cts/trustar/..%2f..%2fapp.config",
    "/cts/trustar/%2e%2e/%2e%2e/app.config",
    "/cts/trustar/..%5c..%5capp.config",
    "/cts/trustar/app.config%00.json",
    "/cts/trustar/....//....//app.config",
    "//cts/trustar/../app.config",
    "/../../../../etc/passwd",
    "/cts/trustar/file:%2f%2f%2fetc%2fpasswd",
  ])("%s is an id that nobody knows, or no path at all", async (path) => {
    const answer = await get(path);
    const body = JSON.parse(bodyOf(answer)) as { hits: unknown[] };
    expect([200, 404]).toContain(statusOf(answer));
    expect(body.hits).toEqual([]);
    expect(answer).not.toMatch(/root:|user_api_key|\[webserver\]/);
  });

  test.each([
    ["an id", () => get("/cts/trustar/x%0d%0aX-Injected:%20yes%0d%0a%0d%0abody")],
    ["a request id", () => get("/health", "X-Request-Id: a%0d%0aX-Injected: yes")],
    ["an old line end", () => get("/health", "X-Request-Id: a\rX-Injected: yes")],
    ["the method", () => send(target.port, "GET\r\nX-Injected: yes /health HTTP/1.1\r\n\r\n")],
  ])("%s puts no header into the answer", async (_where, attack) => {
    expect(headOf(await attack())).not.toMatch(/^x-injected/im);
  });

  test.each([
    [
      "both lengths",
      "Content-Length: 4\r\nTransfer-Encoding: chunked",
      "0\r\n\r\nGET /cts/trustar/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    [
      "two lengths",
      "Content-Length: 0\r\nContent-Length: 60",
      "GET /cts/trustar/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    [
      "an odd coding",
      "Transfer-Encoding: xchunked",
      "0\r\n\r\nGET /cts/trustar/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
  ])("a second request is not smuggled in by %s", async (_how, framing, rest) => {
    const answer = await send(
      target.port,
      `POST /cts/trustar HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n${rest}`,
    );
    expect(statusOf(answer)).toBe(400);
    expect(answer).not.toContain("smuggled");
  });

  test("a foreign Host is never believed, repeated or led to", async () => {
    for (const host of ["evil.example", "evil.example:1@x", "localhost", "169.254.169.254", "x\u0000y"]) {
      const answer = await send(
        target.port,
        `GET http://evil.example/cts/trustar/x HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).not.toContain("evil.example");
      expect(headOf(answer)).not.toMatch(/^location:/im);
    }
    expect((await target.ask()).hits).toBeGreaterThan(0);
  });

  test.each(["/", "/..", "/a/../b", "/cts/%2e", "/health", "//", "/a b", "/(a|b)*", "/:id"])(
    "urlbase = %s is refused, or means just that path",
    async (urlbase) => {
      await using folder = await tempFolder();
      const port = await freePort();
      const config = await folder.write(
        "app.config",
        `[webserver]\nport = ${port}\n[custom_threat_service]\nurlbase = ${urlbase}\n[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\n`,
      );
      const { code, stdout, stderr } = await runProgram(["run", "--config", config, "--only", "server"]);
      expect(code).toBe(2);
      expect(stdout + stderr).toContain("[custom_threat_service] urlbase must be a path such as /cts");
    },
  );
});

describe("passwords", () => {
  const basic = (password: string): string => `Basic ${Buffer.from(`soar:${password}`).toString("base64")}`;
  const service = ["auth_user = soar", "auth_password = $CTS_PASSWORD", "max_wrong_logins = 5"];
  const poll = async (port: number, password: string, localAddress?: string): Promise<string> =>
    send(
      port,
      `GET /cts/trustar/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${basic(password)}\r\n\r\n`,
      localAddress,
    );

  test("are not guessed: after max_wrong_logins an address gets 503 for right and wrong ones, and others are not bothered", async () => {
    await using target = await startTarget({ service, env: { CTS_PASSWORD: "the-right-one" } });
    expect(statusOf(await poll(target.port, "the-right-one", "127.0.0.2"))).toBe(200);
    const guesses = ["", "the-right-on", "the-right-one ", "The-right-one", "x".repeat(5_000)];
    for (const guess of guesses) expect(statusOf(await poll(target.port, guess, "127.0.0.2"))).toBe(401);
    for (const guess of [...guesses, "the-right-one"]) {
      const answer = await poll(target.port, guess, "127.0.0.2");
      expect(statusOf(answer)).toBe(503);
      expect(headOf(answer)).toMatch(/^retry-after: 60$/im);
    }
    expect(statusOf(await poll(target.port, "the-right-one", "127.0.0.3"))).toBe(200);
    expect(target.product.output()).not.toContain("right");
  });
});

describe("TLS", () => {
  test("older than 1.2 is refused, whatever the environment of the program says", async () => {
    await using folder = await tempFolder();
    const { key, cert, ca } = await makeCertificates();
    const port = await freePort();
    await folder.write("server.pem", key + cert);
    const config = await folder.write(
      "app.config",
      `[webserver]\nport = ${port}\nsecure = 1\ncertfile = ${folder.path}/server.pem\n[trustar_threat_source]\nurl = http://127.0.0.1:9\nuser_api_key = k\nuser_api_secret = s\n`,
    );
    // Without these OpenSSL itself would refuse, whatever we do.
    const weak = { NODE_OPTIONS: "--tls-min-v1.0 --tls-cipher-list=ALL:@SECLEVEL=0" };
    await using product = await startProduct(config, port, weak);
    const protocolOf = async (maxVersion: tls.SecureVersion): Promise<string> => {
      const socket = tls.connect({ port, ca, maxVersion, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" });
      try {
        await once(socket, "secureConnect");
        return socket.getProtocol() ?? "none";
      } catch {
        return "refused";
      } finally {
        socket.destroy();
      }
    };
    const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
    expect(await Promise.all(versions.map(protocolOf))).toEqual(["refused", "refused", "TLSv1.2", "TLSv1.3"]);
    expect(await product.terminate()).toBe(0);
  });
});

describe("an upstream that sends us elsewhere", () => {
  /** Keeps everything that anybody asks of it. */
  async function startTrap(
    answer: (request: IncomingMessage) => { status: number; headers?: Record<string, string>; body?: string },
  ) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      request.resume();
      asked.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`);
      const { status, headers = {}, body = "" } = answer(request);
      response.writeHead(status, headers).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      asked,
      [Symbol.asyncDispose]: async () => {
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
      },
    };
  }

  const statuses = [301, 302, 303, 307, 308];

  test.each(statuses)("TruSTAR with %i: nobody is followed, and the answer is no verdict", async (status) => {
    await using elsewhere = await startTrap(() => ({ status: 200, body: "[]" }));
    for (const isTokenRedirected of [true, false]) {
      await using trustar = await startTrap(({ url = "" }) =>
        url === "/oauth/token" && !isTokenRedirected
          ? { status: 200, body: '{"access_token":"t0ken","expires_in":599}' }
          : { status, headers: { location: `${elsewhere.url}${url}` } },
      );
      await using folder = await tempFolder();
      const port = await freePort();
      const config = await folder.write(
        "app.config",
        `[webserver]\nport = ${port}\n[custom_threat_service]\nmax_retries = 0\nanswer_within_ms = 200\n[trustar_threat_source]\nurl = ${trustar.url}\nuser_api_key = key\nuser_api_secret = s3cret\n`,
      );
      await using product = await startProduct(config, port);
      const posted = await fetch(`${product.url}/cts/trustar`, {
        method: "POST",
        body: JSON.stringify(known),
        redirect: "manual",
      });
      expect([303, 503]).toContain(posted.status);
      await until(() => trustar.asked.length > 0, "a call to TruSTAR");
      expect(product.output()).not.toContain("s3cret");
    }
    expect(elsewhere.asked).toEqual([]);
  });

  test.each(statuses)("Resilient with %i: nobody is followed", async (status) => {
    await using elsewhere = await startTrap(() => ({
      status: 200,
      body: '{"orgs":[{"id":1,"name":"SOC","enabled":true}]}',
    }));
    await using resilient = await startTrap(({ url = "" }) => ({
      status,
      headers: { location: `${elsewhere.url}${url}` },
    }));
    const client = createResilientClient({
      baseUrl: resilient.url,
      org: "SOC",
      credentials: { kind: "account", email: "a@example.com", password: new Secret("s3cret") },
      log: silentLog,
    });
    await expect(client.connect(never())).rejects.toMatchObject({ code: "upstream_rejected" });
    client.close();
    expect(resilient.asked).toHaveLength(1);
    expect(elsewhere.asked).toEqual([]);
  });
});
