import { newArtifactType } from "./seed-artifact-types.js";
import { newField, newValue, type FieldRecord } from "./seed-fields.js";
import { newDestination, newFunction, type WorkflowRecord } from "./seed-rules.js";
import { asList, asText, asWire, isWire, type Wire } from "./wire.js";
import { newIncidentType, type World } from "./world.js";
import { ruleFrom } from "./routes/customization-routes.js";

/** Objects of the same key are updated, others added; ids of the file mean nothing here. */
export function applyImport(world: World, data: Wire): void {
  const each = (list: string): Wire[] => asList(data[list]).filter(isWire);
  for (const one of each("incident_artifact_types")) {
    const name = asText(one["programmatic_name"]);
    const index = world.artifactTypes.findIndex((type) => type.programmatic_name === name);
    const id = world.artifactTypes[index]?.id ?? Math.max(...world.artifactTypes.map((type) => type.id)) + 1;
    put(world.artifactTypes, index, newArtifactType(id, asText(one["name"]), { ...one, id }));
  }
  for (const one of each("message_destinations")) {
    const name = asText(one["programmatic_name"]);
    const index = world.destinations.findIndex((destination) => destination.programmatic_name === name);
    const { id = world.nextId(), users = [], api_keys = [] } = world.destinations[index] ?? {};
    // Who may listen is not carried over.
    put(world.destinations, index, newDestination(id, name, { ...one, id, users, api_keys }));
  }
  for (const one of each("fields")) importField(world, one);
  for (const one of each("incident_types")) {
    const name = asText(one["name"]);
    const index = world.incidentTypes.findIndex((type) => type["name"] === name);
    const id = world.incidentTypes[index]?.id ?? world.nextId();
    put(world.incidentTypes, index, { ...newIncidentType(id, name), ...one, id });
  }
  for (const one of each("functions")) {
    const name = asText(one["name"]);
    const index = world.functions.findIndex((fn) => fn.name === name);
    const id = world.functions[index]?.id ?? world.nextId();
    put(world.functions, index, newFunction(id, name, { ...one, id }));
  }
  for (const one of each("workflows")) {
    const index = world.workflows.findIndex((flow) => flow.programmatic_name === one["programmatic_name"]);
    const id = world.workflows[index]?.workflow_id ?? world.nextId();
    put(world.workflows, index, {
      ...one,
      workflow_id: id,
      content: asWire(one["content"]),
    } as WorkflowRecord);
  }
  for (const one of each("actions")) {
    const index = world.rules.findIndex((rule) => rule.name === one["name"]);
    put(world.rules, index, ruleFrom(world, one, world.rules[index]?.id ?? world.nextId()));
  }
}

function put<T>(list: T[], index: number, item: T): void {
  if (index === -1) list.push(item);
  else list[index] = item;
}

const typeNames: Readonly<Record<number, string>> = {
  0: "incident",
  4: "artifact",
  6: "actioninvocation",
  11: "__function",
};

function importField(world: World, one: Wire): void {
  const typeId = Number(one["type_id"]);
  const fields = world.fields.get(typeNames[typeId] ?? "");
  if (fields === undefined) return;
  const name = asText(one["name"]);
  const index = fields.findIndex((field) => field.name === name);
  const old: FieldRecord | undefined = fields[index];
  const values = asList(one["values"])
    .filter(isWire)
    .map((value) => {
      const label = asText(value["label"]);
      return old?.values.find((known) => known.label === label) ?? newValue(world.nextId(), label);
    });
  const kept = old !== undefined && values.length === 0 ? old.values : values;
  const id = old?.id ?? world.nextId();
  put(fields, index, newField(typeId, name, asText(one["input_type"]), { ...one, id, values: kept }));
}
