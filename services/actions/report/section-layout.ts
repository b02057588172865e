/** `items` stand apart, a blank line before each. */
export interface SectionLayout {
  readonly name: string;
  readonly lines: readonly string[];
  readonly items: readonly string[];
  /** Artifacts are what a report can do without in part. */
  readonly shortens: boolean;
}
