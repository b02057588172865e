import type { JsonValue } from "../../../../src/core/artifact.js";
import type { TlpLevel } from "../../../../src/core/account.js";
import { readTlp, tlpRefusal } from "../../../../services/actions/report/tlp.js";
import { anIncident, anySignal, catalog } from "./fixtures.js";

function refusal(value: JsonValue | undefined, maxTlp: TlpLevel = "AMBER"): Promise<string | undefined> {
  const customFields: Record<string, JsonValue> = value === undefined ? {} : { tlp: value };
  return tlpRefusal(
    anIncident({ customFields }),
    { name: "trustar_one", tlpField: "tlp", maxTlp },
    catalog,
    anySignal,
  );
}

describe("reading a level", () => {
  it.each([
    ["TLP:RED", "RED"],
    ["tlp: amber", "AMBER"],
    ["TLP:AMBER+STRICT", "AMBER+STRICT"],
    ["Amber Strict", "AMBER+STRICT"],
    ["clear", "WHITE"],
    ["TLP-WHITE", "WHITE"],
    [" Green ", "GREEN"],
    ["ＴＬＰ：ＧＲＥＥＮ", "GREEN"],
    ["Amber (clients only)", "AMBER"],
    ["GREEN/RED", "RED"],
    ["green - was red", "RED"],
    ["Clear all doubts", undefined],
    ["not red", undefined],
    ["reddish", undefined],
    ["unclear", undefined],
    ["purple", undefined],
    ["TLP", undefined],
  ])("%j is %j", (text, level) => {
    expect(readTlp(text)).toBe(level);
  });
});

describe("the gate", () => {
  it.each<[string, JsonValue | undefined, TlpLevel]>([
    ["no such field on the incident", undefined, "WHITE"],
    ["an empty field", null, "WHITE"],
    ["an empty text", " ", "WHITE"],
    ["nothing selected", [], "WHITE"],
    ["a text at the limit", "TLP:AMBER", "AMBER"],
    ["CLEAR where WHITE is the limit", "TLP:CLEAR", "WHITE"],
    ["a select's id", 73, "AMBER"],
    ["a select's id as text", "72", "GREEN"],
    ["an object of the server", { id: 72, name: "Green" }, "GREEN"],
    ["rich text", "<div>TLP:GREEN</div>", "GREEN"],
    ["rich text as an object", { format: "html", content: "<div>TLP:GREEN</div>" }, "GREEN"],
    ["several values", [71, 72], "GREEN"],
    ["AMBER+STRICT under RED", "TLP:AMBER+STRICT", "RED"],
  ])("lets pass: %s", async (_, value, maxTlp) => {
    await expect(refusal(value, maxTlp)).resolves.toBeUndefined();
  });

  it.each<[string, JsonValue, TlpLevel]>([
    ["RED", "tlp:red", "RED"],
    ["a select's RED", 74, "RED"],
    ["above the limit", "AMBER", "GREEN"],
    ["AMBER+STRICT above AMBER", "AMBER+STRICT", "AMBER"],
    ["one value of several", [71, 74], "RED"],
    ["an unknown word", "purple", "RED"],
    ["an unknown label", 75, "RED"],
    ["an unknown id", 999, "RED"],
    ["a truth value", false, "RED"],
    ["an unknown object", { colour: "green" }, "RED"],
  ])("stops: %s", async (_, value, maxTlp) => {
    await expect(refusal(value, maxTlp)).resolves.toMatch(/^Not sent to TruSTAR: /);
  });

  it("tells the analyst why", async () => {
    await expect(refusal(74)).resolves.toBe(
      'Not sent to TruSTAR: the incident is TLP:RED (field "tlp"), which never leaves.',
    );
    await expect(refusal("amber", "GREEN")).resolves.toBe(
      'Not sent to TruSTAR: the incident is TLP:AMBER (field "tlp"), and this account sends nothing above ' +
        "TLP:GREEN (max_tlp).",
    );
    await expect(refusal("x".repeat(99))).resolves.toContain(
      `says "${"x".repeat(40)}…", which is no TLP level`,
    );
  });

  it("asks nothing without a field", async () => {
    const policy = { name: "trustar_one", tlpField: undefined, maxTlp: "WHITE" } as const;
    const incident = anIncident({ customFields: { tlp: "RED" } });
    await expect(tlpRefusal(incident, policy, catalog, anySignal)).resolves.toBeUndefined();
  });

  it.each(["tpl", "TLP", "severity_code", "constructor"])(
    "stops everything while the field is one that incidents don't have: %s",
    async (tlpField) => {
      const policy = { name: "trustar_one", tlpField, maxTlp: "RED" } as const;
      for (const customFields of [{}, { tlp: "GREEN" }] as const) {
        await expect(tlpRefusal(anIncident({ customFields }), policy, catalog, anySignal)).resolves.toBe(
          `Not sent to TruSTAR: incidents have no custom field "${tlpField}", which tlp_field in [trustar_one] of ` +
            "app.config names. Set it to the API name of the field that holds the TLP. Until then nothing is sent.",
        );
      }
    },
  );

  it("passes an outage on: what can't be read now is not decided", async () => {
    const broken = { ...catalog, fieldLabel: () => Promise.reject(new Error("Resilient is away")) };
    const incident = anIncident({ customFields: { tlp: 74 } });
    const policy = { name: "trustar_one", tlpField: "tlp", maxTlp: "RED" } as const;
    await expect(tlpRefusal(incident, policy, broken, anySignal)).rejects.toThrow("away");
  });
});
