import { TrustarResilientError } from "../src/core/errors.js";
import type { Log, ReadinessCheck } from "../src/core/ports.js";
import { SECOND_MS, type Clock } from "../src/core/time.js";

const CHECK_TIMEOUT_MS = 3 * SECOND_MS;
type CheckResult =
  { readonly ok: true; readonly warning?: string } | { readonly ok: false; readonly problem: string };

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface ReadinessDeps {
  readonly checks: readonly ReadinessCheck[];
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds each check may take. */
  readonly checkTimeoutMs?: number | undefined;
}

/** All checks side by side; callers that come while they run share one run. */
export function createReadiness(deps: ReadinessDeps): () => Promise<Readiness> {
  const checks = deps.checks.map((check) => ({ check, problemNow: rememberingNo(check, deps) }));
  let running: Promise<Readiness> | undefined;

  const evaluate = async (): Promise<Readiness> => {
    const entries = await Promise.all(
      checks.map(async ({ check, problemNow }): Promise<[string, CheckResult]> => {
        const problem = await problemNow();
        return [check.name, problem === undefined ? good(check) : { ok: false, problem }];
      }),
    );
    return { ready: entries.every(([, { ok }]) => ok), checks: Object.fromEntries(entries) };
  };

  return () => {
    running ??= evaluate().finally(() => {
      running = undefined;
    });
    return running;
  };
}

function good(check: ReadinessCheck): CheckResult {
  const warning = check.warning?.();
  return warning === undefined ? { ok: true } : { ok: true, warning };
}

/** Whoever hammers /ready during an outage costs the upstream no more than one question in the check's own time. */
function rememberingNo(check: ReadinessCheck, deps: ReadinessDeps): () => Promise<string | undefined> {
  let no: { readonly problem: string; readonly untilMs: number } | undefined;
  return async () => {
    if (no !== undefined && deps.clock.now() < no.untilMs) return no.problem;
    const problem = await problemOf(check, deps);
    no = problem === undefined ? undefined : { problem, untilMs: deps.clock.now() + (check.noStandsMs ?? 0) };
    return problem;
  };
}

async function problemOf(check: ReadinessCheck, deps: ReadinessDeps): Promise<string | undefined> {
  const timeoutMs = deps.checkTimeoutMs ?? CHECK_TIMEOUT_MS;
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`no answer within ${timeoutMs} ms`);
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([check.problem(abort.signal), timeout]);
  } catch (error) {
    if (error instanceof TrustarResilientError) return error.message;
    deps.log.error({ check: check.name, error: String(error) }, "readiness check failed unexpectedly");
    return "the check itself failed, see the log";
  } finally {
    clearTimeout(timer);
  }
}
