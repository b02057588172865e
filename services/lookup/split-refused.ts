export type Outcome<R> =
  | { readonly ok: true; readonly result: R | undefined }
  /** `alone`: it was this value that was refused, and no other's company. */
  | { readonly ok: false; readonly error: Error; readonly alone?: true };

export interface SplitJudgement {
  /** Whether an error may be the fault of a single value. */
  readonly blamesOneValue: (error: unknown) => boolean;
  /** Whether an error that comes twice in a row means of a value that was asked alone that nothing is known of it. */
  readonly saysUnknown?: ((error: unknown) => boolean) | undefined;
  /** Values that were refused before are asked alone, so that they can't spoil another batch. */
  readonly wasRefused?: ((value: string) => boolean) | undefined;
}

type Ask<R> = (values: readonly string[]) => Promise<ReadonlyMap<string, R>>;

/** Refused from the start this often, down to the first two values, it may be the request that is wrong. */
const refusalsBeforeProbe = 9;
/** Then one value far from those is asked alone: here, as a part of the batch, in no rhythm that bad values may have. */
const probePlace = 0.618;
/** As many as it would cost to ask each of a full batch by itself; what has no answer by then fails together. */
const maxCalls = 100;

/**
 * Asks for all values at once. When the answer is an error that one bad value can cause, the values are halved, and
 * the refused halves again, until the bad ones stand alone and the others have their answers. Never rejects.
 *
 * Calls of a batch of 100: 1 when nothing is refused; 15 at most for one bad value, 27 for two, 47 for four, 91 for
 * ten, wherever they are; 10 when everything is refused (it is the request that is wrong); never more than 100, and
 * what is unanswered by then fails. The first half goes first, down to single values, so that a good answer comes
 * early and tells bad values from a wrong request. A value that is said to be unknown costs one more.
 */
export async function splitAroundRefused<R>(
  values: readonly string[],
  ask: Ask<R>,
  judgement: SplitJudgement,
): Promise<ReadonlyMap<string, Outcome<R>>> {
  const split = new Split(values, ask, judgement);
  await split.run();
  return split.outcomes;
}

class Split<R> {
  readonly outcomes = new Map<string, Outcome<R>>();
  readonly #values: readonly string[];
  readonly #askUpstream: Ask<R>;
  readonly #judgement: SplitJudgement;
  #calls = 0;
  /** Something was answered: the request is good. */
  #isJudged = false;

  constructor(values: readonly string[], ask: Ask<R>, judgement: SplitJudgement) {
    this.#values = values;
    this.#askUpstream = ask;
    this.#judgement = judgement;
  }

  async run(): Promise<void> {
    const { blamesOneValue, wasRefused = () => false } = this.#judgement;
    const suspects = this.#values.filter(wasRefused);
    const groups: (readonly string[])[] = [
      this.#values.filter((value) => !suspects.includes(value)),
      ...suspects.map((value) => [value]),
    ];
    for (let next = groups.shift(); next !== undefined; next = groups.shift()) {
      const group = this.#unanswered(next);
      if (group.length === 0) continue;
      const error = await this.#ask(group);
      if (error === undefined) continue;
      if (!blamesOneValue(error) || this.#calls >= maxCalls || (await this.#isHopeless())) {
        for (const value of this.#unanswered(this.#values)) this.outcomes.set(value, { ok: false, error });
        return;
      }
      const middle = Math.ceil(group.length / 2);
      if (group.length > 1) groups.unshift(group.slice(0, middle), group.slice(middle));
    }
  }

  /** Resolves to the refusal, if there was one; a value that was refused alone has its outcome with it. */
  async #ask(group: readonly string[]): Promise<Error | undefined> {
    const error = await this.#askOnce(group);
    const isUnknown = group.length === 1 && this.#judgement.saysUnknown?.(error) === true;
    // "Unknown" is kept and shown as clean: a stray answer must not be enough for it.
    return isUnknown ? this.#askOnce(group) : error;
  }

  async #askOnce(group: readonly string[]): Promise<Error | undefined> {
    this.#calls += 1;
    try {
      const results = await this.#askUpstream(group);
      for (const value of group) this.outcomes.set(value, { ok: true, result: results.get(value) });
      this.#isJudged = true;
      return undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error("unknown failure", { cause: thrown });
      const [alone, ...others] = group;
      if (alone !== undefined && others.length === 0) this.outcomes.set(alone, this.#meaningAlone(error));
      return error;
    }
  }

  #meaningAlone(error: Error): Outcome<R> {
    const { blamesOneValue, saysUnknown } = this.#judgement;
    if (saysUnknown?.(error) === true) return { ok: true, result: undefined };
    return blamesOneValue(error) ? { ok: false, error, alone: true } : { ok: false, error };
  }

  /** Whether nothing would be answered however it is asked: a single value from elsewhere in the batch is refused too. */
  async #isHopeless(): Promise<boolean> {
    if (this.#isJudged || this.#calls < refusalsBeforeProbe) return false;
    const left = this.#unanswered(this.#values);
    const probe = left[Math.floor(probePlace * left.length)];
    return probe !== undefined && (await this.#ask([probe])) !== undefined;
  }

  #unanswered(values: readonly string[]): readonly string[] {
    return values.filter((value) => !this.outcomes.has(value));
  }
}
