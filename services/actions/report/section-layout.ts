/** `items` stand apart, a blank line before each. */
export interface SectionLayout {
  readonly name: string;
  readonly lines: readonly string[];
  readonly items: readonly string[];
  /** What the items are; a report can do without some of them. */
  readonly itemName: "artifact" | "note" | undefined;
}
