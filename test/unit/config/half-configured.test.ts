import { ownLinksOf } from "../../../src/app/stays-inside.js";
import { parseText, problemsOf } from "./parse-text.js";

const platform = "[resilient]\nhost = soar.example.com\norg = SOC\napi_key_id = i\napi_key_secret = t\n";
const account =
  "[trustar_prod]\nuser_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e-1\nworkspace = W\n";
const source = "[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\n";

/** What `resilient-circuits config -u` leaves of the Python app's own template. */
const templateHead = `
[trustar]
queue = trustar
proxy = false
secure_proxy = false
proxy_url =
proxy_username = ^proxy_username_for_trustar
proxy_password = ^proxy_password_for_trustar
`;
const templateSource = `
[trustar_threat_source]
url = https://api.trustar.co/
user_api_key = ^api_key_for_trustar_threat_source
user_api_secret = ^api_secret_for_trustar_threat_source
enclave_ids_for_search =
`;
const keys = (name: string) =>
  `user_api_key = ^api_key_for_[${name} (for e.g. trustar_account_n)]\n` +
  `user_api_secret = ^api_secret_for_[${name} (for e.g. trustar_account_n)]\n`;
const rest = "auto_submission = disable\nincident_types_to_exclude =\ntag =\n";
/** As the package has it, as its guide prints it, as its README does. */
const templateAccounts: readonly (readonly [string, string])[] = [
  [
    "package",
    `url = https://api.trustar.co/\n${keys("stanza name")}enclave_ids_for_submission =\nenclave_ids_for_query =\n` +
      `incident_content_to_submit = summary,notes,breach,artifacts\nworkspace =  \n${rest}`,
  ],
  [
    "guide",
    `url = trustar url\n${keys("stanza_name")}enclave_ids_for_submission = list of enclave ids\n` +
      "enclave_ids_for_query = list of enclave ids\nsubmit_data_to_trustar = summary,notes,breach,artifacts\n" +
      `workspace = list of workspaces\n${rest}`,
  ],
  [
    "README",
    "url = //<trustar url>\nuser_api_key = //<^api_key_for_[stanza name (for e.g trustar_account_n)]>\n" +
      "user_api_secret = //<Do not change>\nenclave_ids_for_submission = //<list of enclave ids>\n" +
      "auto_submission = //<enable|disable>\nworkspace = //<list of workspaces>\n",
  ],
];

describe.each(templateAccounts)("the account of the template (%s)", (_from, lines) => {
  const section = `[trustar_account_n]\n${lines}`;

  it("beside an account of one's own is passed over, and named", () => {
    const { worker, warnings } = parseText(platform + source + account + section);
    expect(worker?.accounts).toMatchObject([{ policy: { name: "trustar_prod" } }]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^section \[trustar_account_n\] is ignored, because it is as the template has it/,
      ),
    ]);
  });

  it.each([undefined, "server"] as const)(
    "alone keeps the threat service from nothing (--only %s)",
    (only) => {
      const { threatSource, warnings } = parseText(platform + source + templateHead + section, { only });
      expect(threatSource).toBeDefined();
      expect(warnings).toContainEqual(expect.stringContaining("[trustar_account_n]"));
    },
  );

  it.each([
    ["workspace", "Lab"],
    ["enclave_ids_for_submission", "e-2"],
  ])("with %s filled in is an account, which has to be right", (key, value) => {
    const begun = section.replace(new RegExp(`^${key} =.*$`, "m"), `${key} = ${value}`);
    expect(problemsOf(platform + account + begun).join("\n")).toMatch(/\[trustar_account_n\] user_api_key /);
    expect(problemsOf(platform + source + begun, { only: "server" })).toEqual([]);
  });
});

describe("a half that does not run", () => {
  const faulty =
    platform.replace("org = SOC\n", "num_workers = x\n") +
    account.replace("user_api_key = k", "user_api_key = ^gone");

  it("is one warning with everything that is wrong with it", () => {
    const { threatSource, warnings } = parseText(faulty + source, { only: "server" });
    expect(threatSource?.apiKey.reveal()).toBe("k");
    expect(warnings).toEqual([
      expect.stringMatching(
        /^the worker could not start with this file, and --only server goes on without it: .*\[trustar_prod\] user_api_key .*; \[resilient\] org .*; \[resilient\] num_workers /,
      ),
    ]);
  });

  it.each([undefined, "worker"] as const)("is a problem where it runs (--only %s)", (only) => {
    expect(problemsOf(faulty + source, { only })).toHaveLength(3);
  });

  it("the threat service, web server and template source included, keeps no worker from starting", () => {
    const web =
      "[webserver]\nserver = Host IP of server where\nport = x\n[custom_threat_service]\ncache_ttl = y\n";
    const text = platform + account + templateSource + web;
    const { worker, threatSource, warnings } = parseText(text, { only: "worker" });
    expect(worker?.accounts).toHaveLength(1);
    expect(threatSource).toBeUndefined();
    expect(warnings.join("\n")).toMatch(
      /\[webserver\] port [\s\S]*cache_ttl [\s\S]*user_api_key can't be resolved/,
    );
    for (const only of [undefined, "server"] as const)
      expect(problemsOf(text, { only }).length).toBeGreaterThanOrEqual(5);
  });

  it("[webserver] counts for a worker that tells of its health there", () => {
    const text = `${platform}${account}[trustar]\nhealth_port = 9001\n[webserver]\nserver = /\n`;
    expect(problemsOf(text, { only: "worker" })).toEqual([expect.stringMatching(/^\[webserver\] server /)]);
  });

  it("what both need stays a problem", () => {
    const proxy = "[trustar]\nproxy = true\n";
    for (const only of ["server", "worker"] as const)
      expect(problemsOf(platform + account + source + proxy, { only })).toEqual([
        expect.stringMatching(/^\[trustar\] proxy_url is missing/),
      ]);
    const env = { https_proxy: "ftp://h" };
    for (const only of ["server", "worker"] as const)
      expect(problemsOf(platform + account + source, { only, env })).toEqual([
        expect.stringMatching(/^environment variable https_proxy /),
      ]);
  });

  it("a threat source that can't be asked still keeps inside what it lists, and knows its own addresses", () => {
    const text = `${platform}${account}${templateSource}never_lookup = corp.example\nstation_url = https://st.example\n`;
    const config = parseText(text, { only: "worker" });
    expect(config.idleThreatSource?.neverLookup).toEqual(["corp.example"]);
    expect(ownLinksOf(config).has("https://st.example/x")).toBe(true);
    expect(problemsOf(text.replace("corp.example", "no form"), { only: "worker" })).toEqual([
      expect.stringMatching(/^\[trustar_threat_source\] never_lookup must list/),
    ]);
  });
});

it("keys of an account and of the threat source that were put into [trustar] are named with their place", () => {
  const stray =
    "workspace = W\nuser_api_key = ^gone\nenclave_ids_for_query = e\nnever_lookup = corp.example\nodd = 1\n";
  const { warnings } = parseText(`${platform}${account}[trustar]\nqueue = q\n${stray}`);
  expect(warnings).toEqual([
    "[trustar] workspace belongs into [trustar_<name>], the section of an account; here it is ignored",
    "[trustar] user_api_key belongs into [trustar_<name>], the section of an account; here it is ignored",
    "[trustar] enclave_ids_for_query belongs into [trustar_<name>], the section of an account; here it is ignored",
    "[trustar] never_lookup belongs into [trustar_threat_source]; here it is ignored",
  ]);
});
