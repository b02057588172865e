import { ApiError } from "./api-error.js";
import { asList, asText, asWire, isWire, type Wire } from "./wire.js";
import type { World } from "./world.js";

/** Whatever an import refers to has to be in the file or on the server. @throws ApiError 400 */
export function checkImport(world: World, data: Wire): void {
  if (asList(data["overrides"]).length > 0) throw new ApiError(400, "The import has overrides.");
  if (asText(asWire(data["server_version"])["version"]) === "") {
    throw new ApiError(400, "The import does not say which server it is from.");
  }
  const inFile = (list: string): Wire[] => asList(data[list]).filter(isWire);
  const known = (list: string, onServer: readonly Wire[], key: string): Set<string> =>
    new Set([...onServer, ...inFile(list)].map((one) => asText(one[key])));
  const destinations = known("message_destinations", world.destinations, "programmatic_name");
  const workflows = known("workflows", world.workflows, "programmatic_name");
  const functions = known("functions", world.functions, "uuid");
  const fields = known("fields", [...world.fields.values()].flat(), "uuid");
  const require = (names: Set<string>, name: unknown, what: string): void => {
    if (!names.has(asText(name)))
      throw new ApiError(400, `The import refers to an unknown ${what}: ${asText(name)}`);
  };
  for (const fn of inFile("functions")) {
    require(destinations, fn["destination_handle"], "message destination");
    for (const item of asList(fn["view_items"])) require(fields, asWire(item)["content"], "field");
  }
  for (const flow of inFile("workflows")) {
    const xml = asText(asWire(flow["content"])["xml"]);
    for (const [, uuid] of xml.matchAll(/<resilient:function uuid="([^"]*)"/g))
      require(functions, uuid, "function");
  }
  for (const rule of inFile("actions")) {
    for (const name of asList(rule["message_destinations"]))
      require(destinations, name, "message destination");
    for (const name of asList(rule["workflows"])) require(workflows, name, "workflow");
  }
}
