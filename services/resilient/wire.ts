import { z } from "zod";
import { listEach } from "../http/list-each.js";

/** Lists come as `{entities: […]}`, as a bare array, or (incident types) as an object by name: all are read. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .unknown()
    .transform((answer): unknown => {
      if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return answer;
      return "entities" in answer ? answer.entities : Object.values(answer);
    })
    .pipe(listEach(item));
}

/** Some servers leave the brackets out around a single one. */
export function oneOrMore<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .unknown()
    .transform((answer): unknown => (Array.isArray(answer) ? answer : [answer]))
    .pipe(listEach(item));
}

/** For what we can do without: a shape we have not seen yet must not make the whole object unreadable. */
export function optional<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}

/** Looked at as a whole, where zod would complain about each that is none. */
export const numbers = z.custom<number[]>(
  (list) => Array.isArray(list) && list.every((one) => typeof one === "number"),
);

/** Rich text, asked for as plain text; `{format, content}` is what some settings of the server make of it. */
export const text = z
  .union([z.string(), z.object({ content: z.string().nullish() }).transform(({ content }) => content ?? "")])
  .nullish()
  .transform((value) => value ?? "");

/** Asks for plain text: the server wrote the markup, so it takes it away best. */
export const asText = { text_content_output_format: "always_text" } as const;

/** What is not read at all. */
export const anything = z.unknown();

/** A write answers the object, or a StatusDTO, whose `success: false` comes with HTTP 200. */
export const written = z.object({ success: z.boolean().nullish(), message: z.string().nullish() }).optional();

/** Rich text as it is sent. */
export const html = (content: string): { readonly format: "html"; readonly content: string } => ({
  format: "html",
  content,
});
