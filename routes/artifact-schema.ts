import * as z from "zod";
import type { Artifact } from "../src/core/artifact.js";
import { InvalidArtifactError, PayloadTooLargeError } from "../src/core/errors.js";
import { JsonLimitError, readJson } from "../src/core/read-json.js";

const MAX_TYPE_LENGTH = 100;
/** Real values are one or two levels deep; whoever walks a value later must not run out of stack. */
const MAX_DEPTH = 64;
/** Values and keys; a list of recipients has some hundreds. More take their time at every step. */
const MAX_PARTS = 20_000;
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;

const artifactSchema = z.object(
  {
    type: z.custom<string>(isTypeName, {
      error: ({ input }) =>
        typeof input === "string" && input.length > 0
          ? `expected at most ${MAX_TYPE_LENGTH} characters, got ${input.length}`
          : `expected a non-empty string, got ${kindOf(input)}`,
    }),
    value: z
      .custom<Artifact["value"]>(isValue, {
        error: ({ input }) => `expected a string, number, object or array, got ${kindOf(input)}`,
      })
      .refine((value) => !isDeeperThan(value, MAX_DEPTH), {
        error: TOO_DEEP,
      }),
  },
  { error: ({ input }) => `expected a JSON object, got ${kindOf(input)}` },
);

/**
 * The text of a request as an artifact (ThreatServiceArtifactDTO); keys we don't know are left alone.
 * @param place where the text came from, for the error
 * @throws InvalidArtifactError, PayloadTooLargeError
 */
export async function parseArtifact(text: string, place: string): Promise<Artifact> {
  if (text.trim() === "") throw new InvalidArtifactError(`${place}: empty, expected a JSON object`);
  const result = artifactSchema.safeParse(await parseJson(text, place));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || place}: ${issue.message}`);
  throw new InvalidArtifactError(problems.join("; "));
}

/** The parser's own message quotes the text, and artifact values belong in no log: only the position is kept. */
async function parseJson(text: string, place: string): Promise<unknown> {
  try {
    // The artifact is the first level.
    return await readJson(text, { depth: MAX_DEPTH + 1, parts: MAX_PARTS });
  } catch (cause) {
    if (cause instanceof JsonLimitError) {
      if (cause.kind === "deep") throw new InvalidArtifactError(`value: ${TOO_DEEP}`);
      throw new PayloadTooLargeError(`${place}: more than ${MAX_PARTS} values`);
    }
    const position = /at position (\d+)/.exec(String(cause))?.[1];
    throw new InvalidArtifactError(
      `${place}: not valid JSON${position === undefined ? "" : ` (at position ${position})`}`,
    );
  }
}

function isTypeName(input: unknown): boolean {
  return typeof input === "string" && input.length > 0 && input.length <= MAX_TYPE_LENGTH;
}

function isValue(input: unknown): boolean {
  if (typeof input === "number") return Number.isFinite(input);
  return typeof input === "string" || (typeof input === "object" && input !== null);
}

function isDeeperThan(input: unknown, levels: number): boolean {
  if (typeof input !== "object" || input === null) return false;
  return levels === 0 || Object.values(input).some((inner) => isDeeperThan(inner, levels - 1));
}

function kindOf(input: unknown): string {
  if (input === undefined) return "nothing";
  if (input === null) return "null";
  if (input === "") return "an empty string";
  if (Array.isArray(input)) return "an array";
  if (typeof input === "number") return Number.isFinite(input) ? "a number" : "a number that is too large";
  return (
    { string: "a string", boolean: "a boolean", object: "an object" }[typeof input as string] ?? typeof input
  );
}
