import { Parser } from "htmlparser2";
import { functions } from "../../../services/actions/functions/function-table.js";
import { normaliseName } from "../../../services/actions/normalise-name.js";
import { rules } from "../../../services/actions/rules/rule-table.js";
import { textOf, type Kind } from "../../../services/customizations/customization.js";
import { ourCustomizations } from "../../../services/customizations/our-customizations.js";
import { workflowContent } from "../../../services/customizations/workflow-content.js";
import { workflowPlans } from "../../../services/customizations/workflow-plans.js";
import type { JsonObject } from "../../../src/core/action.js";

const bodiesOf = (kind: Kind): readonly JsonObject[] =>
  ourCustomizations("trustar")
    .filter((one) => one.kind === kind)
    .map(({ body }) => body);
const namesOf = (kind: Kind): readonly string[] => bodiesOf(kind).map((body) => textOf(body, "name"));

test("the functions in Resilient are those that the worker answers", () => {
  expect([...namesOf("functions")].sort()).toEqual([...functions.keys()].sort());
});

test("the rules that go to the message destination are those that the worker knows", () => {
  const toUs = bodiesOf("actions").filter(
    ({ message_destinations }) => (message_destinations as unknown[]).length > 0,
  );
  expect(toUs.map((body) => normaliseName(textOf(body, "name"))).sort()).toEqual([...rules.keys()].sort());
});

test.each(workflowPlans.map((plan) => [plan.programmaticName, plan] as const))(
  "%s is BPMN that holds its scripts unchanged",
  (name, { function: fn, before, after }) => {
    const body = bodiesOf("workflows").find((one) => one["programmatic_name"] === name)!;
    const { xml } = body["content"] as { xml: string };
    const open: string[] = [];
    let settings = "";
    const shapes: string[] = [];
    const parser = new Parser(
      {
        onopentag: (tag, attributes) => {
          open.push(tag);
          if (tag.startsWith("bpmndi:BPMN") && attributes["bpmnElement"] !== undefined)
            shapes.push(attributes["bpmnElement"]);
        },
        ontext: (text) => {
          if (open.at(-1) === "resilient:function") settings += text;
        },
        onclosetag: (tag, implied) => {
          expect(open.pop()).toBe(tag);
          expect(implied && !xml.includes(`<${tag} `)).toBe(false);
        },
      },
      { xmlMode: true },
    );
    parser.end(xml);
    expect(open).toEqual([]);
    expect(JSON.parse(settings)).toEqual({
      inputs: {},
      pre_processing_script: before,
      pre_processing_script_language: "python3",
      post_processing_script: after,
      post_processing_script_language: "python3",
    });
    // The editor draws what the diagram names.
    for (const [, id] of xml.matchAll(/<(?:startEvent|serviceTask|endEvent|sequenceFlow) id="([^"]*)"/g)) {
      expect(shapes).toContain(id);
    }
    expect(workflowContent(body)).toEqual({
      steps: ["endEvent", "serviceTask", "startEvent"],
      functions: [
        {
          uuid: fn.uuid,
          inputs: {},
          resultName: undefined,
          before: { language: "python3", code: before },
          after: { language: "python3", code: after },
        },
      ],
    });
  },
);
