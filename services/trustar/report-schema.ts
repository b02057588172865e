import { z } from "zod";
import { listEach } from "../http/list-each.js";
import { pageOf } from "./trustar-schema.js";

/** Report answers of API 1.3, only what we read. `nullish` because absent and null both occur. */

export const reportDetails = z.object({
  id: z.string().min(1),
  title: z.string().nullish(),
  reportBody: z.string().nullish(),
  externalTrackingId: z.string().nullish(),
  /** What the documents' sample calls it. */
  externalId: z.string().nullish(),
  externalUrl: z.string().nullish(),
  enclaveIds: z.union([listEach(z.string()), z.string().transform((id) => [id])]).nullish(),
  created: z.number().nullish(),
  updated: z.number().nullish(),
  timeBegan: z.union([z.number(), z.string()]).nullish(),
});
export type ReportDetails = z.output<typeof reportDetails>;

/** The answer to a submission: the bare id; in quotes should a server take its own content type seriously. */
export const submittedId = z
  .string()
  .transform((text) => text.trim().replace(/^"(.*)"$/, "$1"))
  .pipe(z.string().regex(/^[\w.-]{1,200}$/));

export const statusAnswer = z.object({ status: z.string() });

const indicatorItem = z.object({ indicatorType: z.string(), value: z.string() });
export const indicatorsPage = pageOf(indicatorItem);
export const whitelistAnswer = listEach(indicatorItem);
export type IndicatorItem = z.output<typeof indicatorItem>;

/** Both are required: a report whose redaction is not known to be complete must not go out. */
export const redactedReport = z.object({ title: z.string(), reportBody: z.string() });
