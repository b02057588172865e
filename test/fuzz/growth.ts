/** A text of any length: prefix, as many units as it takes, as many closing units, suffix. */
export interface Shape {
  readonly prefix: string;
  /** May be longer than the text: for what must not come twice. */
  readonly unit: string;
  /** For what nests: follows all units as often as they came. */
  readonly close?: string | undefined;
  readonly suffix: string;
}

export function textOf({ prefix, unit, close = "", suffix }: Shape, chars: number): string {
  const count = Math.ceil(chars / (unit.length + close.length));
  const units = unit.length > chars ? unit.slice(0, chars) : unit.repeat(count);
  const text = `${prefix}${units}${close.repeat(count)}${suffix}`;
  // Through bytes: V8 would keep a tree of the pieces, and the first that reads it would pay for flattening it.
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** Does what there is to do with one text. What it throws about the text counts as work done. */
export type Run = (text: string) => unknown;

export interface Growth {
  readonly shape: Shape;
  readonly chars: number;
  readonly ms: number;
  /** 1 is linear, 2 quadratic; above the limit it is a fault. */
  readonly exponent: number;
}

/** Sorting stays below, what is quadratic in part comes above as the texts grow. */
const maxExponent = 1.4;
/** Beside less than this, twice as much is chance. */
const leastMs = 0.02;
/** No pause of the machine or the collector makes several measurements in a row as long as this. */
const unmistakableMs = 10;
const firstChars = 250;
const lastChars = 16_000;
const farthestChars = 1_000_000;
const step = 4;

/**
 * Measures texts of one shape, each longer than the last, and tells when the work grows faster than they do. Times are
 * only compared with each other. A suspicion is measured again, with longer texts, until the work is unmistakable.
 */
export async function growthOf(run: Run, shape: Shape): Promise<Growth | undefined> {
  let before = await leastTime(run, textOf(shape, firstChars), 1);
  for (let chars = firstChars * step; chars <= lastChars; chars *= step) {
    const ms = await leastTime(run, textOf(shape, chars), 1);
    // Twice: what disturbs a measurement three times seldom comes back at once.
    const isSuspect = exponentOf(before, ms, step) > maxExponent;
    const growth = isSuspect && (await confirm(run, shape, chars)) && (await confirm(run, shape, chars));
    if (growth) return growth;
    before = ms;
  }
  return undefined;
}

/** Every doubling of the text must show it: a step, where some length lets more work begin, shows once. */
async function confirm(run: Run, shape: Shape, suspected: number): Promise<Growth | undefined> {
  let before = await leastTime(run, textOf(shape, suspected / step), 5);
  for (let chars = (2 * suspected) / step; chars <= farthestChars; chars *= 2) {
    const ms = await leastTime(run, textOf(shape, chars), 3);
    const exponent = exponentOf(before, ms, 2);
    if (exponent < maxExponent) return undefined;
    if (chars >= suspected && ms > unmistakableMs) return { shape, chars, ms, exponent };
    before = ms;
  }
  return undefined;
}

function exponentOf(before: number, after: number, factor: number): number {
  return Math.log(after / Math.max(before, leastMs)) / Math.log(factor);
}

/** Processor time, so that other processes don't count; the least of several tries: what disturbs only ever adds. */
async function leastTime(run: Run, text: string, tries: number): Promise<number> {
  let least = Infinity;
  for (let tried = 0; tried < tries && (tried === 0 || least < 50 * unmistakableMs); tried += 1) {
    const before = process.cpuUsage();
    await work(run, text);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/** @throws RangeError when the text's depth became ours */
export async function work(run: Run, text: string): Promise<void> {
  try {
    await run(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
  }
}
