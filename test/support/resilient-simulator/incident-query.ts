import type { ServerContext } from "./context.js";
import { labelOf, type IncidentDto } from "./incident-dto.js";
import { asList, asText, asWire, type Wire } from "./wire.js";
import type { World } from "./world.js";

/** Conditions of a filter must all hold, one of the filters must; then sorted and cut to a page. */
export function findIncidents({ world }: ServerContext, query: Wire): { data: IncidentDto[]; total: number } {
  const filters = asList(query["filters"]).map(asWire);
  const found = [...world.incidents.values()]
    .map(({ dto }) => dto)
    .filter((dto) => filters.length === 0 || filters.some((filter) => filterHolds(world, dto, filter)));
  for (const sort of asList(query["sorts"]).map(asWire).reverse()) {
    const name = asText(sort["field_name"]);
    const sign = sort["type"] === "desc" ? -1 : 1;
    found.sort((a, b) => sign * compare(a[name], b[name]));
  }
  const start = Number(query["start"] ?? 0);
  const length = Number(query["length"] ?? found.length);
  return { data: found.slice(start, start + length), total: found.length };
}

function filterHolds(world: World, dto: IncidentDto, filter: Wire): boolean {
  return asList(filter["conditions"])
    .map(asWire)
    .every(({ field_name, method, value }) => {
      const name = asText(field_name).replace(/^properties\./, "");
      const raw = dto[name] ?? asWire(dto["properties"])[name];
      const label = labelOf(
        (world.fields.get("incident") ?? []).find((field) => field.name === name),
        raw,
      );
      const wanted = Array.isArray(value) ? (value as unknown[]) : [value];
      const equal = wanted.some((one) => one === raw || one === label);
      switch (method) {
        case "equals":
        case "in":
          return equal;
        case "not_equals":
        case "not_in":
          return !equal;
        case "contains":
          return asText(raw).includes(asText(value));
        case "gte":
          return Number(raw) >= Number(value);
        case "lte":
          return Number(raw) <= Number(value);
        default:
          return false;
      }
    });
}

function compare(a: unknown, b: unknown): number {
  return typeof a === "number" && typeof b === "number" ? a - b : asText(a).localeCompare(asText(b));
}
