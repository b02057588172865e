import { badRequest } from "./api-error.js";
import type { PageRequest } from "./reply.js";

/** Query parameters read as the service does: CSV and repeated keys, blanks trimmed, booleans in any case. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(search: string) {
    this.#params = new URLSearchParams(search);
  }

  text(name: string): string | undefined {
    const value = this.#params.get(name)?.trim();
    return value === "" ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw badRequest(`Required String parameter '${name}' is not present`);
    return value;
  }

  list(name: string): string[] {
    return this.#params
      .getAll(name)
      .flatMap((value) => value.split(","))
      .map((value) => value.trim())
      .filter((value) => value !== "");
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (value !== "true" && value !== "false") throw badRequest(`Invalid value for parameter '${name}'`);
    return value === "true";
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value)) throw badRequest(`Invalid value for parameter '${name}'`);
    return Number(value);
  }

  oneOf<const T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.text(name);
    if (value === undefined) return allowed[0];
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw badRequest(`Invalid value for parameter '${name}'`);
    return found;
  }

  /** A size above the maximum is cut to it; a size below one is refused. */
  page(defaultSize: number, maxSize: number): PageRequest {
    const number = this.number("pageNumber") ?? 0;
    const size = this.number("pageSize") ?? defaultSize;
    if (number < 0 || size < 1) throw badRequest("Invalid value for parameter 'pageNumber' or 'pageSize'");
    return { number, size: Math.min(size, maxSize) };
  }

  entries(): Record<string, string | string[]> {
    return Object.fromEntries(
      [...new Set(this.#params.keys())].map((key) => {
        const all = this.#params.getAll(key);
        return [key, all.length === 1 ? (all[0] ?? "") : all];
      }),
    );
  }
}
