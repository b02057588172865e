export type Outcome<R> =
  { readonly ok: true; readonly result: R | undefined } | { readonly ok: false; readonly error: Error };

type Ask<R> = (values: readonly string[]) => Promise<ReadonlyMap<string, R>>;

/** When this many calls were refused and none was taken, it is not a value but the request that is wrong. */
const hopelessRefusals = 7;
/** Enough to find four bad values in a hundred; what is not found by then fails together. */
const maxCalls = 60;

/**
 * Asks for all values at once. When the answer is an error that one bad value can cause, the values are halved, and
 * the refused halves again, until the bad ones stand alone and the others have their answers. Never rejects.
 */
export async function splitAroundRefused<R>(
  values: readonly string[],
  ask: Ask<R>,
  blamesOneValue: (error: unknown) => boolean,
): Promise<ReadonlyMap<string, Outcome<R>>> {
  const outcomes = new Map<string, Outcome<R>>();
  const groups: (readonly string[])[] = [values];
  let refusals = 0;
  let calls = 0;
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    calls += 1;
    const error = await attempt(group, ask, outcomes);
    if (error === undefined) continue;
    refusals += 1;
    const hopeless = refusals >= hopelessRefusals && refusals === calls;
    if (hopeless || !blamesOneValue(error) || calls >= maxCalls) {
      for (const value of [group, ...groups.splice(0)].flat()) outcomes.set(value, { ok: false, error });
    } else if (group.length === 1) {
      for (const value of group) outcomes.set(value, { ok: false, error });
    } else {
      const middle = Math.ceil(group.length / 2);
      groups.push(group.slice(0, middle), group.slice(middle));
    }
  }
  return outcomes;
}

async function attempt<R>(
  values: readonly string[],
  ask: Ask<R>,
  outcomes: Map<string, Outcome<R>>,
): Promise<Error | undefined> {
  try {
    const results = await ask(values);
    for (const value of values) outcomes.set(value, { ok: true, result: results.get(value) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("unknown failure", { cause: error });
  }
}
