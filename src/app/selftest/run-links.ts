import { reasonOf } from "../../core/error-code.js";
import { TrustarResilientError } from "../../core/errors.js";
import { SECOND_MS } from "../../core/time.js";
import { failed, type Link, type LinkResult, type Verdict } from "./link.js";

/** For one link with all that it does; several wait at the same time. */
const linkTimeoutMs = 20 * SECOND_MS;

export interface RunLinksOptions {
  /** Results of links that were tried before, and may be needed. */
  readonly known?: readonly LinkResult[];
  readonly timeoutMs?: number;
}

/**
 * Tries all links at once, each as soon as those that it needs are good, and tells the results in the given order.
 * A link that needs a broken one is skipped; all others are tried.
 */
export async function* runLinks(
  links: readonly Link[],
  signal: AbortSignal,
  { known = [], timeoutMs = linkTimeoutMs }: RunLinksOptions = {},
): AsyncGenerator<LinkResult> {
  const results = new Map(known.map((result) => [result.id, Promise.resolve(result)]));
  for (const link of links) results.set(link.id, runLink(link, results, signal, timeoutMs));
  for (const link of links) yield await (results.get(link.id) as Promise<LinkResult>);
}

async function runLink(
  link: Link,
  results: ReadonlyMap<string, Promise<LinkResult>>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<LinkResult> {
  const { id, title } = link;
  for (const need of link.needs) {
    const needed = await results.get(need);
    if (needed !== undefined && (needed.state === "failed" || needed.state === "skipped")) {
      return { id, title, state: "skipped", detail: `not tried, because "${needed.title}" comes first` };
    }
  }
  const verdict = await bounded(link, signal, timeoutMs);
  return { id, title, ...verdict, exitCode: verdict.exitCode ?? link.exitCode };
}

async function bounded(link: Link, signal: AbortSignal, timeoutMs: number): Promise<Verdict> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  const { promise: timeUp, resolve } = deferred<Verdict>();
  const giveUp = (): void => {
    const why = signal.aborted ? "stopped before it was done" : `no answer within ${timeoutMs / SECOND_MS} s`;
    resolve(failed(why, link.fix, link.exitCode));
  };
  if (either.aborted) giveUp();
  either.addEventListener("abort", giveUp, { once: true });
  try {
    // Also what does not listen to the signal must not hold up the others.
    return await Promise.race([link.check(either), timeUp]);
  } catch (error) {
    if (either.aborted) return await timeUp;
    if (error instanceof TrustarResilientError) return failed(error.message, link.fix, link.exitCode);
    // The other links are tried all the same.
    const advice = "this is a fault in the program itself: please report it";
    return failed(`not tried to the end (${reasonOf(error)})`, advice);
  } finally {
    either.removeEventListener("abort", giveUp);
  }
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
