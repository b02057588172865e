import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { createdArtifacts } from "../../../services/resilient/artifact-wire.js";
import { fromEdit, incidentAnswer, toIncident } from "../../../services/resilient/incident-wire.js";
import { flattenNotes, noteTree } from "../../../services/resilient/note-wire.js";
import { rootUrl } from "../../../services/resilient/options.js";
import { listOf, text } from "../../../services/resilient/wire.js";

describe("lists", () => {
  const numbers = listOf(z.object({ id: z.number() }));
  test.each([
    [{ entities: [{ id: 1 }, { id: 2 }] }],
    [[{ id: 1 }, { id: 2 }]],
    [{ Malware: { id: 1 }, Phishing: { id: 2 } }],
  ])("%j", async (answer) => {
    expect(await numbers.parseAsync(answer)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("say which entry is wrong", async () => {
    const result = await numbers.safeParseAsync({ entities: [{ id: 1 }, { id: "2" }] });
    expect(result.error?.issues[0]?.path).toEqual([1, "id"]);
    expect((await numbers.safeParseAsync("x")).success).toBe(false);
    expect((await numbers.safeParseAsync(null)).success).toBe(false);
  });
});

test.each([
  ["plain", "plain"],
  [{ format: "html", content: "<b>x</b>" }, "<b>x</b>"],
  [{ format: "text", content: null }, ""],
  [null, ""],
  [undefined, ""],
])("rich text %j", (wire, expected) => {
  expect(text.parse(wire)).toBe(expected);
});

describe("incidents", () => {
  const least = { id: 7, name: "x", plan_status: "A" };

  test("of an old server, with next to nothing in them", () => {
    const incident = toIncident(
      incidentAnswer.parse({ ...least, data_compromised: true, exposure: 3, pii: null }),
    );
    expect(incident).toMatchObject({
      status: "active",
      description: "",
      incidentTypeIds: [],
      customFields: {},
      workspaceId: undefined,
      privacy: { dataCompromised: true, exposure: 3, dataSourceIds: [] },
    });
  });

  test("are readable though a field that we can do without is odd", () => {
    const odd = {
      ...least,
      severity_code: { id: 4 },
      pii: "?",
      incident_type_ids: "none",
      extra: { deep: [1] },
    };
    expect(toIncident(incidentAnswer.parse(odd))).toMatchObject({
      severityId: undefined,
      incidentTypeIds: [],
    });
  });

  test.each([[{ ...least, id: "7" }], [{ ...least, plan_status: "X" }], [{ id: 7, plan_status: "A" }]])(
    "are not without what makes an incident: %j",
    (wire) => {
      expect(incidentAnswer.safeParse(wire).success).toBe(false);
    },
  );

  test("edits name only what changes", () => {
    expect(fromEdit({})).toEqual({});
    expect(fromEdit({ status: "closed", resolutionId: 5, resolutionSummary: "<b>x</b>" })).toEqual({
      plan_status: "C",
      resolution_id: 5,
      resolution_summary: { format: "html", content: "<b>x</b>" },
    });
  });
});

test("one created artifact or several", async () => {
  const one = { id: 1, type: 3, value: "x" };
  expect(await createdArtifacts.parseAsync(one)).toHaveLength(1);
  expect(await createdArtifacts.parseAsync([one, one])).toHaveLength(2);
  expect((await createdArtifacts.safeParseAsync({ success: false })).success).toBe(false);
});

test("notes come before their answers; deleted ones keep only those", async () => {
  const note = (id: number, children: unknown[] = [], extra = {}): object => ({
    id,
    text: `${id}`,
    children,
    ...extra,
  });
  const tree = await noteTree
    .array()
    .parseAsync([note(1, [note(2, [note(3)]), note(4)]), note(5, [note(6)], { is_deleted: true })]);
  // Their place makes them answers, whether the server names the parent or not.
  expect(flattenNotes(tree).map(({ id, parentId }) => [id, parentId])).toEqual([
    [1, undefined],
    [2, 1],
    [3, 2],
    [4, 1],
    [6, 5],
  ]);
});

test.each([
  ["https://h:443", undefined, "https://h:443"],
  ["https://h:443/", "", "https://h:443"],
  ["https://h", "/api/respond", "https://h/api/respond"],
  ["https://h", "api/respond/", "https://h/api/respond"],
])("root of %s and %s", (baseUrl, resourcePrefix, expected) => {
  expect(rootUrl({ baseUrl, resourcePrefix })).toBe(expected);
});
