import { TrustarResilientError } from "../src/core/errors.js";
import type { Log, ReadinessCheck } from "../src/core/ports.js";
import { SECOND_MS, type Clock } from "../src/core/time.js";

const CHECK_TIMEOUT_MS = 3 * SECOND_MS;
/** A "no" is remembered this long, so that whoever hammers /ready costs the upstream nothing. */
const NEGATIVE_TTL_MS = 2 * SECOND_MS;

type CheckResult = { readonly ok: true } | { readonly ok: false; readonly problem: string };

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
  let running: Promise<Readiness> | undefined;
  let refused: { readonly untilMs: number; readonly readiness: Readiness } | undefined;

  const evaluate = async (): Promise<Readiness> => {
    const entries = await Promise.all(
      deps.checks.map(async (check): Promise<[string, CheckResult]> => {
        const problem = await problemOf(check, deps);
        return [check.name, problem === undefined ? { ok: true } : { ok: false, problem }];
      }),
    );
    const readiness = { ready: entries.every(([, { ok }]) => ok), checks: Object.fromEntries(entries) };
    refused = readiness.ready ? undefined : { untilMs: deps.clock.now() + NEGATIVE_TTL_MS, readiness };
    return readiness;
  };

  return () => {
    if (refused !== undefined && deps.clock.now() < refused.untilMs)
      return Promise.resolve(refused.readiness);
    running ??= evaluate().finally(() => {
      running = undefined;
    });
    return running;
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
