import { z } from "zod";
import { priorities } from "../../src/core/indicator.js";

/** Only what we read; unknown fields pass. Shapes: TruSTAR API 1.3. `nullish` because absent and null both occur. */

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().optional(),
});

export const metadataItem = z.object({
  indicatorType: z.string(),
  value: z.string(),
  priorityLevel: z.enum(priorities).nullish().catch("NOT_FOUND"),
  firstSeen: z.number().nullish(),
  lastSeen: z.number().nullish(),
  sightings: z.number().nullish(),
  tags: z.array(z.object({ name: z.string() })).nullish(),
});
export const metadataAnswer = z.array(metadataItem);

/** An unnormalised score: the documents say string, one source sends numbers. */
const scoreValue = z.union([z.string(), z.number()]).transform(String);

export const summaryItem = z.object({
  value: z.string(),
  type: z.string().nullish(),
  reportId: z.string(),
  source: z.object({ key: z.string().nullish(), name: z.string().nullish() }).nullish(),
  score: z.object({ name: z.string().nullish(), value: scoreValue.nullish() }).nullish(),
  updated: z.number().nullish(),
  description: z.string().nullish(),
  severityLevel: z.number().nullish(),
});

export const reportItem = z.object({
  id: z.string(),
  title: z.string().nullish(),
  updated: z.number().nullish(),
  timeBegan: z.union([z.number(), z.string()]).nullish(),
  externalUrl: z.string().nullish(),
});

/** A numbered page. `hasNext` is always sent; `items` too, empty when there is nothing. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), hasNext: z.boolean() });
}

export const enclaveItem = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().nullish(),
  read: z.boolean(),
  create: z.boolean(),
  update: z.boolean(),
});
export const enclavesAnswer = z.array(enclaveItem);
export type Enclave = z.infer<typeof enclaveItem>;

export const quotasAnswer = z.array(
  z.object({
    maxRequests: z.number(),
    usedRequests: z.number(),
    timeWindow: z.number().nullish(),
    nextResetTime: z.number(),
  }),
);

/** Spring's error body, OAuth's error body and the 429 body in one: every field may be absent. */
export const errorBody = z.object({
  message: z.string().nullish().catch(undefined),
  error: z.string().nullish().catch(undefined),
  error_description: z.string().nullish().catch(undefined),
  waitTime: z.number().nonnegative().nullish().catch(undefined),
});
