import type { Invocation } from "./invocations.js";
import type { FunctionRecord, WorkflowRecord } from "./seed-rules.js";
import { asText, asWire, type Wire } from "./wire.js";
import type { World } from "./world.js";

export interface FunctionTask {
  readonly fn: FunctionRecord;
  readonly inputs: Wire;
}

/** The function of a workflow's (one) task, with the inputs that its pre-process script takes from the objects. */
export function functionTask(
  world: World,
  workflow: WorkflowRecord,
  objects: { readonly incident: Wire; readonly artifact: Wire | undefined },
): FunctionTask {
  const xml = asText(workflow.content["xml"]);
  const task = /<resilient:function uuid="([^"]+)">([\s\S]*?)<\/resilient:function>/.exec(xml);
  const fn = world.functions.find((one) => one.uuid === task?.[1]);
  if (task === null || fn === undefined) throw new Error(`workflow ${workflow.name} calls no known function`);
  const config = asWire(JSON.parse(unescapeXml(task[2] ?? "{}")));
  return { fn, inputs: runPreProcess(world, asText(config["pre_processing_script"]), objects) };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** The one kind of line that these scripts consist of: `inputs.x = object.field`. */
function runPreProcess(
  world: World,
  script: string,
  objects: { readonly incident: Wire; readonly artifact: Wire | undefined },
): Wire {
  const inputs: Wire = {};
  for (const [, input, object, field] of script.matchAll(
    /^[ \t]*inputs\.(\w+)\s*=\s*(incident|artifact)\.(\w+)\s*$/gm,
  )) {
    const holder = object === "incident" ? objects.incident : asWire(objects.artifact);
    const value = holder[field ?? ""];
    // Scripts see the label of an artifact's type, not its id.
    const label = world.artifactTypes.find((type) => type.id === value)?.name;
    inputs[input ?? ""] = object === "artifact" && field === "type" ? label : value;
  }
  return inputs;
}

/** What the app's post-process scripts write: the error, or the result. */
export function postProcessNote(invocation: Invocation): string {
  const results = invocation.replies.at(-1)?.results ?? {};
  if (!("error" in results)) return "KeyError: 'error'";
  const error = asText(results["error"]);
  return error === "" ? JSON.stringify(results) : error;
}
