import { readFileSync } from "node:fs";
import { parseText, problemsOf } from "./parse-text.js";

const platform = "[resilient]\nhost = soar.example.com\norg = SOC\napi_key_id = i\napi_key_secret = t\n";
const account = (name: string, workspace: string) =>
  `[${name}]\nuser_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e-1\nworkspace = ${workspace}\n`;

describe("the worker", () => {
  it.each([
    ["nothing", ""],
    ["a threat source", "[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\n"],
    ["a platform without anything of TruSTAR's", "[resilient]\nhost = h\npassword = ^gone\n"],
    ["a queue without a platform", "[trustar]\nqueue = q\n"],
    ["a queue and a platform without host", "[resilient]\norg = SOC\nhost =\n[trustar]\n"],
  ])("is absent with %s", (_what, text) => {
    expect(parseText(text)).toMatchObject({ worker: undefined, warnings: [] });
  });

  it("is there with a platform and an account, [trustar] or not", () => {
    const config = parseText(platform + account("trustar_account_1", "W"));
    expect(config.worker).toMatchObject({
      resilient: { host: "soar.example.com", numWorkers: 25 },
      queue: "trustar",
      accounts: [{ policy: { name: "trustar_account_1" } }],
    });
    expect(config.warnings).toEqual([]);
    expect(parseText(`${platform}[trustar]\nqueue = other\n${account("trustar_a", "W")}`).worker?.queue).toBe(
      "other",
    );
  });

  it("without an account can't do much, and says so", () => {
    const config = parseText(`${platform}[trustar]\n`);
    expect(config.worker?.accounts).toEqual([]);
    expect(config.warnings).toEqual([expect.stringContaining("the worker has no TruSTAR account")]);
  });

  it("needs a host when there are accounts", () => {
    expect(problemsOf(account("trustar_a", "W"))).toEqual([
      expect.stringMatching(/^\[resilient\] host is missing; /),
      expect.stringMatching(/^\[resilient\] org is missing; /),
      expect.stringMatching(/^\[resilient\] api_key_id is missing; /),
      expect.stringMatching(/^\[resilient\] api_key_secret is missing; /),
    ]);
  });

  it.each(["my queue", "a..b", ".a", "a.", "a.*", "a.>", "a,b", "a?b=c", "/queue/a"])(
    "needs a queue that can be one, not %s",
    (queue) => {
      expect(problemsOf(`${platform}[trustar]\nqueue = ${queue}\n`)).toEqual([
        expect.stringContaining(`[trustar] queue must be the programmatic name`),
      ]);
    },
  );

  it.each(["soc.trustar", "soc-1.trustar_2.x"])("takes the queue %s", (queue) => {
    const { worker } = parseText(`${platform}[trustar]\nqueue = ${queue}\n${account("trustar_a", "W")}`);
    expect(worker?.queue).toBe(queue);
  });
});

describe("accounts", () => {
  it("are all sections whose name starts with trustar and that have a workspace, in the order of the file", () => {
    const names = ["trustar_zeta", "trustar-account_2", "trustar1"];
    const text =
      platform + names.map((name, i) => account(name, `W${i}`)).join("") + "[fn_trustar]\nworkspace = x\n";
    expect(parseText(text).worker?.accounts.map(({ policy }) => policy.name)).toEqual(names);
  });

  it("without the key are passed over, but not in silence", () => {
    const text = `${platform}${account("trustar_a", "W")}[trustar_account_2]\nuser_api_key = ^gone\n[trustar_threat_sorce]\nurl = x\n`;
    expect(parseText(text).warnings).toEqual([
      expect.stringMatching(/^section \[trustar_account_2\] is ignored, because it has no workspace/),
      "section [trustar_threat_sorce] is ignored; did you mean [trustar_threat_source]?",
    ]);
  });

  it("can't share a workspace", () => {
    const text =
      platform +
      account("trustar_a", "SOC, Lab") +
      account("trustar_b", "lab, Lab") +
      account("trustar_c", "SOC");
    const first =
      "which [trustar_a] lists, too; a workspace has one account: the Python app took the first, [trustar_a],";
    expect(problemsOf(text)).toEqual([
      expect.stringContaining(`[trustar_b] workspace lists "lab", ${first}`),
      expect.stringContaining(`[trustar_b] workspace lists "Lab", ${first}`),
      expect.stringContaining(`[trustar_c] workspace lists "SOC", ${first}`),
    ]);
  });

  it("are all checked at once", () => {
    const text = `${platform.replace("org = SOC\n", "")}[trustar_a]\nworkspace = W\n[trustar_b]\nworkspace =\nenclave_ids_for_submission = e\n`;
    expect(problemsOf(text).map((problem) => problem.replace(/^(\S+ \S+) .*$/, "$1"))).toEqual([
      "[trustar_a] enclave_ids_for_submission",
      "[trustar_a] user_api_key",
      "[trustar_a] user_api_secret",
      "[trustar_b] workspace",
      "[trustar_b] user_api_key",
      "[trustar_b] user_api_secret",
      "[resilient] org",
    ]);
  });
});

describe("a legacy config with two accounts", () => {
  const text = readFileSync(new URL("../../fixtures/legacy-two-accounts.config", import.meta.url), "utf8");
  const keyring = {
    _: { password: " p w " },
    trustar: { proxy_username_for_trustar: "u", proxy_password_for_trustar: "pp" },
    trustar_threat_source: {
      api_key_for_trustar_threat_source: "k0",
      api_secret_for_trustar_threat_source: "s0",
    },
    trustar_prod: { api_key_for_trustar_prod: "k1", api_secret_for_trustar_prod: "s1" },
    trustar_account_2: { api_key_for_trustar_account_2: "k2", api_secret_for_trustar_account_2: "s2" },
  };

  it("means what it meant", () => {
    const config = parseText(text, { keyring });
    expect(config.logLevel).toBe("warn");
    expect(config.threatSource?.enclaveIds).toHaveLength(2);
    expect(config.worker?.queue).toBe("trustar_prod");
    expect(config.worker?.resilient).toMatchObject({
      host: "soar.example.com",
      port: 443,
      org: "Example SOC",
      credentials: { kind: "account", email: "integration@example.com" },
      ca: false,
      stomp: { host: "soar.example.com", port: 65_001, ca: false, prefetch: 2_000 },
      numWorkers: 50,
    });
    expect(config.worker?.accounts.map(({ policy }) => policy)).toMatchObject([
      {
        name: "trustar_prod",
        workspaces: ["Production", "Default workspace"],
        submissionEnclaveIds: [
          "7a33144f-aef3-442b-87d4-dbf70d8afdb0",
          "0f9f1d4e-5a0b-4a52-9b57-0d3b9a3f6c11",
        ],
        queryEnclaveIds: ["5d1c2b3a-1111-4222-8333-444455556666"],
        autoSubmission: true,
        contentSections: ["summary", "artifacts", "notes"],
        submitNoteReplies: false,
        excludedIncidentTypes: "Denial of Service, Lost PDA / smartphone",
        tags: ["resilient"],
      },
      {
        name: "trustar_account_2",
        workspaces: ["Laboratory"],
        queryEnclaveIds: ["5d1c2b3a-1111-4222-8333-444455556666"],
        autoSubmission: false,
        contentSections: ["breach", "summary"],
        submitNoteReplies: false,
        excludedIncidentTypes: "",
        tags: [],
      },
    ]);
    expect(config.warnings.map((warning) => warning.replace(/^(\S+ \S+) .*$/, "$1"))).toEqual([
      "[resilient] cafile",
    ]);
  });

  it("has its secrets from the keyring, each from its own service", () => {
    const worker = parseText(text, { keyring }).worker!;
    const { credentials } = worker.resilient;
    expect(credentials.kind === "account" && credentials.password.reveal()).toBe(" p w ");
    expect(worker.accounts.map(({ apiKey, apiSecret }) => apiKey.reveal() + apiSecret.reveal())).toEqual([
      "k1s1",
      "k2s2",
    ]);
    expect(JSON.stringify(worker)).not.toMatch(/k1|s1|k2|s2|p w/);
  });
});
