import { ApiError } from "./api-error.js";
import type { ServerContext } from "./context.js";
import { applyInput, parseFieldValue } from "./incident-dto.js";
import { replace, type Cause } from "./incident-store.js";
import type { FieldRecord } from "./seed-fields.js";
import { asList, asText, asWire, isWire, type Wire } from "./wire.js";
import type { IncidentRecord } from "./world.js";

interface Change {
  readonly field: FieldRecord;
  readonly current: unknown;
  readonly from: unknown;
  readonly to: unknown;
  readonly sentFrom: unknown;
}

/**
 * PatchStatusDTO. With the current version nothing is compared; else each old value is, and one that differs leaves
 * the incident as it is, which is HTTP 200, too.
 */
export function patchIncident(
  context: ServerContext,
  record: IncidentRecord,
  body: Wire,
  cause: Cause,
): Wire {
  const changes = asList(body["changes"]).map((change) => readChange(context, record, asWire(change)));
  const upToDate = body["version"] === record.dto["vers"];
  const failures = upToDate ? [] : changes.filter(({ current, from }) => !same(current, from));
  if (failures.length > 0) {
    return {
      success: false,
      title: "Unable to apply changes",
      message: "The object was changed by another user.",
      hints: [],
      field_failures: failures.map(({ field, current, sentFrom }) => ({
        field: field.name,
        your_original_value: sentFrom,
        actual_current_value: current,
      })),
    };
  }
  const input: Wire = {};
  for (const { field, to } of changes) {
    if (field.prefix === null) input[field.name] = to;
    else input[field.prefix] = { ...asWire(input[field.prefix]), [field.name]: to };
  }
  replace(context, record, applyInput(context.world, record.dto, input), cause);
  return { success: true, title: null, message: null, hints: [], field_failures: [] };
}

function readChange({ world }: ServerContext, record: IncidentRecord, change: Wire): Change {
  const handle = isWire(change["field"])
    ? (change["field"]["name"] ?? change["field"]["id"])
    : change["field"];
  const name = asText(handle).replace(/^properties\./, "");
  const field = (world.fields.get("incident") ?? []).find((one) => one.name === name || one.id === handle);
  if (field === undefined) throw new ApiError(400, `Unknown field ${name}.`, ["field"]);
  const holder = field.prefix === null ? record.dto : asWire(record.dto[field.prefix]);
  const sentFrom = unwrap(change["old_value"]);
  return {
    field,
    current: holder[field.name] ?? null,
    from: parseFieldValue(field, sentFrom),
    to: parseFieldValue(field, unwrap(change["new_value"])),
    sentFrom,
  };
}

/** `{object: v}`, or by kind of value: text, textarea, id, ids, date, boolean. */
function unwrap(value: unknown): unknown {
  return isWire(value) ? Object.values(value)[0] : value;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
