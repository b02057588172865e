import { createHttp } from "../../services/http/create-http.js";
import { startClosingBalancer } from "../support/closing-balancer.js";
import { beforeEachResilient } from "../support/fresh-resilient.js";
import { startHttpProxy } from "../support/http-proxy.js";
import { aClient, immediate, never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

// Nothing is repeated but what was cut on a kept connection.
const retry = { ...immediate, retries: 0 };

let simulator: ResilientSimulator;
let id: number;
beforeEachResilient((fresh) => {
  ({ simulator } = fresh);
  id = simulator.seedIncident().dto.id;
});

describe.each(["after-answer", "on-next-bytes"] as const)("closed %s", (closing) => {
  it.each(["straight", "through a proxy"])("Resilient answers every call, %s", async (way) => {
    await using balancer = await startClosingBalancer(simulator.url, closing);
    const forwarder = await startHttpProxy();
    const proxy = {
      scheme: "http",
      host: "127.0.0.1",
      port: forwarder.port,
      setBy: "p",
      loginSetBy: "l",
    } as const;
    using client = aClient(simulator, {
      baseUrl: `http://127.0.0.1:${balancer.port}`,
      retry,
      proxy: way === "straight" ? undefined : proxy,
    });
    for (let n = 1; n <= 4; n += 1) {
      await client.getIncident(id, never);
      const { id: noteId } = await client.createNote(id, `note ${n}`, never);
      await client.updateNote(id, noteId, `note ${n}, changed`, never);
      // At once, so that some connections wait idle.
      await Promise.all([client.listNotes(id, never), client.listArtifacts(id, never)]);
    }
    expect(simulator.incident(id).comments).toHaveLength(4);
    await forwarder.close();
  });

  it("TruSTAR does, too, and what may go but once goes over a connection of its own", async () => {
    await using trustar = await startTrustarSimulator();
    await using balancer = await startClosingBalancer(trustar.url, closing);
    const http = createHttp({ upstream: "TruSTAR", timeoutMs: 20_000, maxSockets: 4 });
    const url = `http://127.0.0.1:${balancer.port}/nowhere`;
    for (const once of [false, true, false, true, true]) {
      const request = { method: "POST", url, headers: {}, body: "{}", once } as const;
      expect((await http.send(request, never)).status).toBeGreaterThanOrEqual(400);
    }
    http.close();
  });
});
