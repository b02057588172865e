import { comparable } from "../../../services/core/indicator-value.js";
import { inParallel } from "../../../services/actions/in-parallel.js";
import { normaliseName } from "../../../services/actions/normalise-name.js";
import { artifactLabel, fallbackLabel, indicatorType } from "../../../services/actions/trustar-types.js";

describe("normaliseName", () => {
  it.each([
    ["CaseCreated", "casecreated"],
    [" Send To  TruSTAR ", "send_to_trustar"],
    ["Add Task (all)!", "add_task_all_"],
    ["Vorfall gelöscht", "vorfall_gelöscht"],
    ["事件-已删除", "事件_已删除"],
    ["Undo\tWhitelist – in TruSTAR", "undo_whitelist_in_trustar"],
  ])("%s", (name, expected) => {
    expect(normaliseName(name)).toBe(expected);
  });
});

describe("comparable", () => {
  it.each([
    ["hxxps://EVIL[.]example/Path", "https://evil.example/Path"],
    ["http://evil.example/", "http://evil.example"],
    [" Evil.Example ", "evil.example"],
    ["a[at]evil(dot)example", "A@EVIL.example"],
    ["D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"],
  ])("%s is %s", (a, b) => {
    expect(comparable(a)).toBe(comparable(b));
  });

  it("tells paths apart by case", () => {
    expect(comparable("http://a.example/A")).not.toBe(comparable("http://a.example/a"));
  });
});

describe("types", () => {
  it.each([
    ["EMAIL_ADDRESS", "a@b.example", "Email Sender"],
    ["IP", "45.9.148.1", "IP Address"],
    ["MD5", "x", "Malware MD5 Hash"],
    ["SHA1", "x", "Malware SHA-1 Hash"],
    ["SHA256", "x", "Malware SHA-256 Hash"],
    ["URL", "http://a.example/x", "URL"],
    ["URL", "a.example", "URL String"],
    ["URL", "http://", "URL String"],
    ["URL", `http://${"本".repeat(600)}/`, "URL String"],
    ["URL", `http://a.example/${"x".repeat(5_000)}`, "URL"],
    ["MALWARE", "x", "Malware Family/Variant"],
    ["SOFTWARE", "x", "File Name"],
    ["CVE", "CVE-2024-1", "Threat CVE ID"],
    ["CIDR_BLOCK", "10.0.0.0/8", "Network CIDR Range"],
    ["REGISTRY_KEY", "x", "TruSTAR REGISTRY_KEY"],
    ["BITCOIN_ADDRESS", "x", "TruSTAR BITCOIN_ADDRESS"],
    ["toString", "x", "TruSTAR INDICATOR"],
    ["NEW_KIND", "x", "TruSTAR NEW_KIND"],
    ["<b>", "x", "TruSTAR INDICATOR"],
  ])("%s %s becomes an artifact %s", (type, value, label) => {
    expect(artifactLabel({ type, value })).toBe(label);
  });

  it("sends only a refused URL elsewhere", () => {
    expect([fallbackLabel("URL"), fallbackLabel("IP Address")]).toEqual(["URL String", undefined]);
  });

  it.each([
    ["URL", "http://a.example", "URL"],
    ["url_string", "a", "URL"],
    ["DNS Name", "a.example", "URL"],
    ["Email Sender", "a@b.example", "EMAIL_ADDRESS"],
    ["Email Recipient", "a@b.example", "EMAIL_ADDRESS"],
    ["Malware SHA-1 Hash", "d41d8cd98f00b204e9800998ecf8427e", "MD5"],
    ["Malware SHA-512 Hash", "ab".repeat(64), undefined],
    ["Malware Sample Fuzzy Hash", "3:abc", undefined],
    ["Registry Key", "HKLM", "REGISTRY_KEY"],
    ["TruSTAR X_ID", "x", "X_ID"],
    ["Mutex", "x", undefined],
  ])("%s %s is the indicator %s", (label, value, type) => {
    expect(indicatorType(label, value)).toBe(type);
  });
});

describe("inParallel", () => {
  it("starts nothing after a failure and waits for what runs", async () => {
    const done: number[] = [];
    const work = async (item: number): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (item === 2) throw new Error("two");
      await new Promise((resolve) => setImmediate(resolve));
      done.push(item);
    };
    await expect(inParallel([1, 2, 3, 4, 5, 6], 3, work)).rejects.toThrow("two");
    expect(done).toEqual([1, 3]);
  });

  it("never runs more than its width", async () => {
    let running = 0;
    let most = 0;
    await inParallel(Array.from({ length: 20 }), 4, async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    expect(most).toBe(4);
  });
});
