/** A number that a row measured, once for each run. */
export interface Measure {
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  readonly runs: readonly number[];
  /** What it is compared with; the other measure's `what` in the same row. */
  readonly ratioTo?: string;
  readonly target?: Target;
}

export interface Target {
  /** What has to meet the bound. */
  readonly of: "median" | "ratio";
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verdict extends Measure {
  readonly median: number;
  readonly ratio: number | undefined;
  /** undefined = no target. */
  readonly met: boolean | undefined;
}

export function judge(measures: readonly Measure[]): readonly Verdict[] {
  return measures.map((measure) => {
    const other = measures.find(({ row, what }) => row === measure.row && what === measure.ratioTo);
    const middle = median(measure.runs);
    const ratio = other === undefined ? undefined : middle / median(other.runs);
    const met = measure.target === undefined ? undefined : meets(measure.target, { median: middle, ratio });
    return { ...measure, median: middle, ratio, met };
  });
}

function meets(
  target: Target,
  found: { readonly median: number; readonly ratio: number | undefined },
): boolean {
  const value = found[target.of] ?? Number.NaN;
  return value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Markdown, as README has it. */
export function toTable(verdicts: readonly Verdict[]): string {
  const head = ["row", "measured", "median", "from … to", "ratio", "target", "met"];
  const lines = verdicts.map((verdict) => [
    verdict.row,
    verdict.what,
    `${round(verdict.median)} ${verdict.unit}`.trim(),
    verdict.runs.length < 2
      ? ""
      : `${round(Math.min(...verdict.runs))} … ${round(Math.max(...verdict.runs))}`,
    verdict.ratio === undefined ? "" : `${verdict.ratio.toFixed(2)} × ${verdict.ratioTo ?? ""}`,
    verdict.target === undefined ? "" : targetText(verdict.target, verdict.unit),
    verdict.met === undefined ? "" : verdict.met ? "yes" : "**no**",
  ]);
  const rows = [head, head.map(() => "---"), ...lines];
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function targetText({ of, atLeast, atMost }: Target, unit: string): string {
  const bound = atLeast === undefined ? `≤ ${atMost ?? ""}` : `≥ ${atLeast}`;
  return of === "ratio" ? `${bound} ×` : `${bound} ${unit}`.trim();
}

function round(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
