import { fc } from "../../support/fast-check.js";
import { parseText } from "./parse-text.js";

interface Setting<T> {
  readonly key: string;
  readonly written: string;
  readonly value: T;
}

/** A key that may be absent, with what stands there and what is meant. */
const setting = <T>(key: string, values: fc.Arbitrary<T>, write: (value: T) => string = String) =>
  fc.option(
    values.map((value): Setting<T> => ({ key, written: write(value), value })),
    { nil: undefined },
  );

const text = fc
  .string({
    unit: fc.constantFrom(...Array.from("abcXYZ019 !\"#%&'()*+,-./:;<=>?@[]_`{|}~é🦔")),
    minLength: 1,
    maxLength: 20,
  })
  .map((chars) => chars.trim())
  .filter((chars) => chars !== "" && !/^[#;]/.test(chars));
const whole = (min: number, max: number) => fc.integer({ min, max });
const name = fc
  .string({ unit: fc.constantFrom(...Array.from("abc-_.~09")), minLength: 1, maxLength: 8 })
  .filter((one) => !/^\.+$/.test(one));

const service = fc.record({
  urlBase: setting(
    "urlbase",
    fc
      .array(name, { minLength: 1, maxLength: 3 })
      .map((names) => `/${names.join("/")}`)
      .filter((path) => !/^\/(?:health|ready|metrics)\b/.test(path)),
  ),
  firstRetrySecs: setting("first_retry_secs", whole(1, 3_600)),
  laterRetrySecs: setting("later_retry_secs", whole(1, 86_400)),
  maxRetries: setting("max_retries", whole(0, 100_000)),
  cacheSize: setting("cache_size", whole(1, 10_000_000)),
  cacheTtlMs: setting("cache_ttl", whole(1_000, 31_536_000_000)),
  missTtlMs: setting("miss_ttl", whole(1, 31_536_000_000)),
  uploadFile: setting("upload_file", fc.boolean(), (on) => (on ? "true" : "false")),
  maxUploadBytes: setting(
    "max_upload_mb",
    whole(1, 4_096).map((megabytes) => megabytes * 1024 * 1024),
    (bytes) => String(bytes / 1024 / 1024),
  ),
  maxWrongLogins: setting("max_wrong_logins", whole(0, 100_000)),
  answerWithinMs: setting("answer_within_ms", whole(0, 30_000)),
  maxPending: setting("max_pending", whole(100, 1_000_000)),
  maxPendingBytes: setting(
    "max_pending_mb",
    whole(8, 65_536).map((megabytes) => megabytes * 1024 * 1024),
    (bytes) => String(bytes / 1024 / 1024),
  ),
  batchSize: setting("batch_size", whole(1, 100)),
  batchWindowMs: setting("batch_window_ms", whole(0, 1_000)),
  concurrency: setting("concurrency", whole(1, 16)),
});
const webserver = fc.record({
  port: setting("port", whole(0, 65_535)),
  maxConnections: setting("max_connections", whole(1, 100_000)),
  headersTimeoutMs: setting(
    "headers_timeout_secs",
    whole(1, 3_600).map((secs) => secs * 1_000),
    (ms) => String(ms / 1_000),
  ),
  requestTimeoutMs: setting(
    "request_timeout_secs",
    whole(1, 3_600).map((secs) => secs * 1_000),
    (ms) => String(ms / 1_000),
  ),
});

type Settings = Readonly<Record<string, Setting<unknown> | undefined>>;
const given = (settings: Settings): readonly Setting<unknown>[] =>
  Object.values(settings).filter((one) => one !== undefined);
const valuesOf = (settings: Settings): object =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([field, one]) => (one === undefined ? [] : [[field, one.value]])),
  );

/** In any order, with any blanks around the sign, either sign, remarks and empty lines in between. */
function layout(settings: readonly Setting<unknown>[], how: Layout): string {
  const lines = settings.map(
    ({ key, written }) => `${how.isLoud ? key.toUpperCase() : key}${how.sign}${written}`,
  );
  return (how.isReversed ? lines.toReversed() : lines).join(`\n${how.between}`);
}

const layouts = fc.record({
  sign: fc.constantFrom("=", " = ", ": ", "  :  ", "=\t"),
  between: fc.constantFrom("", "\n", "# remark\n", "; k = v\n\n"),
  isReversed: fc.boolean(),
  isLoud: fc.boolean(),
});
type Layout = typeof layouts extends fc.Arbitrary<infer L> ? L : never;

it("what is written is what is meant, in any layout, and what is not written has its default", () => {
  const defaults = parseText("");
  fc.assert(
    fc.property(service, webserver, layouts, (services, servers, how) => {
      const written = `[custom_threat_service]\n${layout(given(services), how)}\n[webserver]\n${layout(given(servers), how)}\n`;
      const config = parseText(written);
      const cacheTtl = services.cacheTtlMs === undefined ? {} : { missTtlMs: services.cacheTtlMs.value };
      expect(config.threatService).toEqual({ ...defaults.threatService, ...cacheTtl, ...valuesOf(services) });
      expect(config.webserver).toEqual({ ...defaults.webserver, ...valuesOf(servers) });
      expect(config.warnings).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("a secret is the same in the file, in the environment and in the keyring, and is in no text of the configuration", () => {
  const plain = text.filter((one) => !/[$^]/.test(one));
  fc.assert(
    fc.property(plain, plain, (user, password) => {
      const user_ = user.replaceAll(":", "");
      fc.pre(user_.trim() !== "" && !/^[#;]/.test(user_.trim()));
      const section = (secret: string) =>
        `[custom_threat_service]\nauth_user = ${user_}\nauth_password = ${secret}\n`;
      const read = [
        parseText(section(password)),
        parseText(section("$SECRET"), { env: { SECRET: password } }),
        parseText(section("^secret"), { keyring: { custom_threat_service: { secret: password } } }),
      ];
      for (const { threatService } of read) {
        expect(threatService.credentials?.user).toBe(user_.trim());
        expect(threatService.credentials?.password.reveal()).toBe(password);
        expect(JSON.stringify(threatService.credentials?.password)).toBe('"[secret]"');
      }
    }),
    { numRuns: 300 },
  );
});
