import { newFunction, type FunctionRecord, type WorkflowRecord } from "./seed-rules.js";
import type { FieldRecord } from "./seed-fields.js";
import { stableUuid } from "./stable-uuid.js";

interface Plan {
  readonly name: string;
  readonly title: string;
  readonly workflow: string;
  readonly on: "incident" | "artifact";
  /** Input of the function and where the workflow takes it from. */
  readonly inputs: Readonly<Record<string, string>>;
}

const fromIncident = { trustar_incident_id: "incident.id" };
const fromArtifact = { trustar_artifact_value: "artifact.value" };

const plans: readonly Plan[] = [
  {
    name: "submit_report_to_trustar",
    title: "Submit / Update Report to TruSTAR",
    workflow: "example_workflow_submitupdate_report_to_trustar",
    on: "incident",
    inputs: fromIncident,
  },
  {
    name: "delete_report_in_trustar",
    title: "Delete Report In TruSTAR",
    workflow: "example_workflow_delete_report_in_trustar",
    on: "incident",
    inputs: fromIncident,
  },
  {
    name: "get_priority_score_of_indicator",
    title: "Get Priority Score of Indicator",
    workflow: "example_workflow_get_priority_score_of_indicator",
    on: "artifact",
    inputs: fromArtifact,
  },
  {
    name: "get_correlated_indicators_from_trustar",
    title: "Get Correlated Indicators from TruSTAR",
    workflow: "example_workflow_get_correlated_indicators",
    on: "incident",
    inputs: fromIncident,
  },
  {
    name: "whitelist_in_trustar",
    title: "Whitelist In TruSTAR",
    workflow: "example_workflow_whitelist_in_trustar",
    on: "artifact",
    inputs: { ...fromArtifact, ...fromIncident },
  },
  {
    name: "undo_whitelist_in_trustar",
    title: "Undo Whitelist In TruSTAR",
    workflow: "example_workflow_undo_whitelist_in_trustar",
    on: "artifact",
    inputs: { trustar_artifact_type: "artifact.type", ...fromArtifact, ...fromIncident },
  },
];

export function seedFunctions(fields: readonly FieldRecord[]): FunctionRecord[] {
  return plans.map(({ name, title, inputs }, index) =>
    newFunction(30 + index, name, {
      display_name: title,
      view_items: Object.keys(inputs).map((input) => ({
        element: "field_uuid",
        field_type: "__function",
        content: fields.find((field) => field.name === input)?.["uuid"],
        show_if: null,
        show_link_header: false,
        step_label: null,
      })),
    }),
  );
}

/** One workflow for each function, as the app shipped them. */
export function seedWorkflows(): WorkflowRecord[] {
  return plans.map((plan, index) => ({
    workflow_id: 60 + index,
    name: `Example workflow: ${plan.title}`,
    programmatic_name: plan.workflow,
    export_key: plan.workflow,
    object_type: plan.on,
    description: "",
    uuid: stableUuid(`workflow ${plan.workflow}`),
    content: { workflow_id: plan.workflow, version: 1, xml: bpmn(plan) },
    content_version: 1,
    actions: [],
    tags: [],
  }));
}

function bpmn(plan: Plan): string {
  const script = Object.entries(plan.inputs).map(([input, source]) => `inputs.${input} = ${source}`);
  const config = JSON.stringify({
    inputs: {},
    pre_processing_script: script.join("\n"),
    pre_processing_script_language: "python3",
    post_processing_script: "incident.addNote(results['error'] or str(results))",
    post_processing_script_language: "python3",
  });
  const task = [
    `<serviceTask id="ServiceTask_1" name="${plan.title}" resilient:type="function"><extensionElements>`,
    `<resilient:function uuid="${stableUuid(`function ${plan.name}`)}">${config}</resilient:function>`,
    `</extensionElements><incoming>SequenceFlow_1</incoming><outgoing>SequenceFlow_2</outgoing></serviceTask>`,
  ].join("");
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:resilient="http://resilient.ibm.com/bpmn">`,
    `<process id="${plan.workflow}" isExecutable="true" name="Example workflow: ${plan.title}">`,
    `<startEvent id="StartEvent_155asxm"><outgoing>SequenceFlow_1</outgoing></startEvent>${task}`,
    `<endEvent id="EndEvent_1"><incoming>SequenceFlow_2</incoming></endEvent>`,
    `<sequenceFlow id="SequenceFlow_1" sourceRef="StartEvent_155asxm" targetRef="ServiceTask_1"/>`,
    `<sequenceFlow id="SequenceFlow_2" sourceRef="ServiceTask_1" targetRef="EndEvent_1"/></process></definitions>`,
  ].join("");
}
