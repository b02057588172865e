import { Router } from "express";
import { SECOND_MS } from "../src/core/time.js";
import { methodNotAllowed } from "./http-problem.js";
import { createReadiness, type Readiness, type ReadinessDeps } from "./readiness.js";
import { sendJson } from "./send-json.js";

export interface HealthDeps extends ReadinessDeps {
  readonly version: string;
  /** Aborted as soon as the program begins to stop: from then on it isn't ready, whatever the checks say. */
  readonly shuttingDown: AbortSignal;
}

const stopping: Readiness = {
  ready: false,
  checks: { shutdown: { ok: false, problem: "the program is shutting down" } },
};

/** GET /health: the process lives. GET /ready: it is of use, or why it isn't. Express answers HEAD along with GET. */
export function createHealthRouter(deps: HealthDeps): Router {
  const startedMs = deps.clock.now();
  const readiness = createReadiness(deps);
  const router = Router();

  const health = router.route("/health");
  health.get((_req, res) => {
    const uptimeSecs = Math.floor((deps.clock.now() - startedMs) / SECOND_MS);
    sendJson(res, 200, { status: "ok", version: deps.version, uptime_secs: uptimeSecs });
  });
  health.all(methodNotAllowed("GET, HEAD"));

  const ready = router.route("/ready");
  ready.get(async (_req, res) => {
    const state = deps.shuttingDown.aborted ? stopping : await readiness();
    sendJson(res, state.ready ? 200 : 503, state);
  });
  ready.all(methodNotAllowed("GET, HEAD"));

  return router;
}
