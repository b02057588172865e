import type { Report } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { firstExternalId, furtherExternalId, type ReportPlace } from "./external-id.js";
import { findReport } from "./find-report.js";

export interface LocatedPlace extends ReportPlace {
  /** The report of that external id, wherever it lies; undefined = there is none. */
  find(): Promise<Report | undefined>;
}

export interface ReportLocations {
  /** One for each submission enclave, in the configured order. */
  readonly places: readonly LocatedPlace[];
  /** The incident's first report, when it lies in an enclave that is none of the account's (any more). */
  readonly stray: Report | undefined;
}

/**
 * Where the reports of an incident are, or would go. The configured order may have changed since they were submitted, so
 * an enclave keeps the external id that its report has; only what is new goes by the order: the first gets the first id.
 */
export async function locateReports(
  context: ActionContext,
  account: Account,
  incidentId: number,
): Promise<ReportLocations> {
  const enclaveIds = account.policy.submissionEnclaveIds;
  const firstId = firstExternalId(incidentId);
  const first = await findReport(context, account, firstId, enclaveIds);
  const findFurther = (enclaveId: string): Promise<Report | undefined> =>
    findReport(context, account, furtherExternalId(incidentId, enclaveId), [enclaveId]);
  const holder =
    first === undefined
      ? await firstFree(enclaveIds, findFurther)
      : enclaveIds.find((enclaveId) => liesIn(first, enclaveId));
  const places = enclaveIds.map((enclaveId) =>
    enclaveId === holder
      ? { enclaveId, externalId: firstId, find: () => Promise.resolve(first) }
      : {
          enclaveId,
          externalId: furtherExternalId(incidentId, enclaveId),
          find: () => findFurther(enclaveId),
        },
  );
  return { places, stray: holder === undefined ? first : undefined };
}

/** The first enclave without a report under a further id; undefined = every one has its report. */
async function firstFree(
  enclaveIds: readonly string[],
  findFurther: (enclaveId: string) => Promise<Report | undefined>,
): Promise<string | undefined> {
  // An only enclave has another id only when it was one of several once: not worth a call for every new incident.
  if (enclaveIds.length === 1) return enclaveIds[0];
  for (const enclaveId of enclaveIds) {
    if ((await findFurther(enclaveId)) === undefined) return enclaveId;
  }
  return undefined;
}

/** A server that does not say where a report lies is believed to have it where it was asked to put it. */
export function liesIn({ enclaveIds }: Report, enclaveId: string): boolean {
  return enclaveIds.length === 0 || enclaveIds.some((id) => id.toLowerCase() === enclaveId.toLowerCase());
}
