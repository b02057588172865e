import { createServer as createHttpServer } from "node:http";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAuthority } from "../support/certificates.js";
import { startHttpProxy } from "../support/http-proxy.js";
import { freePort, runProgram, startProduct, startWorker, tempFolder } from "../support/product.js";
import { lines, onlyBroken, replace, setUpSelftest as setUp } from "../support/selftest-setup.js";

describe("the whole chain", () => {
  test("good: every link is named, nothing is changed, and exit code 0", async () => {
    await using setup = await setUp();
    const ended = await setup.run();
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(lines(ended, "✗")).toEqual([]);
    expect(lines(ended, "-")).toEqual([]);
    const titles = lines(ended, "✓").map((line) => line.split(": ", 1)[0]);
    expect(titles).toEqual([
      "Configuration",
      "Secrets",
      "State file",
      "TLS to Resilient",
      "Log-in to Resilient",
      "Organization",
      "Permissions",
      "Message destination",
      "Functions",
      "Artifact type",
      "Workflows",
      "Rules",
      "Workspaces",
      "TLS to the message broker",
      "Subscription",
      "TLS to TruSTAR",
      "TruSTAR token [trustar_threat_source]",
      "TruSTAR enclaves [trustar_threat_source]",
      "TruSTAR quota [trustar_threat_source]",
      "TruSTAR token [trustar_account_1]",
      "TruSTAR enclaves [trustar_account_1]",
      "TruSTAR quota [trustar_account_1]",
      "Threat service",
    ]);
    expect(ended.stdout).toContain("6 in clear in"); // where the secrets come from
    expect(ended.stdout).toContain("an inspecting proxy made this certificate"); // TruSTAR's, signed by the company
    expect(ended.stdout).toContain("it is not running; started for this test");
    const writes = setup.soar.resilient.calls.all.filter(
      ({ method, path }) => method !== "GET" && !path.endsWith("/query_paged"),
    );
    expect(writes).toEqual([]);
    expect(Object.keys(setup.trustar.calls().byEndpoint).sort()).toEqual([
      "GET /enclaves",
      "GET /request-quotas",
      "POST /oauth/token",
    ]);
  });

  test("what the file means otherwise than in the Python app is marked, and only that", async () => {
    await using setup = await setUp();
    const second = setup.trustar.enclaves[1]!.id;
    const ended = await setup.run((config) =>
      config
        .replace("workspace = Default workspace", "workspace = Default workspace, SOC East")
        .replace(/incident_content_to_submit = .*/, "auto_submission = Enable")
        .replace(/(enclave_ids_for_submission = \S+)/, `$1,${second}`)
        .replace("[trustar]\n", "[trustar]\nproxy_url = https://p.example:1\n")
        .replace("[resilient]\n", "[resilient]\npam_type = Keyring\n"),
    );
    expect(ended.code).toBe(0);
    const [configuration, line] = lines(ended, "!");
    expect(configuration).toMatch(/^Configuration: .*\[trustar_account_1\] auto_submission is "Enable"/);
    for (const what of [
      /^Otherwise than in the Python app: /,
      /\[trustar_account_1\] has no incident_content_to_submit: all sections are sent/,
      /\[trustar_account_1\] workspace: names with a blank beside their comma/,
      /\[trustar_account_1\] enclave_ids_for_submission: each enclave gets a report/,
      /\[trustar\] proxy_url: https:\/\/ means a proxy that speaks TLS/,
      /\[resilient\] pam_type: a vault is not asked/,
    ])
      expect(line).toMatch(what);
  });

  test("--only proves one half, and what is wrong with the other is no matter", async () => {
    await using setup = await setUp();
    const broken = (config: string) =>
      config
        .replace("[trustar_account_1]\n", "[trustar_account_1]\nmax_tlp = PURPLE\n")
        .replace(/org = .*/, "org = Nobody");
    const whole = await setup.run(broken);
    expect(whole.code).toBe(2);
    const server = await setup.run(broken, "--only", "server");
    expect(server.code).toBe(0);
    expect(server.stdout).toMatch(
      /^! Configuration: \S+ configures threat service; the worker could not start/m,
    );
    expect(server.stdout).not.toMatch(/Organization|Subscription|\[trustar_account_1\]:/);
    const worker = await setup.run(
      (config) => config.replace(/(\[trustar_threat_source\][\s\S]*?user_api_key = )\S+/, "$1^gone"),
      "--only",
      "worker",
    );
    expect(worker.code).toBe(0);
    expect(worker.stdout).toMatch(/^✓ Configuration: \S+ configures worker/m);
    expect(worker.stdout).not.toMatch(/Threat service:|\[trustar_threat_source\]:/);
  });

  test("--json gives the same to a program", async () => {
    await using setup = await setUp();
    const ended = await setup.run(replace(/org = .*/, "org = Nobody"), "--json");
    const { ok, exitCode, links } = JSON.parse(ended.stdout) as {
      ok: boolean;
      exitCode: number;
      links: { id: string; state: string; fix?: string }[];
    };
    expect({ ok, exitCode, code: ended.code }).toEqual({ ok: false, exitCode: 24, code: 24 });
    expect(links.filter(({ state }) => state === "failed")).toMatchObject([
      { id: "resilient.org", fix: expect.stringContaining("org in [resilient]") as string },
    ]);
  });

  test("a message that waits for the worker is still there afterwards", async () => {
    await using setup = await setUp();
    setup.soar.resilient.createIncident({ workspace: 1 });
    await setup.soar.resilient.settled();
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    expect(setup.soar.replies.all).toEqual([]);
    const config = await readFile(setup.configPath, "utf8");
    const withCa = config.replace("[trustar]\n", `[trustar]\ncafile = ${setup.folder.path}/extra.pem\n`);
    const workerConfig = await setup.folder.write("worker.config", withCa);
    await using worker = await startWorker(workerConfig, setup.port, "--only", "worker");
    await setup.soar.answered();
    expect(setup.soar.replies.finals).toHaveLength(1);
    expect(await worker.terminate()).toBe(0);
  });

  test("with the server running, the running one is asked", async () => {
    await using setup = await setUp();
    await using product = await startProduct(setup.configPath, setup.port);
    expect(product.url).toContain(String(setup.port));
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("✓ Threat service: the running server answers at");
  });
});

describe("a broken configuration", () => {
  test.each([
    ["in a file instead of a folder", "app.config/lookups.state", "ENOTDIR"],
    ["that is a folder", "a.folder", "EISDIR"],
  ])("a state file %s", async (_what, path, code) => {
    await using setup = await setUp();
    await mkdir(join(setup.folder.path, "a.folder"));
    const ended = await setup.run(
      replace("[custom_threat_service]\n", `[custom_threat_service]\nstate_file = ${path}\n`),
    );
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "State file");
    expect(line).toContain(join(setup.folder.path, path));
    expect(line).toContain(code);
    expect(line).toContain("state_file in [custom_threat_service]");
  });

  test("the worker's memory beside the state file can't be written", async () => {
    await using setup = await setUp();
    await mkdir(join(setup.folder.path, "trustar-resilient.answers"));
    expect(onlyBroken(await setup.run(), "State file")).toContain("EISDIR");
    const left = await readdir(setup.folder.path);
    expect(left.filter((name) => name.includes("selftest-"))).toEqual([]);
  });

  test("files with secrets that others can read", async () => {
    await using setup = await setUp();
    const key = await setup.folder.write("secrets.key", `${"A".repeat(43)}=\n`);
    await chmod(key, 0o640);
    await chmod(await setup.folder.write("selftest.config", ""), 0o644);
    const ended = await setup.run(
      (config) => `${config}\n[secret_store]\nfile = none.secrets\nkey_file = secrets.key\n`,
    );
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "!").filter((one) => one.startsWith("Configuration: "));
    expect(line).toMatch(
      /selftest\.config holds secrets in clear \(resilient\/api_key_secret, .*: chmod 600 /,
    );
    expect(line).toMatch(/secrets\.key holds the key that opens the secrets, and its group .*: chmod 600 /);
  });

  test("values that are read otherwise than they are meant, and how many terms are masked", async () => {
    await using setup = await setUp();
    const ended = await setup.run(
      (config) => `${config}redact_terms = "Falcon, Inc."; Condor\n  terms.txt\nauto_submission = Enable\n`,
    );
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "!").filter((one) => one.startsWith("Configuration: "));
    expect(line).toContain("redact_terms in force: 3 in [trustar_account_1]");
    expect(line).toContain(
      'auto_submission is "Enable", so nothing is sent by itself; write auto_submission = enable',
    );
    expect(line).toContain("a term that looks like a file's name");
    expect(line).not.toMatch(/Falcon|Condor/);
  });

  test("no file", async () => {
    await using folder = await tempFolder();
    const ended = await runProgram(["selftest"], { HOME: folder.path });
    expect(ended.code).toBe(2);
    expect(onlyBroken(ended, "Configuration")).toContain("no app.config");
  });

  test("a wrong value", async () => {
    await using setup = await setUp();
    const ended = await setup.run(replace(/^port = \d+\nurl|(\[webserver\]\nport =).*/m, "$1 many"));
    expect(ended.code).toBe(2);
    expect(onlyBroken(ended, "Configuration")).toContain("[webserver] port");
  });

  test("several at once: the file is named once", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) =>
      config.replace(/api_key_secret = .*/, "api_key_secret = $NOT_SET").replace(/^org = .*/m, "org ="),
    );
    const line = onlyBroken(ended, "Configuration");
    expect(line).toContain("[resilient] org is missing");
    expect(line).toContain("NOT_SET isn't set");
    expect(line.split("selftest.config")).toHaveLength(2);
  });

  test("the key file of the secrets is gone", async () => {
    await using setup = await setUp();
    await setup.folder.write("a.secrets", "{}");
    const ended = await setup.run((config) =>
      `${config}\n[secret_store]\nfile = a.secrets\nkey_file = gone.key\n`.replace(
        /api_key_secret = .*/,
        "api_key_secret = ^soar_secret",
      ),
    );
    expect(ended.code).toBe(2);
    const line = onlyBroken(ended, "Secrets");
    expect(line).toContain("gone.key can't be read (ENOENT)");
    expect(line).toContain("→ correct file and key_file (or key) in [secret_store]");
  });

  test("cafile names no file", async () => {
    await using setup = await setUp();
    const ended = await setup.run(replace(/^cafile = .*/m, "cafile = /nowhere/ca.pem"));
    expect(ended.code).toBe(22);
    expect(onlyBroken(ended, "Configuration")).toContain("cafile");
  });

  test("secrets of a proxy that is switched off, and of other integrations, are not needed", async () => {
    await using setup = await setUp();
    await setup.folder.write("key", "k".repeat(64));
    const ended = await setup.run((config) =>
      `${config}\n[secret_store]\nfile = none.secrets\nkey_file = key\n[fn_other]\npassword = ^other\n`.replace(
        "[trustar]\n",
        "[trustar]\nproxy = false\nproxy_username = ^proxy_user\nproxy_password = ^proxy_word\n",
      ),
    );
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "✓").filter((one) => one.startsWith("Secrets: "));
    expect(line).toContain("6 in clear");
    expect(line).toContain("not used: trustar/proxy_password");
  });

  test("certificates that are not checked are told in the same words, for Resilient and its broker", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) =>
      config.replace(/^cafile = .*/m, "cafile = false").replace(/^stomp_cafile = .*/m, ""),
    );
    expect(ended.code).toBe(0);
    const told = lines(ended, "!").filter((one) => /cafile/.test(one));
    expect(told.map((one) => one.split(": ", 1)[0])).toEqual([
      "Configuration",
      "TLS to Resilient",
      "TLS to the message broker",
    ]);
    expect(told[0]).toContain(
      "[resilient] cafile is false: the certificate of Resilient and of its message broker",
    );
    for (const line of told.slice(1)) {
      expect(line).toContain("it is not checked, as the configuration says → name the file");
      expect(line).toContain("cafile in [resilient]");
    }
  });

  test.each(["host", "stomp_host"])("a log-in in %s is not repeated", async (key) => {
    await using setup = await setUp();
    const ended = await setup.run(
      replace(new RegExp(`^${key} = .*`, "m"), `${key} = https://bob:Pa55-w0rd@soar.example.com`),
    );
    expect(ended.code).toBe(2);
    const line = onlyBroken(ended, "Configuration");
    expect(line).toContain(`[resilient] ${key} must be a host name alone`);
    expect(line).toContain("api_key_id and api_key_secret");
    expect(ended.stdout + ended.stderr).not.toMatch(/bob|Pa55/);
  });

  test("a secret that nobody has stored; what needs none is tried", async () => {
    await using setup = await setUp();
    await setup.folder.write("key", "k".repeat(64));
    const ended = await setup.run((config) =>
      `${config}\n[secret_store]\nfile = none.secrets\nkey_file = key\n`.replace(
        /api_key_secret = .*/,
        "api_key_secret = ^soar_secret",
      ),
    );
    expect(ended.code).toBe(2);
    const line = onlyBroken(ended, "Secrets");
    expect(line).toContain("resilient/api_key_secret (^soar_secret)");
    expect(line).toContain("trustar-resilient keyring");
    expect(lines(ended, "✓").join("\n")).toContain("TLS to Resilient");
    expect(lines(ended, "-").join("\n")).toContain("Log-in to Resilient");
  });
});

describe("a broken link to Resilient", () => {
  test("nobody there", async () => {
    await using setup = await setUp();
    const port = await freePort();
    const ended = await setup.run(replace(/^port = \d+/m, `port = ${port}`));
    expect(ended.code).toBe(20);
    const line = onlyBroken(ended, "TLS to Resilient");
    expect(line).toContain(`localhost:${port}`);
    expect(line).toContain("host and port in [resilient]");
    expect(lines(ended, "✓").join("\n")).toContain("TruSTAR token [trustar_account_1]"); // goes on
  });

  test("a certificate of an authority that is not trusted", async () => {
    await using setup = await setUp();
    const other = await setup.folder.write("other.pem", (await createAuthority("Another CA")).ca);
    const ended = await setup.run(replace(/^cafile = .*/m, `cafile = ${other}`));
    expect(ended.code).toBe(23);
    const line = onlyBroken(ended, "TLS to Resilient");
    expect(line).toMatch(/signed by ".+".*not trusted/);
    expect(line).toContain("cafile in [resilient]");
  });

  test("a wrong API key", async () => {
    await using setup = await setUp();
    const ended = await setup.run(replace(/api_key_secret = .*/, "api_key_secret = wrong"));
    expect(ended.code).toBe(21);
    expect(onlyBroken(ended, "Log-in to Resilient")).toContain(
      "api_key_id and api_key_secret in [resilient]",
    );
  });

  test("a wrong password", async () => {
    await using setup = await setUp();
    const ended = await setup.run(
      replace(/api_key_id = .*\napi_key_secret = .*/, "email = analyst@example.com\npassword = wrong"),
    );
    expect(ended.code).toBe(25);
    expect(onlyBroken(ended, "Log-in to Resilient")).toContain("email and password in [resilient]");
  });

  test("another organization", async () => {
    await using setup = await setUp();
    const ended = await setup.run(replace(/org = .*/, "org = Nobody"));
    expect(ended.code).toBe(24);
    const line = onlyBroken(ended, "Organization");
    expect(line).toContain("Test Organization"); // what it could be
    expect(line).toContain("org in [resilient]");
  });

  test.each([
    ["read_function", "Functions: Read"],
    ["read_all_incidents", "Incidents: Read"],
  ] as const)("a permission less: %s", async (permission, told) => {
    await using setup = await setUp();
    setup.soar.resilient.revoke(permission);
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Permissions");
    expect(line).toContain(told);
    expect(line).toContain("API Keys");
  });

  test("not on the message destination", async () => {
    await using setup = await setUp();
    setup.soar.resilient.world.destinations[0]!.api_keys.length = 0;
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "Message destination")).toContain("customize adds it");
  });

  test("a function and a rule are missing", async () => {
    await using setup = await setUp();
    const { functions, rules } = setup.soar.resilient.world;
    functions.splice(0, 1);
    rules.splice(0, 1);
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const broken = lines(ended, "✗");
    expect(broken).toEqual([
      expect.stringMatching(/^Functions: missing: submit_report_to_trustar → .*customize/),
      // It refers to the function that was there.
      expect.stringMatching(/^Workflows: .* Submit\/Update Report to TruSTAR \(functions\) → .*customize/),
      expect.stringMatching(/^Rules: missing: CaseCreated → .*customize/),
    ]);
  });
});

describe("a broken link to the message broker", () => {
  test("nobody there", async () => {
    await using setup = await setUp();
    const port = await freePort();
    const ended = await setup.run(replace(/stomp_port = \d+/, `stomp_port = ${port}`));
    expect(ended.code).toBe(30);
    expect(onlyBroken(ended, "TLS to the message broker")).toContain("stomp_port in [resilient]");
  });

  test("it refuses the log-in", async () => {
    await using setup = await setUp({}, { passcode: "something else" });
    const ended = await setup.run();
    expect(ended.code).toBe(31);
    expect(lines(ended, "✗")).toEqual([
      expect.stringMatching(/^Subscription: .*api_key_id and api_key_secret/),
    ]);
  });

  test("it refuses the subscription", async () => {
    await using setup = await setUp({}, { read: ["actions.201.another"] });
    const ended = await setup.run();
    expect(ended.code).toBe(32);
    expect(lines(ended, "✗")).toEqual([expect.stringMatching(/^Subscription: .*actions.201.trustar/)]);
  });
});

describe("a broken link to TruSTAR", () => {
  test("a wrong secret in one account; the other is tried", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => {
      const at = config.indexOf("[trustar_account_1]");
      return (
        config.slice(0, at) + config.slice(at).replace(/user_api_secret = .*/, "user_api_secret = wrong")
      );
    });
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "TruSTAR token [trustar_account_1]")).toContain(
      "user_api_secret in [trustar_account_1]",
    );
    expect(lines(ended, "✓").join("\n")).toContain("TruSTAR quota [trustar_threat_source]");
  });

  test("a certificate of an inspecting proxy that is not trusted", async () => {
    const authority = await createAuthority("Zealous Proxy");
    await using setup = await setUp({ tls: await authority.issue("localhost", ["127.0.0.1"]) });
    const ended = await setup.run();
    expect(ended.code).toBe(23);
    const line = onlyBroken(ended, "TLS to TruSTAR");
    expect(line).toContain('signed by "Zealous Proxy"');
    expect(line).toContain("an inspecting proxy made this certificate");
  });

  test("enclaves that may not be read, written, or do not exist", async () => {
    await using setup = await setUp();
    const idOf = (name: string): string => setup.trustar.enclaves.find((one) => one.name === name)!.id;
    const ended = await setup.run((config) =>
      config
        .replace(/enclave_ids_for_submission = .*/, `enclave_ids_for_submission = ${idOf("Open feed")}`)
        .replace(
          "[trustar_threat_source]\n",
          `[trustar_threat_source]\nenclave_ids_for_search = ${idOf("Unsubscribed feed")}, 00000000-aaaa\n`,
        ),
    );
    expect(ended.code).toBe(1);
    const broken = lines(ended, "✗");
    expect(broken).toEqual([
      expect.stringMatching(
        /^TruSTAR enclaves \[trustar_threat_source\]: .*may not read enclave .*Unsubscribed feed/,
      ),
      expect.stringMatching(
        /^TruSTAR enclaves \[trustar_account_1\]: .*may not submit to enclave .*Open feed/,
      ),
    ]);
    expect(broken[0]).toContain("does not see enclave 00000000-aaaa");
    expect(broken[0]).toContain("→ correct the enclave ids in [trustar_threat_source]");
  });

  test("no quota left", async () => {
    await using setup = await setUp();
    const body = [{ maxRequests: 300, usedRequests: 300, nextResetTime: Date.now() + 3_600_000 }];
    setup.trustar.faults.add({ kind: "wrong-shape", endpoint: "/request-quotas", body });
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const broken = lines(ended, "✗");
    expect(broken).toHaveLength(2); // of either account
    expect(broken[0]).toMatch(/^TruSTAR quota \[trustar_threat_source\]: 0 of 300 calls left until .* → /);
  });
});

describe("a proxy", () => {
  const withProxy = (port: number, password: string) =>
    replace(
      "[trustar]\n",
      `[trustar]\nproxy = true\nproxy_url = 127.0.0.1:${port}\nsecure_proxy = true\nproxy_username = soc\n` +
        `proxy_password = ${password}\n`,
    );

  /** TruSTAR under a name that only the proxy knows. */
  const behindProxy = (port: number) => (config: string) =>
    withProxy(port, "pr0xy-word")(config).replace(/https:\/\/127\.0\.0\.1/g, "https://trustar.test");

  test("lets us through, and makes a certificate of its own", async () => {
    const authority = await createAuthority("Zealous Proxy");
    await using proxy = await startHttpProxy({
      login: "soc:pr0xy-word",
      hosts: ["trustar.test"],
      inspect: { authority, names: ["trustar.test"] },
    });
    await using setup = await setUp();
    const ca = await setup.folder.write("proxy.pem", authority.ca);
    const ended = await setup.run((config) =>
      behindProxy(proxy.port)(config).replace("[trustar]\n", `[trustar]\ncafile = ${ca}\n`),
    );
    expect(lines(ended, "✗")).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      /^✓ Proxy to TruSTAR: 127\.0\.0\.1:\d+ \(\[trustar\] proxy_url\), with log-in, lets us through/m,
    );
    expect(ended.stdout).toMatch(/^✓ TLS to TruSTAR: .*signed by "Zealous Proxy".*an inspecting proxy made/m);
    expect(ended.stdout).not.toContain("pr0xy-word");
  });

  test("with its own authority unknown to us", async () => {
    const authority = await createAuthority("Zealous Proxy");
    await using proxy = await startHttpProxy({
      hosts: ["trustar.test"],
      inspect: { authority, names: ["trustar.test"] },
    });
    await using setup = await setUp();
    const ended = await setup.run(behindProxy(proxy.port));
    expect(ended.code).toBe(23);
    const line = onlyBroken(ended, "TLS to TruSTAR");
    expect(line).toContain('signed by "Zealous Proxy"');
    expect(line).toContain("cafile in [trustar]");
  });

  test("does not take the password", async () => {
    await using proxy = await startHttpProxy({ login: "soc:pr0xy-word" });
    await using setup = await setUp();
    const ended = await setup.run(withProxy(proxy.port, "wr0ng-word"));
    expect(ended.code).toBe(20);
    const line = onlyBroken(ended, "Proxy to TruSTAR");
    expect(line).toMatch(/→ correct .*proxy_username and proxy_password in \[trustar\]$/);
    expect(ended.stdout).not.toContain("wr0ng-word");
    expect(lines(ended, "-").join("\n")).toContain("TruSTAR token [trustar_account_1]");
    expect(lines(ended, "✓").join("\n")).toContain("Subscription"); // Resilient is not behind it
  });

  test("does not let us through to that server", async () => {
    await using proxy = await startHttpProxy({ hosts: ["nobody.test"] });
    await using setup = await setUp();
    const ended = await setup.run((config) =>
      withProxy(
        proxy.port,
        "pr0xy-word",
      )(config).replace(/https:\/\/127\.0\.0\.1/g, "https://trustar.invalid"),
    );
    expect(ended.code).toBe(20);
    expect(onlyBroken(ended, "Proxy to TruSTAR")).not.toContain("→ correct [trustar] proxy_url");
  });

  test("is down", async () => {
    await using setup = await setUp();
    const port = await freePort();
    const ended = await setup.run(withProxy(port, "pr0xy-word"));
    expect(ended.code).toBe(20);
    expect(onlyBroken(ended, "Proxy to TruSTAR")).toContain(`127.0.0.1:${port}`);
  });
});

describe("a worker without an account", () => {
  test("can do nothing, which is no detail", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => config.replace("workspace = Default", "worksapce = Default"));
    expect(ended.code).toBe(2);
    expect(lines(ended, "✗")).toHaveLength(1);
    expect(lines(ended, "✗")[0]).toMatch(
      /^Configuration: .*no workspace.* → give a \[trustar_<name>\] section/,
    );
  });
});

describe("a broken threat service", () => {
  test("another program has the port", async () => {
    await using setup = await setUp();
    const other = createHttpServer((_req, res) => res.end("hello")).listen(setup.port, "127.0.0.1");
    await once(other, "listening");
    expect((other.address() as AddressInfo).port).toBe(setup.port);
    const ended = await setup.run();
    other.close();
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "Threat service")).toContain("another program has this address");
  });

  test("the running server has another urlbase, or speaks another scheme", async () => {
    await using setup = await setUp();
    await using product = await startProduct(setup.configPath, setup.port);
    expect(product.url).not.toBe("");
    const moved = await setup.run((config) =>
      config.replace("[custom_threat_service]", "[custom_threat_service]\nurlbase = /elsewhere"),
    );
    expect(moved.code).toBe(1);
    expect(onlyBroken(moved, "Threat service")).toMatch(/404 → .* another urlbase: restart it/);
    const { key, cert } = await (await createAuthority("Own CA")).issue("localhost", ["127.0.0.1"]);
    const certFile = await setup.folder.write("own.pem", `${key}${cert}`);
    const secured = await setup.run((config) =>
      config.replace("[webserver]", `[webserver]\nsecure = 1\ncertfile = ${certFile}`),
    );
    expect(secured.code).toBe(1);
    expect(onlyBroken(secured, "Threat service")).toMatch(/does not speak https → .* another secure/);
  });

  test("the running server has another password", async () => {
    await using setup = await setUp();
    await using product = await startProduct(setup.configPath, setup.port);
    expect(product.url).not.toBe("");
    const ended = await setup.run(replace("cts-pass-word", "new-cts-pass-word"));
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "Threat service")).toContain("auth_user or auth_password");
  });
});
