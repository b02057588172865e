import { UpstreamError } from "../../src/core/errors.js";

export interface Page<T> {
  readonly items: readonly T[];
  readonly hasNext: boolean;
}

/** No question of ours has that many; an upstream that pages for ever is broken. */
const maxPages = 50;
/** As many as these pages have when they are as large as the largest that is asked for. */
const maxItems = 50_000;

/** The pages of a numbered list from `first` on, read one by one, as long as the caller wants more. */
export async function* eachPage<T>(
  endpoint: string,
  read: (pageNumber: number) => Promise<Page<T>>,
  first = 0,
): AsyncGenerator<readonly T[], void> {
  let items = 0;
  for (let pageNumber = first; pageNumber < maxPages; pageNumber += 1) {
    const page = await read(pageNumber);
    items += page.items.length;
    if (items > maxItems) {
      throw new UpstreamError("upstream_too_large", `TruSTAR's ${endpoint} has more than ${maxItems} items`);
    }
    yield page.items;
    if (!page.hasNext) return;
  }
  throw new UpstreamError("upstream_invalid_answer", `TruSTAR's ${endpoint} has more than ${maxPages} pages`);
}
