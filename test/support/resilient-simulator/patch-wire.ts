import { isWire, type Wire } from "./wire.js";

export interface FieldFailure {
  readonly field: string;
  readonly sentFrom: unknown;
  readonly current: unknown;
}

/** PatchStatusDTO. A field that has meanwhile another value leaves everything as it is, and is HTTP 200, too. */
export function patchStatus(failures: readonly FieldFailure[]): Wire {
  const success = failures.length === 0;
  return {
    success,
    title: success ? null : "Unable to apply changes",
    message: success ? null : "The object was changed by another user.",
    hints: [],
    field_failures: failures.map(({ field, sentFrom, current }) => ({
      field,
      your_original_value: sentFrom,
      actual_current_value: current,
    })),
  };
}

/** `{object: v}`, or by kind of value: text, textarea, id, ids, date, boolean. */
export function unwrapValue(value: unknown): unknown {
  return isWire(value) ? Object.values(value)[0] : value;
}

/** A field by its name, its id or `{name}`. */
export function fieldHandle(field: unknown): unknown {
  return isWire(field) ? (field["name"] ?? field["id"]) : field;
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
