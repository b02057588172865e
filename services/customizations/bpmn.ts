import type { WorkflowPlan } from "./workflow-plans.js";

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
const namespaces = [
  'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"',
  'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"',
  'xmlns:omgdc="http://www.omg.org/spec/DD/20100524/DC"',
  'xmlns:omgdi="http://www.omg.org/spec/DD/20100524/DI"',
  'xmlns:resilient="http://resilient.ibm.com/bpmn"',
  'xmlns:xsd="http://www.w3.org/2001/XMLSchema"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'targetNamespace="http://www.camunda.org/test"',
].join(" ");

const ids = {
  start: "StartEvent_155asxm",
  task: "ServiceTask_1",
  end: "EndEvent_1",
  toTask: "SequenceFlow_1",
  toEnd: "SequenceFlow_2",
} as const;

/** Start, one function, end; with the drawing, without which the workflow editor shows nothing. */
export function bpmnOf(plan: WorkflowPlan): string {
  const { name, programmaticName } = plan;
  return [
    `${declaration}<definitions ${namespaces}>`,
    `<process id="${escapeXml(programmaticName)}" isExecutable="true" name="${escapeXml(name)}">`,
    `<documentation>${escapeXml(documentationOf(plan))}</documentation>`,
    `<startEvent id="${ids.start}"><outgoing>${ids.toTask}</outgoing></startEvent>`,
    serviceTask(plan),
    `<sequenceFlow id="${ids.toTask}" sourceRef="${ids.start}" targetRef="${ids.task}"/>`,
    `<endEvent id="${ids.end}"><incoming>${ids.toEnd}</incoming></endEvent>`,
    `<sequenceFlow id="${ids.toEnd}" sourceRef="${ids.task}" targetRef="${ids.end}"/>`,
    `</process>${diagram}</definitions>`,
  ].join("");
}

export function documentationOf({ function: { displayName } }: WorkflowPlan): string {
  return `Runs the function "${displayName}" and writes a note about what came of it.`;
}

function serviceTask({ function: { displayName, uuid }, before, after }: WorkflowPlan): string {
  const settings = JSON.stringify({
    inputs: {},
    pre_processing_script: before,
    pre_processing_script_language: "python3",
    post_processing_script: after,
    post_processing_script_language: "python3",
  });
  return [
    `<serviceTask id="${ids.task}" name="${escapeXml(displayName)}" resilient:type="function"><extensionElements>`,
    `<resilient:function uuid="${uuid}">${escapeXml(settings)}</resilient:function></extensionElements>`,
    `<incoming>${ids.toTask}</incoming><outgoing>${ids.toEnd}</outgoing></serviceTask>`,
  ].join("");
}

function shape(id: string, x: number, y: number, width: number, height: number): string {
  const bounds = `<omgdc:Bounds height="${height}" width="${width}" x="${x}" y="${y}"/>`;
  return `<bpmndi:BPMNShape bpmnElement="${id}" id="${id}_di">${bounds}</bpmndi:BPMNShape>`;
}

function edge(id: string, fromX: number, toX: number): string {
  const points = [fromX, toX].map((x) => `<omgdi:waypoint x="${x}" xsi:type="omgdc:Point" y="206"/>`);
  return `<bpmndi:BPMNEdge bpmnElement="${id}" id="${id}_di">${points.join("")}</bpmndi:BPMNEdge>`;
}

const diagram = [
  '<bpmndi:BPMNDiagram id="BPMNDiagram_1"><bpmndi:BPMNPlane bpmnElement="undefined" id="BPMNPlane_1">',
  shape(ids.start, 162, 188, 36, 36),
  shape(ids.task, 277, 166, 100, 80),
  shape(ids.end, 448, 188, 36, 36),
  edge(ids.toTask, 198, 277),
  edge(ids.toEnd, 377, 448),
  "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>",
].join("");

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
