import type { ExtractedIndicator } from "./extract.js";
import { recognise } from "./recognise.js";

/** The company's list. It takes single indicators only: no CIDR blocks, no wildcards. */
export class Whitelist {
  readonly #entries = new Map<string, ExtractedIndicator>();

  /** What was really listed; a term that isn't recognised is silently left out. */
  add(terms: readonly string[]): readonly ExtractedIndicator[] {
    return terms.flatMap((term) => {
      const value = term.trim();
      const type = recognise(value);
      if (type === undefined || type === "CIDR_BLOCK") return [];
      const entry = { type, value };
      this.#entries.set(keyOf(type, value), entry);
      return [entry];
    });
  }

  delete(type: string, value: string): void {
    this.#entries.delete(keyOf(type, value));
  }

  has({ type, value }: ExtractedIndicator): boolean {
    return this.#entries.has(keyOf(type, value));
  }

  all(): readonly ExtractedIndicator[] {
    return [...this.#entries.values()];
  }
}

function keyOf(type: string, value: string): string {
  return `${type}|${value.toLowerCase()}`;
}
