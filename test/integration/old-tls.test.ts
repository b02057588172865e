/** Upstreams and proxies that speak nothing newer than TLS 1.1 are not spoken to, even where Node.js would. */
import { expect, test } from "@jest/globals";
import { createHttp } from "../../services/http/create-http.js";
import { ProxyTunnel } from "../../services/http/proxy-tunnel.js";
import { createAuthority } from "../support/certificates.js";
import { withOldServer } from "../support/old-tls.js";
import { aClient, failureOf, never } from "../support/resilient-fixture.js";
import { startResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

test("TruSTAR", async () => {
  const authority = await createAuthority();
  await withOldServer(await authority.issue("localhost"), async (server) => {
    const http = createHttp({ upstream: "TruSTAR", timeoutMs: 5_000, maxSockets: 1, ca: authority.ca });
    const url = `https://localhost:${server.port}/oauth/token`;
    await failureOf(http.send({ method: "GET", url, headers: {} }, never));
    await server.refused;
    expect(server.greeted).toBe(0);
    http.close();
  });
});

test("Resilient", async () => {
  await using simulator = await startResilientSimulator();
  const authority = await createAuthority();
  await withOldServer(await authority.issue("localhost"), async (server) => {
    using client = aClient(simulator, { baseUrl: `https://localhost:${server.port}`, ca: authority.ca });
    await failureOf(client.connect(never));
    await server.refused;
    expect(server.greeted).toBe(0);
  });
});

test("a proxy", async () => {
  const authority = await createAuthority();
  await withOldServer(await authority.issue("localhost"), async (server) => {
    const setBy = { setBy: "proxy_host", loginSetBy: "proxy_user" };
    const proxy = { scheme: "https", host: "localhost", port: server.port, ...setBy } as const;
    const tunnel = new ProxyTunnel({ proxy, tls: { ca: authority.ca } });
    await failureOf(tunnel.open({ host: "soar.example.com", port: 443 }, never));
    await server.refused;
    expect(server.greeted).toBe(0);
  });
});
