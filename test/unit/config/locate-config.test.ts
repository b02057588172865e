import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateConfig, type ConfigPlaces } from "../../../src/config/locate-config.js";
import { ConfigError } from "../../../src/core/errors.js";

const root = mkdtempSync(join(tmpdir(), "locate-"));
const [cwd, home] = [join(root, "cwd"), join(root, "home")];

function place(...path: readonly string[]): string {
  const file = join(...path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "");
  return file;
}

const locate = (given: Partial<ConfigPlaces> = {}) => locateConfig({ env: {}, cwd, home, ...given });

beforeEach(() => {
  mkdirSync(cwd, { recursive: true });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

it("prefers the named file to APP_CONFIG_FILE, this to ./app.config, and that to the home folder", () => {
  const named = place(root, "named");
  const ofEnv = place(root, "of-env");
  const here = place(cwd, "app.config");
  const ofHome = place(home, ".resilient", "app.config");
  const env = { APP_CONFIG_FILE: ofEnv };
  expect(locate({ explicitPath: named, env })).toBe(named);
  expect(locate({ env })).toBe(ofEnv);
  expect(locate({ env: { APP_CONFIG_FILE: "" } })).toBe(here);
  rmSync(here);
  expect(locate()).toBe(ofHome);
});

it("expands ~ and relative paths", () => {
  const ofHome = place(home, "mine");
  expect(locate({ env: { APP_CONFIG_FILE: "~/mine" } })).toBe(ofHome);
  expect(locate({ explicitPath: "~/mine" })).toBe(ofHome);
  expect(locate({ explicitPath: "../home/mine" })).toBe(ofHome);
});

it("does not fall back when a named file is missing", () => {
  place(cwd, "app.config");
  const absent = join(cwd, "absent");
  expect(() => locate({ explicitPath: "absent" })).toThrow(`there is no file ${absent} (from --config)`);
  expect(() => locate({ env: { APP_CONFIG_FILE: absent } })).toThrow(
    `there is no file ${absent} (from environment variable APP_CONFIG_FILE)`,
  );
});

it("says where it looked and what to do when there is none", () => {
  expect(locate).toThrow(ConfigError);
  expect(locate).toThrow(
    `looked at ${join(cwd, "app.config")} and ${join(home, ".resilient", "app.config")} (APP_CONFIG_FILE isn't set); ` +
      "make one with trustar-resilient config --create",
  );
});
