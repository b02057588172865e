import { parseText, problemsOf } from "./parse-text.js";

const section = "[custom_threat_service]\n";
const parse = (lines: string) => parseText(section + lines).threatService;
const problems = (lines: string) => problemsOf(section + lines);
const warnings = (lines: string) => parseText(section + lines).warnings;

it("has rc-cts's defaults and ours, with the section or without", () => {
  const defaults = {
    urlBase: "/cts",
    firstRetrySecs: 5,
    laterRetrySecs: 60,
    maxRetries: 60,
    cacheSize: 10_000,
    maxPending: 50_000,
    maxPendingBytes: 64 * 1024 * 1024,
    cacheTtlMs: 600_000,
    missTtlMs: 600_000,
    uploadFile: false,
    maxUploadBytes: 100 * 1024 * 1024,
    credentials: undefined,
    maxWrongLogins: 30,
    answerWithinMs: 1_000,
    batchSize: 100,
    batchWindowMs: 10,
    concurrency: 2,
    stateFile: "/conf/trustar-resilient.state",
  };
  expect(parse("")).toEqual(defaults);
  expect(parseText("").threatService).toEqual(defaults);
  expect(parse("urlbase=/cts\n#first_retry_secs= 5\ncache_ttl =")).toEqual(defaults);
});

it.each([
  ["/cts", "/cts"],
  ["cts", "/cts"],
  ["/cts/", "/cts"],
  ["//a//b/", "/a/b"],
  ["/a-b_c.d~1", "/a-b_c.d~1"],
])("takes urlbase = %s as %s", (written, expected) => {
  expect(parse(`urlbase = ${written}`).urlBase).toBe(expected);
});

it("takes 0 for the retry times as the default, as rc-cts does", () => {
  expect(parse("first_retry_secs = 0\nlater_retry_secs = 0")).toMatchObject({
    firstRetrySecs: 5,
    laterRetrySecs: 60,
  });
  expect(parse("first_retry_secs = 2\nlater_retry_secs = 30")).toMatchObject({
    firstRetrySecs: 2,
    laterRetrySecs: 30,
  });
});

it("lets look-ups without hits live as long as the others, unless told otherwise", () => {
  expect(parse("cache_ttl = 5000").missTtlMs).toBe(5_000);
  expect(parse("cache_ttl = 5000\nmiss_ttl = 1000").missTtlMs).toBe(1_000);
});

it("warns of a cache_ttl that was meant in seconds", () => {
  expect(warnings("cache_ttl = 600")).toEqual([
    expect.stringMatching(/cache_ttl is 600 milliseconds.* 600 seconds would be 600000$/),
  ]);
  expect(warnings("cache_ttl = 1000")).toEqual([]);
});

it.each([
  [["y", "YES", "t", "true", "on", "1"], true],
  [["n", "no", "f", "False", "off", "0"], false],
])("takes upload_file = %s as %s", (words, expected) => {
  expect(words.map((word) => parse(`upload_file = ${word}`).uploadFile)).toEqual(words.map(() => expected));
});

it("takes the state file relative to the app.config, from the home folder, or not at all", () => {
  expect(parse("state_file = var/x").stateFile).toBe("/conf/var/x");
  expect(parse("state_file = ~/x").stateFile).toBe("/home/soc/x");
  expect(parse("state_file = /var/lib/x").stateFile).toBe("/var/lib/x");
  expect(parse("state_file = None").stateFile).toBeUndefined();
});

it("keeps the password's blanks and hides it", () => {
  const { threatService } = parseText(`${section}auth_user = soc\nauth_password = $PW`, {
    env: { PW: " p:w " },
  });
  expect(threatService.credentials?.user).toBe("soc");
  expect(threatService.credentials?.password.reveal()).toBe(" p:w ");
  expect(JSON.stringify(threatService)).not.toContain("p:w");
});

it("names the nearest key when one is unknown, but not those of [DEFAULT]", () => {
  expect(warnings("cache_tll = 5\nmaxretries = 3\nsomething_else = x\n[DEFAULT]\nfoo = bar")).toEqual([
    "[custom_threat_service] cache_tll isn't a key of this section and is ignored; did you mean cache_ttl?",
    "[custom_threat_service] maxretries isn't a key of this section and is ignored; did you mean max_retries?",
    "[custom_threat_service] something_else isn't a key of this section and is ignored",
  ]);
});

it.each([
  ["urlbase = /", /urlbase must be a path such as \/cts/],
  ["urlbase = /health", /urlbase must be a path .* other than \/ and \/health, \/ready, \/metrics/],
  ["urlbase=/cts (SHOULD NOT CHANGE)", /urlbase must be a path .* not "\/cts \(SHOULD NOT CHANGE\)"$/],
  ["urlbase = /a/../b", /urlbase must be a path/],
  ["urlbase = http://x/cts", /urlbase must be a path/],
  [
    "first_retry_secs = soon",
    /first_retry_secs must be a whole number of seconds from 0 to 3600, not "soon"$/,
  ],
  ["max_retries = -1", /max_retries must be a whole number from 0 to 100000/],
  ["cache_size = 0", /cache_size must be a whole number from 1 to 10000000/],
  ["cache_ttl = 0", /cache_ttl must be a whole number of milliseconds from 1 to 31536000000, not "0"$/],
  ["cache_ttl = 1e5", /cache_ttl must be a whole number/],
  ["upload_file = maybe", /upload_file must be one of .*yes, no, true, false.* not "maybe"$/],
  ["max_pending_mb = 7", /max_pending_mb must be a whole number of megabytes from 8 to 65536/],
  ["max_pending = 99", /max_pending must be a whole number from 100 to 1000000, not "99"$/],
  ["batch_size = 101", /batch_size must be a whole number from 1 to 100, not "101"$/],
  ["batch_window_ms = 1001", /batch_window_ms must be a whole number of milliseconds from 0 to 1000/],
  ["concurrency = 17", /concurrency must be a whole number from 1 to 16/],
  ["max_upload_mb = 0", /max_upload_mb must be a whole number of megabytes from 1 to 4096/],
  ["auth_user = x", /auth_password is missing; auth_user is set/],
  ["auth_password = x", /auth_user is missing; auth_password is set/],
  ["auth_user = a:b\nauth_password = x", /auth_user must not contain ":"/],
  [
    "auth_user = x\nauth_password = $GONE",
    /auth_password can't be resolved: environment variable GONE isn't set/,
  ],
])("refuses %s", (lines, expected) => {
  expect(problems(lines)).toEqual([expect.stringMatching(expected)]);
  expect(problems(lines)[0]).toMatch(/^\[custom_threat_service\] /);
});

it("never shows a value that came from the environment", () => {
  const [problem] = problemsOf(`${section}cache_ttl = $TTL`, { env: { TTL: "hunter2" } });
  expect(problem).toMatch(/not the value that came from the environment or the keyring$/);
  expect(problem).not.toContain("hunter2");
});
