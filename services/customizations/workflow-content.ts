import type { JsonObject } from "../../src/core/action.js";

/** What a workflow does, apart from how its drawing looks: the platform writes the XML anew whenever it is saved. */
export interface WorkflowContent {
  /** Names of the BPMN elements that do something, sorted. */
  readonly steps: readonly string[];
  readonly functions: readonly { readonly uuid: string }[];
}

const step = /<(?:\w+:)?(\w+Event|\w*[tT]ask|\w+Gateway|subProcess|callActivity|adHocSubProcess)(?=[\s/>])/g;
const functionTag = /<(\/?)(?:\w+:)?function\b([^<>]*)>/g;
const uuidAttribute = /\suuid\s*=\s*["']([\w-]{1,64})["']/;
/** No tag of a function is that long. */
const longestTag = 2_000;

export function workflowContent(body: JsonObject): WorkflowContent {
  const content = body["content"];
  const xml = typeof content === "object" && content !== null && "xml" in content ? content.xml : undefined;
  const text = typeof xml === "string" ? xml : "";
  return {
    steps: [...text.matchAll(step)].map(([, name]) => name ?? "").sort(),
    functions: [...functionsIn(text)].map(({ uuid, settings }) => ({ uuid, ...settingsOf(settings) })),
  };
}

/** Tag by tag, for a pattern over a whole element would look for its end from each beginning. */
function* functionsIn(text: string): Generator<{ readonly uuid: string; readonly settings: string }> {
  let open: { readonly uuid: string; readonly from: number } | undefined;
  for (const { 0: tag, 1: slash, 2: attributes = "", index } of text.matchAll(functionTag)) {
    if (slash === "/") {
      if (open !== undefined) yield { uuid: open.uuid, settings: text.slice(open.from, index) };
      open = undefined;
    } else if (open === undefined) {
      const uuid = uuidAttribute.exec(attributes.slice(0, longestTag))?.[1];
      if (uuid === undefined) continue;
      if (attributes.endsWith("/")) yield { uuid, settings: "" };
      else open = { uuid, from: index + tag.length };
    }
  }
}

function settingsOf(escaped: string): object {
  const text = unescapeXml(escaped);
  let settings: Record<string, unknown>;
  try {
    settings = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return { unreadable: text };
  }
  const { inputs = {}, result_name: resultName } = settings;
  return { inputs, resultName, before: script(settings, "pre"), after: script(settings, "post") };
}

/** Without a script its language says nothing; without a language it is Python 2. */
function script(settings: Record<string, unknown>, which: "pre" | "post"): object | undefined {
  const code = settings[`${which}_processing_script`];
  if (typeof code !== "string" || code.trim() === "") return undefined;
  const language = settings[`${which}_processing_script_language`] ?? "python";
  return { language, code: code.replace(/\r\n?/g, "\n").trimEnd() };
}

const cdata = { start: "<![CDATA[", end: "]]>" } as const;
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeXml(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith(cdata.start) && trimmed.endsWith(cdata.end)) {
    return trimmed.slice(cdata.start.length, -cdata.end.length);
  }
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (all, hex, decimal, name) => {
    if (typeof name === "string") return entities[name.toLowerCase()] ?? all;
    const code = typeof hex === "string" ? parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
