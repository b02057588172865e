import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseText, problemsOf } from "./parse-text.js";

const folder = mkdtempSync(join(tmpdir(), "account-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const platform = "[resilient]\nhost = soar.example.com\norg = SOC\napi_key_id = i\napi_key_secret = t\n";
const needed =
  "user_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e-1, e-2\nworkspace = SOC\n";
const context = { path: join(folder, "app.config"), home: folder, env: { HIDDEN: "hunter2" } };
const textOf = (lines: string) => `${platform}[trustar_a]\n${needed}${lines}`;
const parse = (lines: string) => parseText(textOf(lines), context).worker!.accounts[0]!;
const policy = (lines: string) => parse(lines).policy;
const guard = (lines: string) => policy(lines).leakGuard;
const warnings = (lines: string) => parseText(textOf(lines), context).warnings;
const problems = (lines: string) =>
  problemsOf(textOf(lines), context).map((problem) => problem.replace(`${context.path}: `, ""));

it("has defaults for all but the keys, enclaves and workspaces", () => {
  expect(parse("")).toEqual({
    policy: {
      name: "trustar_a",
      workspaces: ["SOC"],
      submissionEnclaveIds: ["e-1", "e-2"],
      queryEnclaveIds: ["e-1", "e-2"],
      autoSubmission: false,
      contentSections: ["summary", "notes", "breach", "artifacts"],
      submitNoteReplies: false,
      excludedIncidentTypes: "",
      tags: [],
      leakGuard: {
        redactTerms: [],
        maskPrivateAddresses: false,
        ownDomains: [],
        redactWithTrustar: false,
        maxTlp: "AMBER",
        tlpField: undefined,
      },
      maxCorrelated: 100,
    },
    url: "https://api.trustar.co",
    stationUrl: "https://station.trustar.co",
    apiKey: expect.anything(),
    apiSecret: expect.anything(),
    callsPerMinute: 60,
    timeoutMs: 60_000,
  });
});

describe("auto_submission", () => {
  it.each([
    ["enable", true],
    [" enable ", true],
    ["disable", false],
    ["", false],
  ])("takes %j as %s, in silence", (word, expected) => {
    expect(policy(`auto_submission = ${word}`).autoSubmission).toBe(expected);
    expect(warnings(`auto_submission = ${word}`)).toEqual([]);
  });

  it.each([
    "Enable",
    "ENABLE",
    "enabled",
    "true",
    "yes",
    "on",
    "1",
    '"enable"',
    "Disable",
    "false",
    "sometimes",
  ])("is off for %s, as in the Python app, and says what to write", (word) => {
    expect(policy(`auto_submission = ${word}`).autoSubmission).toBe(false);
    expect(warnings(`auto_submission = ${word}`)).toEqual([
      `[trustar_a] auto_submission is ${JSON.stringify(word)}, so nothing is sent by itself; ` +
        "write auto_submission = enable, or auto_submission = disable",
    ]);
  });

  it("does not show a word from the environment", () => {
    expect(warnings("auto_submission = $HIDDEN")).toEqual([expect.not.stringContaining("hunter2")]);
  });
});

it("takes the sections of the report from either key, in their order, the code's first", () => {
  const sections = (lines: string) => policy(lines).contentSections;
  expect(sections("incident_content_to_submit = Artifacts, summary,artifacts")).toEqual([
    "artifacts",
    "summary",
  ]);
  expect(sections("submit_data_to_trustar = notes")).toEqual(["notes"]);
  expect(sections("incident_content_to_submit = breach\nsubmit_data_to_trustar = notes")).toEqual(["breach"]);
  expect(sections("")).toHaveLength(4);
});

it.each([
  "incident_content_to_submit =",
  "incident_content_to_submit = ,",
  "submit_data_to_trustar =",
  "incident_content_to_submit =\nsubmit_data_to_trustar = notes",
])("sends the headline only with %j", (lines) => {
  expect(policy(lines).contentSections).toEqual([]);
});

it("has a switch for answers to notes", () => {
  expect(policy("submit_note_replies = true").submitNoteReplies).toBe(true);
  expect(policy("submit_note_replies =").submitNoteReplies).toBe(false);
  expect(problems("submit_note_replies = some")).toEqual([
    expect.stringContaining("submit_note_replies must be one of"),
  ]);
});

it("takes lists with commas or on lines", () => {
  expect(policy("incident_types_to_exclude = Denial of Service,Lost PDA / smartphone ,")).toMatchObject({
    excludedIncidentTypes: "Denial of Service,Lost PDA / smartphone ,",
  });
  expect(policy("tag = a, b_1,\n  ü-x")).toMatchObject({ tags: ["a", "b_1", "ü-x"] });
  expect(policy("enclave_ids_for_query = q-1")).toMatchObject({ queryEnclaveIds: ["q-1"] });
});

it("warns of tags that TruSTAR may refuse, and of unknown keys", () => {
  expect(warnings("tag = soc, from resilient")).toEqual([
    expect.stringMatching(/^\[trustar_a\] tag has "from resilient", which TruSTAR may refuse/),
  ]);
  expect(policy("tag = from resilient").tags).toEqual(["from resilient"]);
  expect(warnings("enclave_ids_for_querry = x")).toEqual([
    expect.stringContaining("did you mean enclave_ids_for_query?"),
  ]);
});

describe("the leak guard", () => {
  it("takes its words as a list", () => {
    expect(guard("redact_terms = Project Falcon, Acme\n  Jane Doe").redactTerms).toEqual([
      "Project Falcon",
      "Acme",
      "Jane Doe",
    ]);
  });

  it.each([
    ["quotes", `"Project Falcon", 'Acme' , “Jane Doe”`, ["Project Falcon", "Acme", "Jane Doe"]],
    ["semicolons", "Project Falcon;Acme ; Jane Doe", ["Project Falcon", "Acme", "Jane Doe"]],
    ["lines", "\n  Project Falcon\n  Acme,\n  'Jane Doe'", ["Project Falcon", "Acme", "Jane Doe"]],
    ["separators in quotes", `"Acme, Inc."; Falcon`, ["Acme, Inc.", "Falcon"]],
    ["slashes and dots within", "AC/DC, R&D, acme.example, a\\b", ["AC/DC", "R&D", "acme.example", "a\\b"]],
  ])("takes its words with %s", (_kind, text, terms) => {
    expect(guard(`redact_terms = ${text}`).redactTerms).toEqual(terms);
    expect(warnings(`redact_terms = ${text}`)).toEqual([]);
  });

  describe("with a file", () => {
    const below = join(folder, "below");
    const context = { path: join(below, "app.config"), home: folder };
    const read = (value: string) => {
      const { worker, warnings } = parseText(textOf(`redact_terms = ${value}`), context);
      return { terms: worker!.accounts[0]!.policy.leakGuard.redactTerms, warnings };
    };
    beforeAll(() => {
      mkdirSync(below);
      for (const path of ["words.txt", "below/words.txt", "below/words", "below/a, b.txt", "below/~odd"])
        writeFileSync(join(folder, path), `"Doe, Jane"\n of ${path}\n`);
    });

    it.each([
      ["../words.txt", "words.txt"],
      ["~/words.txt", "words.txt"],
      ["words.txt", "below/words.txt"],
      ["words", "below/words"],
      ["'words.txt'", "below/words.txt"],
      ['"./a, b.txt"', "below/a, b.txt"],
      ["a, b.txt", "below/a, b.txt"],
      ["~odd", "below/~odd"],
    ])("takes %s for a file relative to the app.config", (value, path) => {
      expect(read(value)).toEqual({ terms: ["Doe, Jane", `of ${path}`], warnings: [] });
    });

    it("takes several files, and files among words", () => {
      const terms = ["Doe, Jane", "of words.txt", "of below/words.txt"];
      expect(read("../words.txt;\n  ./words.txt").terms).toEqual(terms);
      expect(read("Falcon, ../words.txt, words.txt")).toEqual({ terms: ["Falcon", ...terms], warnings: [] });
    });

    it.each([
      "/absent",
      "./absent.txt",
      "../absent.txt",
      "..\\absent.txt",
      "~/absent.txt",
      "~absent",
      "C:\\Users\\soc\\terms.txt",
      "d:/terms.txt",
      "\\\\files\\soc\\terms.txt",
      '"C:\\my terms.txt"',
      "./words.txt, ./absent.txt",
    ])("refuses %s, which is a path and not there", (value) => {
      expect(problemsOf(textOf(`redact_terms = ${value}`), context)).toEqual([
        expect.stringMatching(/redact_terms names .*, which can't be read .*ENOENT/),
      ]);
    });

    it.each([
      ["absent.txt", ["absent.txt"]],
      ["lists/absent.csv", ["lists/absent.csv"]],
      ["Falcon, 'absent.txt'", ["Falcon", "absent.txt"]],
      ["Falcon, /finance", ["Falcon", "/finance"]],
    ])("masks %s as words and warns, without showing them", (value, terms) => {
      const outcome = read(value);
      expect(outcome.terms).toEqual(terms);
      expect(outcome.warnings).toEqual([
        expect.stringMatching(/looks like a file's name, but there is no such/),
      ]);
      expect(outcome.warnings.join()).not.toMatch(/absent|finance|Falcon/);
    });

    it("does not take a folder, or what can be no file's name, for a file", () => {
      mkdirSync(join(below, "Falcon"), { recursive: true });
      expect(read("Falcon").terms).toEqual(["Falcon"]);
      expect(read("x".repeat(5_000)).terms).toEqual(["x".repeat(5_000)]);
    });
  });

  it("warns of a list without a term", () => {
    expect(warnings('redact_terms = "", ;')).toEqual([expect.stringContaining("holds no term")]);
  });

  it("takes its words from a file, one a line", () => {
    const terms = "\uFEFFDoe, Jane\r\n\r\n # 7 \nDoe, Jane\nJürgen";
    writeFileSync(join(folder, "terms.txt"), terms);
    const expected = ["Doe, Jane", "# 7", "Jürgen"];
    expect(guard("redact_terms = ./terms.txt").redactTerms).toEqual(expected);
    expect(guard("redact_terms = ~/terms.txt").redactTerms).toEqual(expected);
    expect(guard(`redact_terms = ${folder}/terms.txt`).redactTerms).toEqual(expected);
  });

  it("refuses a file that can't be read, and warns of an empty one, without showing what is in it", () => {
    writeFileSync(join(folder, "latin.txt"), Buffer.from("hunter2 \xe4", "latin1"));
    writeFileSync(join(folder, "empty.txt"), "\n");
    expect(problems("redact_terms = ./absent.txt")).toEqual([
      expect.stringMatching(/^\[trustar_a\] redact_terms names \S*absent\.txt, which can't be read .*ENOENT/),
    ]);
    expect(problems("redact_terms = ./latin.txt")).toEqual([expect.not.stringContaining("hunter2")]);
    expect(warnings("redact_terms = ./empty.txt")).toEqual([expect.stringContaining("holds no term")]);
  });

  it("has switches", () => {
    expect(guard("mask_private_addresses = yes\nredact = TruSTAR")).toMatchObject({
      maskPrivateAddresses: true,
      redactWithTrustar: true,
    });
    expect(guard("own_domains = Corp.Example.com, *.lab.example,.x.example.")).toMatchObject({
      ownDomains: ["corp.example.com", "lab.example", "x.example"],
    });
  });

  it.each([
    ["white", "WHITE"],
    ["CLEAR", "WHITE"],
    ["Green", "GREEN"],
    ["AMBER", "AMBER"],
  ])("takes max_tlp = %s as %s", (word, maxTlp) => {
    expect(guard(`max_tlp = ${word}\ntlp_field = properties.tlp`)).toMatchObject({ maxTlp, tlpField: "tlp" });
    expect(warnings(`max_tlp = ${word}\ntlp_field = tlp`)).toEqual([]);
  });

  it("warns where max_tlp does not do what it says", () => {
    expect(warnings("max_tlp = RED\ntlp_field = tlp")).toEqual([
      expect.stringContaining("TLP:RED never leaves"),
    ]);
    expect(warnings("max_tlp = GREEN")).toEqual([expect.stringContaining("no effect without tlp_field")]);
  });
});

it.each([
  [
    "incident_content_to_submit = summary, tasks",
    /must list some of summary, notes, breach, artifacts; not "/,
  ],
  ["submit_data_to_trustar = summary|notes", /submit_data_to_trustar must list some of/],
  ["enclave_ids_for_query = list of enclave ids", /enclave_ids_for_query still has the template's text/],
  ["enclave_ids_for_query = a b", /enclave_ids_for_query must be enclave ids/],
  ["max_correlated = 0", /max_correlated must be a whole number from 1 to 1000/],
  ["max_correlated = 1001", /max_correlated must be a whole number from 1 to 1000/],
  ["max_tlp = PURPLE", /max_tlp must be one of WHITE, CLEAR, GREEN, AMBER, RED, not "PURPLE"$/],
  ["tlp_field = my field", /tlp_field must be the API name of an incident field/],
  ["own_domains = corp.example, nodots", /own_domains must list domains .* none of these: "nodots"$/],
  ["redact = all", /redact must be one of none, trustar/],
  ["url = trustar url", /url still has the template's text/],
  ["timeout_secs = 301", /timeout_secs must be a whole number of seconds from 1 to 300/],
  [
    "tag = ^gone",
    /tag can't be resolved: the operating system's keyring, the only place that is asked for it, has no entry "gone" for service "trustar_a"/,
  ],
])("refuses %s", (lines, expected) => {
  expect(problems(lines)).toEqual([expect.stringMatching(expected)]);
});

it("never shows a value that came from the environment", () => {
  for (const key of ["incident_content_to_submit", "own_domains", "max_tlp", "redact"]) {
    expect(problems(`${key} = $HIDDEN`)).toEqual([expect.not.stringContaining("hunter2")]);
  }
});

it("explains what the legacy template leaves open in a section that was begun", () => {
  const text =
    `${platform}[trustar_account_n]\nuser_api_key = ^api_key_for_[stanza name (for e.g trustar_account_n)]\n` +
    "user_api_secret = ^api_secret_for_[stanza name (for e.g trustar_account_n)]\n" +
    "enclave_ids_for_submission =\nworkspace = W\n";
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^\[trustar_account_n\] enclave_ids_for_submission is missing; /),
    expect.stringContaining('no entry "api_key_for_[stanza name (for e.g trustar_account_n)]"'),
    expect.stringContaining('no entry "api_secret_for_[stanza name (for e.g trustar_account_n)]"'),
  ]);
});
