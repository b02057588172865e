import { LRUCache } from "lru-cache";
import type { IndicatorRef } from "../../src/core/report.js";
import { HOUR_MS } from "../../src/core/time.js";
import type { Account } from "./accounts.js";
import { contentHash } from "./origin-ledger.js";

/** Reports of others come in all the time, so what TruSTAR related an hour ago is asked for anew. */
const heldMs = HOUR_MS;
/** Of all reports together: some ten megabytes. */
const maxValues = 100_000;

/** What TruSTAR has related to the indicators of one report so far. */
export interface Relations {
  readonly sinceMs: number;
  /** Hashes of the values that TruSTAR was asked about. */
  readonly asked: ReadonlySet<string>;
  readonly related: readonly IndicatorRef[];
  /** Hash of the report's text of which all was asked; undefined = of none. */
  readonly ofText: string | undefined;
}

/** The relations of reports, in bounded memory; a restart asks once more. */
export class RelationsMemory {
  readonly #reports = new LRUCache<string, Relations>({
    maxSize: maxValues,
    sizeCalculation: ({ asked, related }) => 1 + asked.size + related.length,
  });

  get({ policy }: Account, reportId: string, nowMs: number): Relations {
    const known = this.#reports.get(`${policy.name} ${reportId}`);
    const isFresh = known !== undefined && Math.abs(nowMs - known.sinceMs) < heldMs;
    return isFresh ? known : { sinceMs: nowMs, asked: new Set(), related: [], ofText: undefined };
  }

  set({ policy }: Account, reportId: string, relations: Relations): void {
    this.#reports.set(`${policy.name} ${reportId}`, relations);
  }

  forget({ policy }: Account, reportId: string): void {
    this.#reports.delete(`${policy.name} ${reportId}`);
  }
}

/**
 * The same relations with those of the indicators that TruSTAR was not asked about yet, which alone it is asked about.
 * @param limit how many indicators beside the report's own are enough
 */
export async function askForNew(
  account: Account,
  known: Relations,
  indicators: readonly IndicatorRef[],
  limit: number,
  signal: AbortSignal,
): Promise<Relations> {
  const fresh = indicators.filter(({ value }) => !known.asked.has(contentHash(value)));
  const most = limit + indicators.length - fresh.length;
  const found = await withRelated(account, fresh, most, signal);
  const own = new Set(indicators.map(({ value }) => value.toLowerCase()));
  const related = new Map(
    [...known.related, ...found]
      .filter(({ value }) => !own.has(value.toLowerCase()))
      .map((one) => [`${one.type}|${one.value}`, one] as const),
  );
  // With as many as were wanted TruSTAR was not asked about all values.
  const asked = found.length < most ? fresh.map(({ value }) => contentHash(value)) : [];
  return { ...known, related: [...related.values()], asked: new Set([...known.asked, ...asked]) };
}

/** Indicators that the account's enclaves have seen together with these, `limit` at most. */
export async function withRelated(
  { policy, reports }: Account,
  indicators: readonly IndicatorRef[],
  limit: number,
  signal: AbortSignal,
): Promise<readonly IndicatorRef[]> {
  if (indicators.length === 0 || limit === 0) return [];
  // No enclave at all would mean every enclave that the account can read.
  const enclaveIds = policy.queryEnclaveIds.length > 0 ? policy.queryEnclaveIds : policy.submissionEnclaveIds;
  return (await reports.related(indicators, enclaveIds, limit, signal)).slice(0, limit);
}
