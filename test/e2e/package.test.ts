import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  readonly version: string;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

interface Packed {
  readonly path: string;
  readonly mode: number;
}

/** What npm would put into the package; the program is built already. */
function packedFiles(): readonly Packed[] {
  const cache = mkdtempSync(join(tmpdir(), "npm-cache-"));
  try {
    const text = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--cache", cache], {
      cwd: root,
      encoding: "utf8",
    });
    const [{ files }] = JSON.parse(text) as [{ files: readonly Packed[] }];
    return files;
  } finally {
    rmSync(cache, { recursive: true });
  }
}

function sources(): readonly string[] {
  return ["src", "routes", "services"].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `dist/${folder}/${path.replace(/\.ts$/, ".js")}`),
  );
}

describe("the npm package", () => {
  it("holds the built program, what it reads, and nothing else", () => {
    const expected = [
      ...sources(),
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "app.config.example",
    ];
    expect(
      packedFiles()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(expected.sort());
  });

  it("has a program that can be run as it is", () => {
    const main = packedFiles().find(({ path }) => path === "dist/src/main.js");
    expect(main && main.mode & 0o111).toBe(0o111);
    expect(readFileSync(`${root}dist/src/main.js`, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("runs nothing of ours when it is installed", () => {
    for (const name of ["preinstall", "install", "postinstall", "prepare", "prepublish"]) {
      expect(Object.keys(manifest.scripts)).not.toContain(name);
    }
    expect(existsSync(`${root}binding.gyp`)).toBe(false);
  });

  it("names exact versions, and its lock holds each of them with its hash", () => {
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
      readonly version: string;
      readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
    };
    expect(lock.version).toBe(manifest.version);
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
    const unhashed = Object.entries(lock.packages).filter(
      ([path, { integrity }]) => path !== "" && !integrity?.startsWith("sha512-"),
    );
    expect(unhashed.map(([path]) => path)).toEqual([]);
  });

  it("has its licence's text, and its version in the changelog", () => {
    expect(manifest.license).toBe("MIT");
    expect(readFileSync(`${root}LICENSE`, "utf8")).toMatch(/^MIT License\n/);
    expect(readFileSync(`${root}CHANGELOG.md`, "utf8")).toContain(`\n## ${manifest.version} `);
  });
});
