export type Outcome<R> =
  { readonly ok: true; readonly result: R | undefined } | { readonly ok: false; readonly error: Error };

type Ask<R> = (values: readonly string[]) => Promise<ReadonlyMap<string, R>>;

/**
 * Asks for all values at once. When the answer is an error that one bad value can cause, the values are halved until
 * the bad one stands alone and the others have their answers. When both halves are refused it is not a value but the
 * request that is wrong, and the search ends: at most two calls per halving. Never rejects.
 */
export async function splitAroundRefused<R>(
  values: readonly string[],
  ask: Ask<R>,
  blamesOneValue: (error: unknown) => boolean,
): Promise<ReadonlyMap<string, Outcome<R>>> {
  const outcomes = new Map<string, Outcome<R>>();
  let suspects = values;
  let refusal = await attempt(suspects, ask, outcomes);
  while (refusal !== undefined && suspects.length > 1 && blamesOneValue(refusal)) {
    const middle = Math.ceil(suspects.length / 2);
    const halves = [suspects.slice(0, middle), suspects.slice(middle)] as const;
    const first = await attempt(halves[0], ask, outcomes);
    const second = await attempt(halves[1], ask, outcomes);
    if (first !== undefined && second !== undefined) break;
    if (first === undefined && second === undefined) return outcomes;
    suspects = first === undefined ? halves[1] : halves[0];
    refusal = first ?? second;
  }
  if (refusal !== undefined) {
    for (const value of suspects) outcomes.set(value, { ok: false, error: refusal });
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
