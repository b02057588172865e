import type { AddressInfo } from "node:net";
import express from "express";

/** What Express 5 itself costs: the same JSON, and nothing done for it. */
const finished = JSON.parse(process.argv[2] ?? "{}") as object;

const app = express();
app.disable("x-powered-by").disable("etag");
app.get("/cts/trustar/:id", (_req, res) => {
  res.json(finished);
});
app.post("/cts/trustar", express.json(), (_req, res) => {
  res.status(303).json({ id: "be83617d-e0d7-5e39-bca2-7248e347cff1", hits: [], retry_secs: 5 });
});
app.post("/cts/known", express.json(), (_req, res) => {
  res.json(finished);
});
const server = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
