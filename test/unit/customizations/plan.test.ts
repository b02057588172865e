import { toConfiguration } from "../../../services/customizations/configuration.js";
import { keyOf, titleOf, type Customization } from "../../../services/customizations/customization.js";
import { ourCustomizations } from "../../../services/customizations/our-customizations.js";
import {
  isDifferent,
  isMissing,
  planCustomizations,
  toImport,
} from "../../../services/customizations/plan.js";
import { isTooOld } from "../../../services/customizations/server-version.js";
import type { JsonObject } from "../../../src/core/action.js";

const ours = ourCustomizations("trustar");

/** The server after an import, and after `change` by whoever. */
function serverAfter(change: (body: Record<string, unknown>, one: Customization) => void): JsonObject {
  const copies = ours.map((one) => {
    const body = structuredClone(one.body) as Record<string, unknown>;
    change(body, one);
    return { ...one, body: body as JsonObject };
  });
  return toConfiguration(copies, { version: "51.0.0.0" }, 0);
}

const only = (key: string, change: (body: Record<string, unknown>) => void) =>
  serverAfter((body, one) => {
    if (keyOf(one) === key) change(body);
  });

const different = (server: JsonObject): readonly string[] =>
  planCustomizations(ours, server)
    .filter(isDifferent)
    .map(({ wanted, differences }) => `${titleOf(wanted)}: ${differences.join(", ")}`);

const whitelistFlow = "example_workflow_whitelist_in_trustar";
const editXml = (edit: (xml: string) => string) => (body: Record<string, unknown>) => {
  const content = body["content"] as { xml: string };
  content.xml = edit(content.xml);
};

test.each<[what: string, server: JsonObject]>([
  ["numbers and dates of its own", serverAfter((body) => (body["id"] = 77))],
  ["texts in another language", serverAfter((body) => (body["description"] = "Beschreibung"))],
  ["a rule that is off", only("CaseCreated", (body) => (body["enabled"] = false))],
  [
    "another order of conditions",
    only("ArtifactCreated", (body) => (body["conditions"] as unknown[]).reverse()),
  ],
  [
    "a workflow that was saved by the editor",
    only(
      whitelistFlow,
      editXml((xml) =>
        xml
          .replaceAll("&quot;", '"')
          .replace(/<(\/?)(?!resilient|bpmndi|omgd)\b/g, "<$1bpmn2:")
          .replace(/ x="\d+"/g, ' x="1"')
          .replace(/(?<!\\)\\n/g, String.raw`\r\n`),
      ),
    ),
  ],
])("no difference: %s", (_what, server) => {
  expect(different(server)).toEqual([]);
});

test.each<[what: string, server: JsonObject, told: string]>([
  [
    "a condition",
    only("UpdateIncident", (body) => (body["conditions"] = [])),
    'rule "UpdateIncident": conditions',
  ],
  [
    "any instead of all",
    only("ArtifactCreated", (body) => (body["logic_type"] = "any")),
    'rule "ArtifactCreated": conditions',
  ],
  [
    "another destination",
    only("Send To TruSTAR", (body) => (body["message_destinations"] = ["other"])),
    'rule "Send To TruSTAR": message destinations',
  ],
  [
    "a further step",
    only(
      whitelistFlow,
      editXml((xml) => xml.replace("<endEvent", "<scriptTask/><endEvent")),
    ),
    'workflow "Example workflow: Whitelist In TruSTAR": steps',
  ],
  [
    "a script in Python 2",
    only(
      whitelistFlow,
      editXml((xml) => xml.replaceAll("python3", "python")),
    ),
    'workflow "Example workflow: Whitelist In TruSTAR": scripts',
  ],
  [
    "a function on another destination",
    only("whitelist_in_trustar", (body) => (body["destination_handle"] = "other")),
    'function "whitelist_in_trustar": message destination',
  ],
  [
    "a destination that waits for no answers",
    only("trustar", (body) => (body["expect_ack"] = false)),
    'message destination "trustar": expect_ack',
  ],
])("a difference: %s", (_what, server, told) => {
  expect(different(server)).toEqual([told]);
});

const hindered = (server: JsonObject): readonly string[] =>
  planCustomizations(ours, server)
    .filter(({ hindrances }) => hindrances.length > 0)
    .map(({ wanted, hindrances }) => `${titleOf(wanted)}: ${hindrances.join(", ")}`);

test.each<[what: string, server: JsonObject]>([
  ["other conditions", only("UpdateIncident", (body) => (body["conditions"] = []))],
  ["another destination", only("CaseCreated", (body) => (body["message_destinations"] = ["other"]))],
  [
    "a function on another destination",
    only("whitelist_in_trustar", (body) => (body["destination_handle"] = "other")),
  ],
  [
    "a further destination",
    only("CaseCreated", (body) => (body["message_destinations"] = ["other", "trustar"])),
  ],
  [
    "another script",
    only(
      whitelistFlow,
      editXml((xml) => xml.replaceAll("python3", "python")),
    ),
  ],
  [
    "a further input",
    only("whitelist_in_trustar", (body) => (body["view_items"] as unknown[]).push({ content: "another" })),
  ],
])("different, and the worker can do without: %s", (_what, server) => {
  expect(different(server)).toHaveLength(1);
  expect(hindered(server)).toEqual([]);
});

test.each<[what: string, server: JsonObject, told: string]>([
  [
    "no destination",
    only("CaseCreated", (body) => (body["message_destinations"] = [])),
    'rule "CaseCreated": message destinations',
  ],
  [
    "a function without a destination",
    only("whitelist_in_trustar", (body) => (body["destination_handle"] = null)),
    'function "whitelist_in_trustar": message destination',
  ],
  [
    "another object",
    only("Whitelist in TruSTAR", (body) => (body["object_type"] = "incident")),
    'rule "Whitelist in TruSTAR": object',
  ],
  [
    "an input less",
    only("whitelist_in_trustar", (body) => (body["view_items"] = [])),
    'function "whitelist_in_trustar": inputs',
  ],
  [
    "a text instead of a number",
    only("__function/trustar_incident_id", (body) => (body["input_type"] = "text")),
    'function input "trustar_incident_id": kind of input',
  ],
])("different, and the worker can't do without: %s", (_what, server, told) => {
  expect(hindered(server)).toEqual([told]);
});

test("what a list of the server leaves out is not taken for different", () => {
  const server = serverAfter((body) => {
    for (const name of ["content", "view_items", "conditions"]) Reflect.deleteProperty(body, name);
  });
  expect(different(server)).toEqual([]);
});

test("an import holds the missing object and what it refers to, as the server has it", () => {
  const rule = "Rule for workflow: Whitelist";
  const server = serverAfter((body, one) => {
    if (keyOf(one) === rule) body["name"] = "somebody else's";
    if (keyOf(one) === whitelistFlow) editXml((xml) => xml.replace("Whitelisted in", "Now known to"))(body);
    body["tags"] = [{ tag_handle: "internal" }];
  });
  const plan = planCustomizations(ours, server);
  expect(plan.filter(isMissing).map(({ wanted }) => keyOf(wanted))).toEqual([rule]);
  const imported = toImport(plan, () => false);
  const ofKind = (kind: Customization["kind"]): Customization[] =>
    imported.filter((one) => one.kind === kind);
  expect(ofKind("actions").map(keyOf)).toEqual([rule]);
  expect(ofKind("workflows").map(keyOf)).toEqual([whitelistFlow]);
  expect(JSON.stringify(ofKind("workflows"))).toContain("Now known to"); // the administrator's
  expect(ofKind("functions")).toHaveLength(6);
  expect(JSON.stringify(toConfiguration(imported, {}, 0))).not.toContain("tag_handle");
});

test("nothing missing and nothing to be replaced: nothing to import", () => {
  const server = only("CaseCreated", (body) => (body["conditions"] = []));
  expect(toImport(planCustomizations(ours, server), () => false)).toEqual([]);
});

test.each([
  ["30.0.3476", true],
  ["38.1.9", true],
  ["38.2.1", false],
  ["41.0.6783", false],
  ["51.0.8.3.1234", false],
  ["", false],
])("server version %j is too old: %j", (version, expected) => {
  expect(isTooOld({ version })).toBe(expected);
});
