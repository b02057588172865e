/** What README says about running as a service is taken from README and held against the program. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { freePort, startProduct, tempFolder } from "../support/product.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");
const dockerfile = readFileSync(`${root}Dockerfile`, "utf8");
const program = join(root, "dist", "src", "main.js");
const source =
  "[trustar_threat_source]\nuser_api_key = $TRUSTAR_API_KEY\nuser_api_secret = $TRUSTAR_API_SECRET\n";

function block(language: string, sign: string): string {
  const found = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, text = ""]) => text,
  );
  return found.find((text) => text.includes(sign)) ?? `no block with ${sign}`;
}

const unit = block("ini", "[Unit]");

describe("the systemd unit", () => {
  it("is understood by systemd without a remark", async () => {
    await using folder = await tempFolder();
    // The program is installed nowhere here; everything else is as it stands in README.
    const text = unit.replace("/usr/bin/trustar-resilient", process.execPath);
    const path = await folder.write("trustar-resilient.service", text);
    // Unknown keys are warnings on the error stream, and no failure.
    // It speaks of this machine's other units, too.
    if (existsSync("/usr/bin/systemd-analyze")) {
      const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
      const remarks = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("trustar-resilient"));
      expect(remarks).toEqual([]);
    }
    const entries = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(entries.filter((line) => !/^(?:\[\w+\]|[A-Z]\w+=.*)$/.test(line))).toEqual([]);
  });

  it("starts the program on a configuration whose state it may write, and leaves mistakes alone", () => {
    expect(unit).toContain("ExecStart=/usr/bin/trustar-resilient run\n");
    expect(unit).toContain("RestartPreventExitStatus=2\n");
    const folder = /^StateDirectory=(.*)$/m.exec(unit)?.[1] ?? "";
    expect(readme).toContain(`state_file = /var/lib/${folder}/`);
    // V8 needs memory that it may write and then run.
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
  });
});

describe("Compose and Kubernetes", () => {
  interface Compose {
    readonly services: Readonly<
      Record<string, { environment: Record<string, string>; secrets: string[]; volumes: string[] }>
    >;
    readonly secrets: Readonly<Record<string, { file: string }>>;
    readonly volumes: object;
  }

  it("the Compose file mounts what the image and the secrets need", () => {
    const compose = parse(block("yaml", "services:")) as Compose;
    const service = compose.services["trustar-resilient"]!;
    expect(Object.keys(compose.secrets).sort()).toEqual([...service.secrets].sort());
    for (const [name, path] of Object.entries(service.environment)) {
      expect(name).toMatch(/^TRUSTAR_API_(KEY|SECRET)_FILE$/);
      expect(service.secrets).toContain(path.replace("/run/secrets/", ""));
    }
    expect(dockerfile).toContain("APP_CONFIG_FILE=/config/app.config");
    expect(service.volumes).toEqual(["./app.config:/config/app.config:ro", "state:/state"]);
  });

  interface Probe {
    readonly httpGet: { readonly path: string; readonly port: string };
  }
  interface Deployment {
    readonly spec: {
      readonly replicas: number;
      readonly template: {
        readonly spec: {
          readonly containers: readonly (Readonly<
            Record<"startupProbe" | "livenessProbe" | "readinessProbe", Probe>
          > & {
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
            readonly env: readonly { readonly name: string; readonly value: string }[];
            readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          })[];
          readonly volumes: readonly { readonly name: string }[];
        };
      };
    };
  }

  it("the Deployment probes what the program answers, with secrets from files", async () => {
    const { spec } = parse(block("yaml", "kind: Deployment")) as Deployment;
    const { containers, volumes } = spec.template.spec;
    const [container] = containers;
    expect(spec.replicas).toBe(1);
    expect(container!.ports).toEqual([{ name: "http", containerPort: 9000 }]);
    expect(container!.volumeMounts.map(({ name }) => name).sort()).toEqual(
      volumes.map(({ name }) => name).sort(),
    );
    await using folder = await tempFolder();
    const port = await freePort();
    const env: Record<string, string> = {};
    for (const { name, value } of container!.env) {
      expect(value).toMatch(/^\/run\/secrets\/trustar\//);
      env[name] = await folder.write(name, "from a file\n");
    }
    const config = await folder.write(
      "app.config",
      `${source}url = http://127.0.0.1:9\n[webserver]\nport = ${port}\n`,
    );
    await using product = await startProduct(config, port, env);
    for (const probe of [container!.startupProbe, container!.livenessProbe, container!.readinessProbe]) {
      expect(probe.httpGet.port).toBe("http");
      expect((await fetch(product.url + probe.httpGet.path)).status).toBe(200);
    }
    expect(await product.terminate()).toBe(0);
  });
});

it("log lines carry their level for the journal when the output goes there, and only then", async () => {
  await using folder = await tempFolder();
  const port = await freePort();
  const config = await folder.write(
    "app.config",
    `${source}url = http://127.0.0.1:9\n[webserver]\nport = ${port}\n`,
  );
  const linesWith = async (
    stream: (file: { dev: number; ino: number }) => string,
  ): Promise<readonly string[]> => {
    const file = await folder.write("journal", "");
    const descriptor = openSync(file, "w");
    const env = {
      TRUSTAR_API_KEY: "k",
      TRUSTAR_API_SECRET: "s",
      JOURNAL_STREAM: stream(fstatSync(descriptor)),
    };
    const args = [program, "run", "--config", config, "--only", "server"];
    const child = spawn(process.execPath, args, {
      env,
      cwd: folder.path,
      stdio: ["ignore", descriptor, "inherit"],
    });
    const closed = once(child, "close");
    const text = (): string => readFileSync(file, "utf8");
    while (!text().includes("can't be used yet")) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGTERM");
    await closed;
    return text().trim().split("\n");
  };
  const inJournal = await linesWith(({ dev, ino }) => `${dev}:${ino}`);
  expect(inJournal.find((line) => line.includes("is listening"))).toMatch(/^<6>\{/);
  expect(inJournal.find((line) => line.includes("can't be used yet"))).toMatch(/^<3>\{/);
  const elsewhere = await linesWith(({ dev, ino }) => `${dev}:${ino + 1}`);
  for (const line of elsewhere) expect(line).toMatch(/^\{/);
});
