import { UpstreamError } from "../../src/core/errors.js";
import type { PagesRead } from "../../src/core/ports.js";
import { eachPage, type Page } from "./each-page.js";

/** Several times what all pages hold together when they are as large as asked for. */
const maxItems = 20_000;

/**
 * Fills `read` as pages arrive: after a failure it holds what need not be asked again.
 * @throws UpstreamError `upstream_too_large`: more items than we keep for one question; `read` is empty then
 */
export async function readAllPages(
  endpoint: string,
  readPage: (pageNumber: number) => Promise<Page<unknown>>,
  read: PagesRead = { next: 0, items: [] },
): Promise<readonly unknown[]> {
  for await (const items of eachPage(endpoint, readPage, read.next)) {
    if (read.items.length + items.length > maxItems) {
      release(read);
      throw tooMany(endpoint);
    }
    for (const item of items) read.items.push(item);
    read.next += 1;
  }
  return read.items;
}

/** Whoever asked holds it while smaller questions are tried: it must not keep what is of no use any more. */
function release(read: PagesRead): void {
  read.next = 0;
  read.items.length = 0;
}

const advice =
  "name fewer enclaves (enclave_ids_for_search, for an account enclave_ids_for_query), " +
  "or put values that so much is known of into never_lookup";

function tooMany(endpoint: string): UpstreamError {
  return new UpstreamError(
    "upstream_too_large",
    `TruSTAR's answer to ${endpoint} has more than ${maxItems} items: ${advice}`,
  );
}

/** An answer about values that was too long for us, with what to do about it; any other error as it is. */
export function withAdvice(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || error.code !== "upstream_too_large") return error;
  const isRefusal = error.status !== undefined && error.status !== 200;
  return isRefusal ? error : new UpstreamError(error.code, `${error.message}; ${advice}`);
}
