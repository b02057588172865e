import { z } from "zod";
import { listEach } from "../http/list-each.js";
import { priorities } from "../../src/core/indicator.js";

/** Only what we read; unknown fields pass. Shapes: TruSTAR API 1.3. `nullish` because absent and null both occur. */

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().optional(),
});

/**
 * A field that may be absent, null or odd: what can't be read is left out, and the rest of its item stays. One odd
 * item must not cost a hundred values their answer.
 */
const maybe = <T extends z.ZodType>(field: T) => field.nullish().catch(undefined);

const name = maybe(z.string());

export const metadataItem = z.object({
  value: maybe(z.string().min(1)),
  indicatorType: name,
  priorityLevel: maybe(z.enum(priorities)),
  firstSeen: maybe(z.number()),
  lastSeen: maybe(z.number()),
  sightings: maybe(z.number()),
  tags: maybe(z.array(maybe(z.object({ name: z.string() })))),
});

/** An unnormalised score: the documents say string, one source sends numbers. */
const scoreValue = z.union([z.string(), z.number()]).transform(String);

/** A number, or a text that is one. */
const severity = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

export const summaryItem = z.object({
  value: maybe(z.string().min(1)),
  reportId: name,
  source: maybe(z.object({ key: name, name })),
  score: maybe(z.object({ name, value: maybe(scoreValue) })),
  updated: maybe(z.number()),
  description: name,
  // Not `maybe`: without it a grave indicator would look harmless.
  severityLevel: severity.nullish(),
});

export const reportItem = z.object({
  id: name,
  title: name,
  updated: maybe(z.number()),
  timeBegan: maybe(z.union([z.number(), z.string()])),
  externalUrl: name,
});

/** Answers whose items are read one by one. */
export const itemsAnswer = z.array(z.unknown());

/** A numbered page. `hasNext` is always sent; `items` too, empty when there is nothing. */
export function pageOf<T>(item: z.ZodType<T>) {
  return z.object({ items: listEach(item), hasNext: z.boolean() });
}

export const enclaveItem = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().nullish(),
  read: z.boolean(),
  create: z.boolean(),
  update: z.boolean(),
});
export const enclavesAnswer = listEach(enclaveItem);
export type Enclave = z.infer<typeof enclaveItem>;

const quotaItem = z.object({
  maxRequests: maybe(z.number()),
  usedRequests: maybe(z.number()),
  timeWindow: maybe(z.number()),
  nextResetTime: maybe(z.number()),
});
export const quotasAnswer = listEach(quotaItem.catch({}));

/** Spring's error body, OAuth's error body and the 429 body in one: every field may be absent. */
export const errorBody = z.object({
  status: z.number().nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
  error: z.string().nullish().catch(undefined),
  error_description: z.string().nullish().catch(undefined),
  waitTime: z.number().nonnegative().nullish().catch(undefined),
});
