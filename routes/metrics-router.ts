import { Router } from "express";
import { methodNotAllowed } from "./http-problem.js";

export interface MetricsDeps {
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetricsRouter(metrics: MetricsDeps): Router {
  const router = Router();
  const route = router.route("/metrics");
  route.get(async (_req, res) => {
    const { contentType, body } = await metrics.render();
    res.setHeader("Content-Type", contentType);
    res.setHeader("Content-Length", Buffer.byteLength(body));
    res.end(body);
  });
  route.all(methodNotAllowed("GET, HEAD"));
  return router;
}
