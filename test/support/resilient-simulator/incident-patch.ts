import { ApiError } from "./api-error.js";
import type { ServerContext } from "./context.js";
import { applyInput, parseFieldValue } from "./incident-dto.js";
import { replace, type Cause } from "./incident-store.js";
import { fieldHandle, patchStatus, sameValue, unwrapValue } from "./patch-wire.js";
import type { FieldRecord } from "./seed-fields.js";
import { asList, asText, asWire, type Wire } from "./wire.js";
import type { IncidentRecord } from "./world.js";

interface Change {
  readonly field: FieldRecord;
  readonly current: unknown;
  readonly from: unknown;
  readonly to: unknown;
  readonly sentFrom: unknown;
}

/** With the current version nothing is compared; else each old value is. */
export function patchIncident(
  context: ServerContext,
  record: IncidentRecord,
  body: Wire,
  cause: Cause,
): Wire {
  const changes = asList(body["changes"]).map((change) => readChange(context, record, asWire(change)));
  const upToDate = body["version"] === record.dto["vers"];
  const failures = upToDate ? [] : changes.filter(({ current, from }) => !sameValue(current, from));
  const status = patchStatus(
    failures.map(({ field, sentFrom, current }) => ({ field: field.name, sentFrom, current })),
  );
  if (failures.length > 0) return status;
  const input: Wire = {};
  for (const { field, to } of changes) {
    if (field.prefix === null) input[field.name] = to;
    else input[field.prefix] = { ...asWire(input[field.prefix]), [field.name]: to };
  }
  replace(context, record, applyInput(context.world, record.dto, input), cause);
  return status;
}

function readChange({ world }: ServerContext, record: IncidentRecord, change: Wire): Change {
  const handle = fieldHandle(change["field"]);
  const name = asText(handle);
  const field = (world.fields.get("incident") ?? []).find(
    (one) => one.name === name || `${one.prefix ?? ""}.${one.name}` === name || one.id === handle,
  );
  if (field === undefined) throw new ApiError(400, `Unknown field ${name}.`, ["field"]);
  const holder = field.prefix === null ? record.dto : asWire(record.dto[field.prefix]);
  const sentFrom = unwrapValue(change["old_value"]);
  return {
    field,
    current: holder[field.name] ?? null,
    from: parseFieldValue(field, sentFrom),
    to: parseFieldValue(field, unwrapValue(change["new_value"])),
    sentFrom,
  };
}
