import { jest } from "@jest/globals";
import { ElementType, parseDocument } from "htmlparser2";
import { newField } from "../support/resilient-simulator/seed-fields.js";
import { newRule } from "../support/resilient-simulator/seed-rules.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

/** What somebody hostile writes into everything that he can reach, on the built program. */
jest.setTimeout(BROKER_START_MS);

const script = "<script>alert(1)</script>";
const image = '"><img src=x onerror=alert(1)>';
const hostile = [script, image, "' onmouseover='alert(1)", "</p></div><iframe src=//evil.example>", "<!--"];

type HtmlNode = ReturnType<typeof parseDocument>["children"][number];

/** Everything that isn't text, as a parser reads it: `a href target rel`. */
function markup(html: string): readonly string[] {
  const walk = (nodes: readonly HtmlNode[]): string[] =>
    nodes.flatMap((node) => {
      if (node.type === ElementType.ElementType.Text) return [];
      if (!("children" in node) || !("attribs" in node)) return [`not an element: ${node.type}`];
      const { href, ...others } = node.attribs;
      const link =
        href === undefined
          ? []
          : [href.startsWith("https://station.trustar.co/") ? "link" : `link to ${href}`];
      return [[node.name, ...Object.keys(others), ...link].join(" "), ...walk(node.children)];
    });
  return walk(parseDocument(html).children);
}

const allowed = new Set(["p", "b", "br", "div class", "a target rel link"]);

function expectInert(world: WorkerWorld): void {
  const { invocations, world: resilient } = world.soar.resilient;
  const notes = [...resilient.incidents.values()].flatMap(({ comments }) =>
    comments.map(({ text }) => String(text)),
  );
  for (const note of notes) expect(markup(note).filter((one) => !allowed.has(one))).toEqual([]);
  const statuses = invocations.flatMap(({ replies }) => replies);
  expect(statuses.length).toBeGreaterThan(0);
  for (const { message, results } of statuses) {
    expect([message, markup(message)]).toEqual([message, []]);
    const error = String(results?.["error"] ?? "");
    expect([error, markup(error)]).toEqual([error, []]);
  }
}

test("indicator values, names, descriptions, tags and workspaces are inert in every note and status", async () => {
  await using world = await openWorkerWorld({
    accounts: [
      {
        name: "one",
        workspace: `Default workspace, W ${image}`,
        keys: { tag: script, tlp_field: "marking" },
      },
    ],
    prepare: ({ resilient }) => {
      resilient.world.workspaces.find(({ id }) => id === 2)!["display_name"] = `W ${image}`;
      resilient.world.workspaces.find(({ id }) => id === 3)!["display_name"] = `Other ${script}`;
      const marking = newField(0, "marking", "text", { id: 900, prefix: "properties" });
      resilient.world.fields.get("incident")?.push(marking);
      resilient.world.rules.push(newRule(90, `Rule ${image}`, { type: 1, message_destinations: [9] }));
    },
  });
  const { resilient } = world.soar;
  const related = hostile.flatMap((value, n) => [
    { indicatorType: "URL", value: `http://evil.example/${n}?${value}` },
    { indicatorType: "SOFTWARE", value },
    { indicatorType: `KIND ${script}`, value: `x${value}` },
  ]);
  const page = {
    pageNumber: 0,
    pageSize: 1000,
    totalElements: related.length,
    totalPages: 1,
    hasNext: false,
    items: related,
  };
  world.trustar.faults.add({ kind: "wrong-shape", endpoint: "/indicators/related", body: page });
  for (const workspace of [1, 2, 3]) {
    for (const text of hostile) {
      const input = {
        name: text,
        workspace,
        description: { format: "text", content: text },
        artifacts: [
          { type: { name: "IP Address" }, value: "203.0.113.50", description: text },
          { type: { name: "String" }, value: text, description: { format: "text", content: text } },
        ],
        comments: [{ text: { format: "text", content: text } }],
      };
      resilient.createIncident(input);
      resilient.createIncident({ ...input, properties: { marking: text } });
    }
  }
  await world.soar.answered(60_000);
  const ids = [...resilient.world.incidents.keys()];
  resilient.invokeRule(`Rule ${image}`, ids[0]!);
  for (const id of ids) {
    resilient.invokeRule("Rule for workflow: Submit Report", id);
    resilient.invokeRule("Rule for workflow: Get Priority", id, world.artifactsOf(id)[1]!.id as number);
    resilient.invokeRule("Whitelist in TruSTAR", id, world.artifactsOf(id)[1]!.id as number);
  }
  await world.soar.answered(60_000);
  const enriched = world.artifactsOf(ids[0]!).map(({ value }) => value);
  expect(enriched).toEqual(expect.arrayContaining(hostile));
  const labels = resilient.world.artifactTypes.map(({ name }) => name);
  expect(labels.filter((label) => /[<>]/.test(label))).toEqual([]);
  // The note names the values as they are, once somebody reads it.
  expect(world.notesOf(ids[0]!).join("\n")).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expectInert(world);
});

test("what TruSTAR and Resilient say when they refuse is inert as well", async () => {
  await using world = await openWorkerWorld();
  const { resilient } = world.soar;
  world.trustar.faults.add({
    kind: "status",
    endpoint: "/reports",
    method: "POST",
    status: 403,
    message: image,
  });
  resilient.createIncident({});
  await world.soar.answered(30_000);
  world.trustar.faults.clear();
  const body = { success: false, message: `No ${script}`, hints: [image] };
  resilient.faults.add({
    kind: "status",
    method: "GET",
    path: /incidents\/\d+(\?|$)/,
    status: 403,
    body,
    times: 2,
  });
  const { id } = resilient.seedIncident().dto;
  await world.click("Send To TruSTAR", id);
  await world.click("Rule for workflow: Submit Report", id);
  await world.soar.post({ body: { function: { name: script }, inputs: {} }, correlationId: "unknown" });
  await world.soar.replies.until((replies) =>
    replies.some(({ correlationId }) => correlationId === "unknown"),
  );
  const failed = resilient.invocations.filter(({ status }) => status === "error");
  expect(failed.map(({ name }) => name)).toEqual(["CaseCreated", "Send To TruSTAR"]);
  for (const { message } of world.soar.replies.all) expect([message, markup(message)]).toEqual([message, []]);
  expectInert(world);
});
