import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";
import { rereadOnConflict } from "./conflict.js";
import { withoutValues } from "../http/without-values.js";
import type { Send } from "./transport.js";

/** One field from what the caller read to what it wants. */
export interface FieldChange {
  /** API name; with or without the prefix of its group, such as `properties.` or `pii.`. */
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

interface Target {
  readonly path: string;
  readonly what: string;
}

/** PatchStatusDTO: comes with HTTP 200 also when nothing was changed. */
const patchStatus = z.object({
  success: z.boolean(),
  message: z.string().nullish(),
  field_failures: z
    .array(z.object({ field: z.unknown(), actual_current_value: z.unknown() }))
    .nullish()
    .transform((failures) => failures ?? []),
});

type PatchStatus = z.infer<typeof patchStatus>;

/**
 * Without a version the server compares each `from` with what it has, which is what we want: a change of another field
 * is no conflict. HTTP 409 is a clash in its database; the same patch goes again.
 *
 * A field that has the wanted value already counts as done: that is how our own patch looks whose answer was lost.
 * @throws UpstreamError `upstream_rejected`, status 409, when somebody gave one of the fields another value
 */
export async function patchUntilAccepted(
  send: Send,
  { path, what }: Target,
  changes: readonly FieldChange[],
  signal: AbortSignal,
): Promise<void> {
  let left = changes;
  while (left.length > 0) {
    const body = { changes: left.map(toWire) };
    const request = {
      method: "PATCH",
      path,
      headers: { handle_format: "names" },
      body,
      answer: patchStatus,
      what,
    } as const;
    const status = await rereadOnConflict(() => send(request, signal), what);
    if (status.success) return;
    const stillToDo = withoutDone(left, status);
    if (stillToDo === undefined) throw refusal(status, what);
    left = stillToDo;
  }
}

/** @returns undefined when the failures are not all of the "already so" kind: then asking again would not end. */
function withoutDone(
  changes: readonly FieldChange[],
  status: PatchStatus,
): readonly FieldChange[] | undefined {
  const actual = new Map(
    status.field_failures.map((failure) => [bare(fieldName(failure.field)), failure.actual_current_value]),
  );
  const done = changes.filter(
    ({ field, to }) => actual.has(bare(field)) && isDeepStrictEqual(unwrap(actual.get(bare(field))), to),
  );
  return done.length > 0 && done.length === actual.size
    ? changes.filter((change) => !done.includes(change))
    : undefined;
}

function refusal(status: PatchStatus, what: string): UpstreamError {
  const fields = status.field_failures.slice(0, 20).map(({ field }) => fieldName(field).slice(0, 100));
  const message =
    fields.length > 0
      ? `Could not ${what}: somebody else changed ${fields.join(", ")} meanwhile`
      : `Resilient refused to ${what}: ${withoutValues(status.message ?? "no reason given", {})}`;
  return new UpstreamError("upstream_rejected", message, fields.length > 0 ? { status: 409 } : {});
}

function toWire({ field, from, to }: FieldChange): object {
  return { field, old_value: { object: from }, new_value: { object: to } };
}

function fieldName(field: unknown): string {
  if (typeof field === "object" && field !== null && "name" in field) return String(field.name);
  return String(field);
}

/** The server names a field without its group, whatever it was called in the patch. */
function bare(field: string): string {
  return field.slice(field.lastIndexOf(".") + 1);
}

/** A value alone, or in the wrapper that we send. */
function unwrap(value: unknown): unknown {
  return typeof value === "object" && value !== null && "object" in value ? value.object : value;
}
