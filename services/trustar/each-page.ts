import { UpstreamError } from "../../src/core/errors.js";

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasNext: boolean;
}

/** No question of ours has that many; an upstream that pages for ever is broken. */
const maxPages = 50;

/** The pages of a numbered list from `first` on, read one by one, as long as the caller wants more. */
export async function* eachPage<T>(
  endpoint: string,
  read: (pageNumber: number) => Promise<Page<T>>,
  first = 0,
): AsyncGenerator<readonly T[], void> {
  for (let pageNumber = first; pageNumber < maxPages; pageNumber += 1) {
    const page = await read(pageNumber);
    yield page.items;
    if (!page.hasNext) return;
  }
  throw new UpstreamError("upstream_invalid_answer", `TruSTAR's ${endpoint} has more than ${maxPages} pages`);
}
