import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";

/**
 * A model of the legacy app's searcher under rc-cts: every artifact waits its turn on the one thread, and costs a token
 * and a search of its own. It does nothing else; the real one is slower.
 */
const [url = "", key = "", secret = ""] = process.argv.slice(2);
const results = new Map<string, { readonly id: string; readonly hits: readonly object[] }>();
let turn: Promise<void> = Promise.resolve();

async function search(value: string): Promise<readonly object[]> {
  const basic = Buffer.from(`${key}:${secret}`).toString("base64");
  const granted = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  for (;;) {
    const found = await fetch(`${url}/api/1.3/indicators/search?searchTerm=${encodeURIComponent(value)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = (await found.json()) as { items?: { value: string }[]; waitTime?: number };
    if (found.status !== 429) return (body.items ?? []).filter((item) => item.value === value);
    await new Promise((resolve) => setTimeout(resolve, body.waitTime ?? 1_000));
  }
}

const app = express();
app.post("/cts/trustar", express.json(), (req, res) => {
  const { value } = req.body as { value: string };
  const id = Buffer.from(value).toString("hex");
  turn = turn.then(async () => {
    results.set(id, { id, hits: await search(value) });
  });
  // The searcher has the thread: the web server answers when it is done.
  void turn.then(() => {
    res.status(303).json({ id, hits: [], retry_secs: 5 });
  });
});
app.get("/cts/trustar/:id", (req, res) => {
  const result = results.get(req.params.id);
  if (result === undefined) res.status(303).json({ id: req.params.id, hits: [], retry_secs: 60 });
  else res.json(result);
});
const server = createServer(app).listen(0, "127.0.0.1", () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
