import { workflowContent } from "../../../services/customizations/workflow-content.js";
import { growthOf } from "../../support/cpu-time.js";

const of = (xml: string) => workflowContent({ content: { xml } });
const settings = '{"inputs":{"a":1}}';

it.each([
  ["as it is", settings],
  ["with entities", settings.replaceAll('"', "&quot;")],
  ["as CDATA", ` <![CDATA[${settings}]]>\n`],
])("reads the functions of a workflow, their settings %s", (_how, written) => {
  const element = (uuid: string): string =>
    `<serviceTask id='x'><resilient:function name="n" uuid = "${uuid}" x='1'>${written}</resilient:function></serviceTask>`;
  const { functions, steps } = of(`<startEvent/>${element("u-1")}<function/>${element("u-2")}`);
  expect(functions).toMatchObject([
    { uuid: "u-1", inputs: { a: 1 } },
    { uuid: "u-2", inputs: { a: 1 } },
  ]);
  expect(steps).toEqual(["serviceTask", "serviceTask", "startEvent"]);
});

it.each([
  ["has no content", '<function uuid="u"/><function uuid="v">{}</function>', ["u", "v"]],
  ["never ends", '<function uuid="u"><function uuid="v"></function>', ["u"]],
  ["has no uuid", "<function></function></function><functions uuid='w'></functions>", []],
])("reads what it can when a function %s", (_what, xml, uuids) => {
  expect(of(xml).functions.map(({ uuid }) => uuid)).toEqual(uuids);
});

it.each([
  '<function uuid="u">',
  "<function uuid uuid=",
  'uuid="',
  "</function>",
  "<a",
  "<wTask",
  "w",
  " ",
  "]]> ",
  "&#x",
])("takes time in proportion to the XML, of %j", (unit) => {
  const xml = (n: number): string => `<function uuid="u">${unit.repeat(n)}!</function>`;
  const work = (n: number) => {
    const text = xml(n);
    return () => of(text);
  };
  expect(growthOf(work)).toBeLessThan(3);
});
